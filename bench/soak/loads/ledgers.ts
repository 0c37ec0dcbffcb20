import type { SentinelRedis } from 'ioredis-sentinel'
import { Ledger, type LedgerEntry } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import type { List, Queue, Written } from '../records.js'
import { until } from '../../until.js'
import { codeOf } from './stepwise.js'

export type LedgerName = `list ${List}` | `jobs ${Queue}` | 'increments' | 'hash'

export interface LedgerSpec {
  readonly everyMs: number
  readonly write: (id: string) => Promise<unknown>
}

/** How long calls may take to settle once no more are made. Well above every deadline of theirs. */
const SETTLE_WITHIN_MS = 90_000

/** Ledgers that are begun anew with each step, so that what they remember is forgotten with it. */
export class Ledgers {
  readonly #specs: ReadonlyMap<LedgerName, LedgerSpec>
  #running = new Map<LedgerName, Ledger>()
  #acks = new Map<LedgerName, number>()

  constructor(specs: Readonly<Record<LedgerName, LedgerSpec>>) {
    this.#specs = new Map(Object.entries(specs) as [LedgerName, LedgerSpec][])
  }

  begin(step: number): void {
    this.#acks = new Map()
    this.#running = new Map(
      [...this.#specs].map(([name, spec]) => [
        name,
        new Ledger({
          ...spec,
          prefix: prefixOf(name, step),
          onSettled: ({ outcome }) => {
            if (outcome === 'acked') this.#acks.set(name, (this.#acks.get(name) ?? 0) + 1)
          }
        })
      ])
    )
  }

  /** Resolves when each has had so many more acks. */
  async flows(acks: number, withinMs: number): Promise<void> {
    const names = [...this.#specs.keys()]
    const wanted = new Map(names.map((name) => [name, (this.#acks.get(name) ?? 0) + acks]))
    const behind = (): string[] => names.filter((name) => (this.#acks.get(name) ?? 0) < (wanted.get(name) ?? 0))
    await until(
      () => `${acks} more acks of ${behind().join(', ')}`,
      withinMs,
      () => behind().length === 0
    )
  }

  /** Makes no more calls, and waits until all have settled. */
  async finish(): Promise<ReadonlyMap<LedgerName, Written>> {
    await Promise.all([...this.#running.values()].map((ledger) => ledger.stop(SETTLE_WITHIN_MS)))
    const written = new Map([...this.#running].map(([name, ledger]) => [name, ledger.entries.map(portable)]))
    this.#running = new Map()
    return written
  }
}

/** An id tells its ledger and its step. */
export function prefixOf(name: LedgerName, step: number): string {
  return `${name.replace(/^(list|jobs) /, '')}.${step}.`
}

function portable(entry: LedgerEntry): LedgerEntry {
  return entry.error === undefined ? entry : { ...entry, error: codeOf(entry.error) }
}

/** How the increment of a transaction on watched keys is tried. */
const MOST_ATTEMPTS = 500
/** Two who always collide must not do so for ever. */
const LONGEST_PAUSE_MS = 5

/** Reads a counter, and adds one to it together with an element of a list, in transactions of WATCH, one after the other. */
export function watchedIncrement(client: SentinelRedis, counter: string, list: string): (id: string) => Promise<void> {
  let turn: Promise<unknown> = Promise.resolve()
  const attempt = async (id: string): Promise<void> => {
    for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts += 1) {
      await client.watch(counter)
      const seen = Number((await client.get(counter)) ?? 0)
      const results = await client
        .multi()
        .set(counter, seen + 1)
        .rpush(list, id)
        .exec()
      if (results !== null) return
      await sleep(Math.random() * LONGEST_PAUSE_MS)
    }
  }
  return async (id) => {
    const mine = turn.then(() => attempt(id))
    turn = mine.catch(() => undefined)
    await mine
  }
}

/** The results of a pipeline or a transaction, or the first error among them. */
export function resultsOf(replies: [error: Error | null, result: unknown][] | null): unknown[] {
  if (replies === null) throw new Error('EXEC gave null without WATCH')
  return replies.map(([error, result]) => {
    if (error !== null) throw error
    return result
  })
}
