import { DeadlineError } from '../../src/errors.js'
import type { Operation, Outcome } from './ledger.js'
import type { Random } from './random.js'
import type { World } from './world/world.js'

/** What a simulated client must be able to do. */
export interface SimClient {
  start(): void
  /** Issues writes that belong together: one of them for itself, more as one MULTI. */
  write(operations: readonly Operation[], deadlineMs: number): void
  close(): void
}

/** Writes all the time: some that may be repeated, some that may not, some in a MULTI. */
export class Workload {
  readonly #world: World
  readonly #random: Random
  readonly #client: SimClient
  readonly #everyMs: number
  readonly #deadlineMs: number
  readonly #transactions: number
  stopped = false

  constructor(world: World, random: Random, client: SimClient) {
    this.#world = world
    this.#random = random
    this.#client = client
    this.#everyMs = random.pick([20, 40, 80])
    this.#deadlineMs = random.pick([300, 1_000, 4_000])
    this.#transactions = random.chance(0.3) ? 0.2 : 0
  }

  begin(): void {
    this.#next()
  }

  /** One write more, whatever happens. */
  probe(): Operation {
    const operation = this.#world.ledger.issue('list', false, PROBE_DEADLINE_MS)
    this.#client.write([operation], PROBE_DEADLINE_MS)
    return operation
  }

  #next(): void {
    this.#world.clock.schedule(this.#everyMs * this.#random.between(0.5, 1.5), () => {
      if (this.stopped) return
      this.#next()
      const count = this.#random.chance(this.#transactions) ? 2 : 1
      const operations: Operation[] = []
      for (let i = 0; i < count; i++) {
        const list = this.#random.chance(0.5)
        operations.push(
          this.#world.ledger.issue(list ? 'list' : `key${this.#random.below(3)}`, !list, this.#deadlineMs)
        )
      }
      this.#client.write(operations, this.#deadlineMs)
    })
  }
}

const PROBE_DEADLINE_MS = 10_000

/** What an error tells the caller of a write's fate. */
export function outcomeOf(error: unknown): Outcome {
  return error instanceof DeadlineError && error.stage === 'queued' ? 'unexecuted' : 'failed'
}

export function wordsOf({ key, number, repeatable }: Operation): [string, string, string] {
  return [repeatable ? 'SET' : 'RPUSH', key, `w${number}`]
}
