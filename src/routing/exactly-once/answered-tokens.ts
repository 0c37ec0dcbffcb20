import type { Arg } from '../arg.js'

const MOST_AT_ONCE = 16
const MOST_KEPT = 10_000

/**
 * Tokens that nobody will ask for again, by database: their calls were written once and answered, so no copy of them is on any
 * wire. The calls that follow have them removed, so that the server remembers about as many as are in flight. Those that are
 * not removed expire.
 */
export class AnsweredTokens {
  readonly #byDatabase = new Map<number, Arg[]>()

  add(db: number, key: Arg): void {
    const keys = this.#byDatabase.get(db)
    if (keys === undefined) this.#byDatabase.set(db, [key])
    else if (keys.length < MOST_KEPT) keys.push(key)
  }

  /** Some of them, to be removed by a call that is being written now. */
  take(db: number): Arg[] {
    return this.#byDatabase.get(db)?.splice(0, MOST_AT_ONCE) ?? []
  }
}
