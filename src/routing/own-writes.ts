/**
 * Which replicas are known to hold what this client wrote. Writes are numbered in the order in which they go to the primary;
 * a replica is known to hold all writes up to some number. Bounded: past `mostKeys` keys everything counts as just written,
 * which sends reads to the primary until the replicas are known to have caught up.
 */
export class OwnWrites {
  readonly #mostKeys: number
  /** The number of the last write of each key that not all replicas are known to hold. */
  readonly #keys = new Map<string, number>()
  readonly #held = new Map<string, number>()
  #last = 0
  /** Writes up to this number may have touched any key. */
  #anyKey = 0
  /** Up to this number no read needs to ask. */
  #settled = 0

  constructor(mostKeys: number) {
    this.#mostKeys = mostKeys
  }

  /** Nothing was written that some replica may lack: looked at on every read. */
  get settled(): boolean {
    return this.#settled === this.#last
  }

  /** The number of the last write. */
  get last(): number {
    return this.#last
  }

  /** These keys were written; undefined when nobody can tell which. */
  wrote(keys: readonly string[] | undefined): void {
    this.#last += 1
    if (keys === undefined || this.#keys.size + keys.length > this.#mostKeys) this.#anyKeyWritten()
    else for (const key of keys) this.#keys.set(key, this.#last)
  }

  /** The same for one key, without a list of it. */
  wroteOne(key: string): void {
    this.#last += 1
    if (this.#keys.size < this.#mostKeys) this.#keys.set(key, this.#last)
    else this.#anyKeyWritten()
  }

  /** The number that a replica has to hold to answer for these keys; undefined keys are all keys. */
  needed(keys: readonly string[] | undefined): number {
    if (keys === undefined) return this.#last
    let needed = this.#anyKey
    for (const key of keys) needed = Math.max(needed, this.#keys.get(key) ?? 0)
    return needed
  }

  /** The same for one key. */
  neededFor(key: string): number {
    return Math.max(this.#anyKey, this.#keys.get(key) ?? 0)
  }

  /** All replicas hold this number. */
  isHeldByAll(number: number): boolean {
    return number <= this.#settled
  }

  /** A replica holds at least this number. */
  holds(replica: string, number: number): boolean {
    return this.isHeldByAll(number) || number <= (this.#held.get(replica) ?? 0)
  }

  /** A replica was seen to hold all writes up to this number. `replicas` are all that may be read from. */
  caughtUp(replica: string, number: number, replicas: readonly string[]): void {
    this.#held.set(replica, Math.max(number, this.#held.get(replica) ?? 0))
    // The one that answered may have ceased to be readable meanwhile, and then nothing is held by all.
    if (replicas.length === 0) return
    const settled = Math.min(...replicas.map((one) => this.#held.get(one) ?? 0))
    if (settled <= this.#settled) return
    this.#settled = settled
    for (const [key, written] of this.#keys) if (written <= settled) this.#keys.delete(key)
  }

  /** A replica may have gone back, or is new: nothing is known of it. */
  forget(replica: string): void {
    this.#held.delete(replica)
    this.#unsettle()
  }

  /** Another primary: what the replicas hold counts in another history. */
  forgetAll(): void {
    this.#held.clear()
    this.#unsettle()
  }

  #anyKeyWritten(): void {
    this.#anyKey = this.#last
    this.#keys.clear()
  }

  /** Keys that were let go as settled may be missing on a replica of which nothing is known: any key may. */
  #unsettle(): void {
    if (this.#settled > 0) this.#anyKey = Math.max(this.#anyKey, this.#settled)
    this.#settled = 0
  }
}
