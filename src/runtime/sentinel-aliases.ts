interface Alias {
  readonly id: string
  /** When a connection there has told this id, or could not be asked: performance.now(). */
  askedAt: number
}

/** A pod that was given the address of another one is found out after this. */
const ASK_AGAIN_AFTER_MS = 60_000

/** Other addresses of sentinels that have a link already. Addresses are given to others in time, so that each is asked again. */
export class SentinelAliases {
  readonly #byKey = new Map<string, Alias>()

  /** A connection to this address was told this run id. */
  note(key: string, id: string): void {
    this.#byKey.set(key, { id, askedAt: performance.now() })
  }

  forget(key: string): void {
    this.#byKey.delete(key)
  }

  /** The run id of the sentinel that was found at this address. */
  idOf(key: string): string | undefined {
    return this.#byKey.get(key)?.id
  }

  /** Once a minute true: who is at this address is to be asked again. */
  isDue(key: string): boolean {
    const alias = this.#byKey.get(key)
    const now = performance.now()
    if (alias === undefined || now - alias.askedAt < ASK_AGAIN_AFTER_MS) return false
    alias.askedAt = now
    return true
  }
}
