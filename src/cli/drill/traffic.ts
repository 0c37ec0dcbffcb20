import { setTimeout as sleep } from 'node:timers/promises'
import type { FailoverTimeline, SentinelRedis } from '../../index.js'
import { Ledger, type LedgerEntry, type ReadEntry, ReadProbe } from '../../testkit/index.js'
import { preciseNow } from '../../time-origin.js'
import { openClient, type Target } from '../target.js'
import { LedgerKey } from './ledger-key.js'
import { DrillError } from './problem.js'

export interface TrafficOptions {
  readonly target: Target
  /** A second. */
  readonly writeRate: number
  /** A second; 0 for none. */
  readonly readRate: number
  readonly keyPrefix: string
  readonly ttlMs: number
}

const RENEW_EVERY_MS = 5_000

/** A writer and a reader, each a client of its own, and what became of their calls. */
export class Traffic {
  readonly key: LedgerKey
  /** What the writer reported, as it came. */
  readonly timelines: FailoverTimeline[] = []
  readonly writer: SentinelRedis
  readonly #reader: SentinelRedis
  readonly #options: TrafficOptions
  #ledger: Ledger | undefined
  #probe: ReadProbe | undefined
  #renewal: NodeJS.Timeout | undefined
  #onSettled: () => void = () => undefined
  #lastAck: LedgerEntry | undefined
  #lastRead: ReadEntry | undefined

  constructor(options: TrafficOptions) {
    this.#options = options
    this.key = new LedgerKey(options.keyPrefix, `${process.pid.toString(36)}${Date.now().toString(36)}`, options.ttlMs)
    this.writer = openClient(options.target, 'ioredis-sentinel-drill-writer')
    this.#reader = openClient(options.target, 'ioredis-sentinel-drill-reader')
    this.writer.on('failover', (timeline) => {
      this.timelines.push(timeline)
      // A new primary that never had the list has one without an expiry now.
      if (this.#renewal !== undefined) void this.key.renew(this.writer).catch(() => undefined)
    })
  }

  /** @throws DrillError when no primary is found, or when the keys cannot be written. */
  async connect(): Promise<void> {
    const { timeoutMs } = this.#options.target
    try {
      await Promise.all([this.writer.connect(), this.#reader.connect()])
    } catch (error) {
      throw new DrillError('not-begun', (error as Error).message, { cause: error })
    }
    await this.key.tryOut(this.writer.with({ deadlineMs: timeoutMs }), this.#reader.with({ deadlineMs: timeoutMs }))
  }

  start(): void {
    const { writeRate, readRate } = this.#options
    this.#ledger = new Ledger({
      everyMs: 1_000 / writeRate,
      write: (id) => this.key.add(this.writer, id),
      onSettled: (entry) => {
        if (entry.outcome !== 'acked') return
        if (this.#lastAck === undefined) this.#keepAlive()
        this.#lastAck = entry
        this.#onSettled()
      }
    })
    if (readRate === 0) return
    this.#probe = new ReadProbe({
      everyMs: 1_000 / readRate,
      read: () => this.key.newest(this.#reader),
      onSettled: (entry) => {
        if (entry.outcome !== 'ok') return
        this.#lastRead = entry
        this.#onSettled()
      }
    })
  }

  get writes(): readonly LedgerEntry[] {
    return this.#ledger?.entries ?? []
  }

  get reads(): readonly ReadEntry[] {
    return this.#probe?.entries ?? []
  }

  /** How many calls have not been answered yet. */
  get outstanding(): number {
    return (this.#ledger?.outstanding ?? 0) + (this.#probe?.outstanding ?? 0)
  }

  /** Resolves when a write and a read have been answered that were made after this call. @throws DrillError after `withinMs`; AbortError. */
  async flows(withinMs: number, signal: AbortSignal): Promise<void> {
    const since = preciseNow()
    const isSince = (call: { readonly issuedAt: number } | undefined): boolean =>
      call !== undefined && call.issuedAt >= since
    const over = new AbortController()
    const callOff = (): void => {
      over.abort(signal.reason)
    }
    if (signal.aborted) callOff()
    else signal.addEventListener('abort', callOff)
    const flowing = new Promise<void>((resolve) => {
      this.#onSettled = () => {
        if (isSince(this.#lastAck) && (this.#probe === undefined || isSince(this.#lastRead))) resolve()
      }
    })
    const limit = sleep(withinMs, 'late' as const, { signal: over.signal })
    try {
      if ((await Promise.race([flowing, limit])) === 'late')
        throw new DrillError('not-done', `writes and reads have not been answered again within ${withinMs} ms`)
    } finally {
      this.#onSettled = () => undefined
      signal.removeEventListener('abort', callOff)
      over.abort()
      limit.catch(() => undefined)
    }
  }

  /** Calls no more, and waits so long for what was called. */
  async stop(limitMs: number): Promise<void> {
    await Promise.all([this.#ledger?.stop(limitMs), this.#probe?.stop(limitMs)])
    clearInterval(this.#renewal)
  }

  /** The ledger's report, with the data when it could be read, and whether it could. */
  async compare(
    withinMs: number
  ): Promise<{ readonly report: ReturnType<Ledger['compare']>; readonly isComplete: boolean }> {
    const ledger = this.#ledger
    if (ledger === undefined) throw new Error('traffic was never started')
    const data = await this.key.all(this.writer.with({ deadlineMs: withinMs })).catch(() => undefined)
    return { report: ledger.compare(data ?? []), isComplete: data !== undefined }
  }

  /** False when what was written could not be removed; it expires. */
  async remove(withinMs: number): Promise<boolean> {
    return this.key.remove(this.writer.with({ deadlineMs: withinMs })).then(
      () => true,
      () => false
    )
  }

  /** Forgets what is still under way when `isHurried`. */
  async close(isHurried: boolean): Promise<void> {
    const clients = [this.writer, this.#reader]
    if (isHurried) for (const client of clients) client.disconnect()
    else await Promise.all(clients.map((client) => client.close()))
  }

  #keepAlive(): void {
    const renew = (): void => void this.key.renew(this.writer).catch(() => undefined)
    renew()
    this.#renewal = setInterval(renew, RENEW_EVERY_MS)
  }
}
