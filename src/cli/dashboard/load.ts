import type { SentinelRedis } from '../../index.js'
import type { Call, Sample } from './messages.js'

/** The one key that the dashboard writes; it is gone a minute after the last write. */
export const LOAD_KEY = 'ioredis-sentinel:dashboard'

const KEEP_S = 60
/** More than so many unanswered, and no more are made: the client's own queue is not to be filled by a picture of it. */
const MOST_OUTSTANDING = 2_000

type Counted = Pick<Sample, 'writes' | 'reads' | 'failed' | 'slowestWriteMs' | 'slowestReadMs'>

/** Writes and reads one key at a fixed rate, and tells how each call went. */
export class Load {
  readonly #client: SentinelRedis
  readonly #onCall: (call: Call) => void
  readonly #perSecond: number
  #timer: NodeJS.Timeout | undefined
  readonly #totals = { written: 0, read: 0, failed: 0 }
  #outstanding = 0
  #since: Call[] = []

  constructor(client: SentinelRedis, perSecond: number, onCall: (call: Call) => void) {
    this.#client = client
    this.#onCall = onCall
    this.#perSecond = perSecond
    if (perSecond > 0) client.once('ready', this.#begin)
  }

  get totals(): { readonly written: number; readonly read: number; readonly failed: number } {
    return this.#totals
  }

  /** What was answered since this was last asked. */
  take(): Counted {
    const calls = this.#since
    this.#since = []
    return count(calls)
  }

  stop(): void {
    this.#client.off('ready', this.#begin)
    clearInterval(this.#timer)
  }

  /** Not before there is a primary: calls that wait for the first one tell nothing of a failover. */
  readonly #begin = (): void => {
    const perMs = this.#perSecond / 1000
    const began = performance.now()
    let made = 0
    // A timer knows whole milliseconds only, and comes late.
    this.#timer = setInterval(
      () => {
        for (const due = (performance.now() - began) * perMs; made < due; made++) this.#both()
      },
      Math.max(1, Math.floor(1 / perMs))
    )
  }

  #both(): void {
    if (this.#outstanding >= MOST_OUTSTANDING) return
    const written = this.#totals.written + 1
    this.#make('write', this.#client.set(LOAD_KEY, written, 'EX', KEEP_S))
    this.#make('read', this.#client.get(LOAD_KEY))
  }

  #make(kind: Call['kind'], answer: Promise<unknown>): void {
    const at = Date.now()
    const began = performance.now()
    this.#outstanding += 1
    const settle = (ok: boolean): void => {
      this.#outstanding -= 1
      const call: Call = { kind, at, tookMs: Math.round((performance.now() - began) * 1000) / 1000, ok }
      this.#totals[ok ? (kind === 'write' ? 'written' : 'read') : 'failed'] += 1
      this.#since.push(call)
      this.#onCall(call)
    }
    answer.then(
      () => settle(true),
      () => settle(false)
    )
  }
}

/** What these calls came to. */
export function count(calls: readonly Call[]): Counted {
  const answered = (kind: Call['kind']): readonly Call[] => calls.filter((call) => call.ok && call.kind === kind)
  const slowest = (some: readonly Call[]): number | null =>
    some.reduce<number | null>((most, { tookMs }) => Math.max(most ?? 0, tookMs), null)
  const writes = answered('write')
  const reads = answered('read')
  return {
    writes: writes.length,
    reads: reads.length,
    failed: calls.filter(({ ok }) => !ok).length,
    slowestWriteMs: slowest(writes),
    slowestReadMs: slowest(reads)
  }
}
