import type { SentinelRedis } from 'ioredis-sentinel'
import type { LedgerReport, LocalTopology, ReadProbeReport } from 'ioredis-sentinel/testkit'
import { Ledger, ReadProbe } from 'ioredis-sentinel/testkit'
import { expect, vi } from 'vitest'

export interface TrafficReport {
  readonly appended: LedgerReport
  readonly sets: LedgerReport
  readonly hashes: LedgerReport
  readonly reads: ReadProbeReport
}

const LIST = 'ledger'
const HASH = 'hash'
/** Far less than what lies between two appends as a rule. */
const TOGETHER_MS = 2

/** Writes and reads at a fixed rate, as in the issue: RPUSH of unique ids (not idempotent), SET and HSET (idempotent), GET. */
export class Traffic {
  readonly #topology: LocalTopology
  readonly #appends: Ledger
  readonly #sets: Ledger
  readonly #hashes: Ledger
  readonly #reads: ReadProbe
  #turn: Promise<void> | undefined

  constructor(client: SentinelRedis, topology: LocalTopology) {
    const inTurn = async (write: () => Promise<unknown>): Promise<unknown> => {
      if (this.#turn !== undefined) await this.#turn
      return write()
    }
    this.#topology = topology
    this.#appends = new Ledger({ write: (id) => inTurn(() => client.rpush(LIST, id)) })
    this.#sets = new Ledger({ write: (id) => inTurn(() => client.set(id, id)), everyMs: 10, prefix: 's' })
    this.#hashes = new Ledger({ write: (id) => inTurn(() => client.hset(HASH, id, id)), everyMs: 10, prefix: 'h' })
    this.#reads = new ReadProbe({ read: () => client.get('constant') })
  }

  /**
   * Does `act` between two writes: none is on the wire when it begins, and none is made until it is over. What is on the wire
   * when a server dies is unknowable, to anybody; this leaves it out of the picture.
   */
  async between(act: () => Promise<void>): Promise<void> {
    let proceed = (): void => undefined
    this.#turn = new Promise((resolve) => {
      proceed = resolve
    })
    const before = new Set(
      [this.#appends, this.#sets, this.#hashes].flatMap((one) => one.entries.map((entry) => entry.id))
    )
    const onTheWire = (): boolean =>
      [this.#appends, this.#sets, this.#hashes].some((one) =>
        one.entries.some((entry) => entry.outcome === 'open' && before.has(entry.id))
      )
    await vi.waitFor(
      () => {
        expect(onTheWire()).toBe(false)
      },
      { timeout: 20_000, interval: 1 }
    )
    await act()
    this.#turn = undefined
    proceed()
  }

  /**
   * Appends of unknown outcome that were made after this moment. Those that fell due while this process stood still, and were made together
   * when it went on, count as one: nobody knew more after the first of them than before it.
   */
  unknownAfter(at: number): number {
    const unknown = this.#appends.entries.filter((entry) => entry.outcome === 'unknown' && entry.issuedAt > at)
    const apart = unknown.filter(({ issuedAt }, index) => {
      const before = unknown[index - 1]
      return before === undefined || issuedAt - before.issuedAt > TOGETHER_MS
    })
    return apart.length
  }

  get acked(): number {
    return this.#appends.entries.filter((entry) => entry.outcome === 'acked').length
  }

  /** Resolves when this many more appends have been acknowledged. */
  async flows(more: number, timeout = 30_000): Promise<void> {
    const until = this.acked + more
    await vi.waitFor(
      () => {
        expect(this.acked).toBeGreaterThanOrEqual(until)
      },
      { timeout, interval: 20 }
    )
  }

  async stop(): Promise<void> {
    await Promise.all([this.#appends, this.#sets, this.#hashes, this.#reads].map((one) => one.stop()))
  }

  /** Held against what the primary has now. */
  async report(): Promise<TrafficReport> {
    const primary = await this.#topology.primary()
    const list = (await primary.command('LRANGE', LIST, '0', '-1')) as string[]
    const keys = (await primary.command('KEYS', 's*')) as string[]
    const fields = (await primary.command('HKEYS', HASH)) as string[]
    return {
      appended: this.#appends.compare(list),
      sets: this.#sets.compare(keys.sort()),
      hashes: this.#hashes.compare(fields.sort()),
      reads: this.#reads.report()
    }
  }
}
