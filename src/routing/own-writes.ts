/** Keys that all replicas hold are told apart up to so many: one that was away may come back with old data. */
const MOST_HELD = 10_000
const MOST_KEYS = 100_000

/**
 * Which replicas are known to hold what this client wrote. Writes are numbered in the order in which they go to the primary;
 * a replica is known to hold all writes up to some number. Bounded: past `mostKeys` keys everything counts as just written,
 * which sends reads to the primary until the replicas are known to have caught up.
 */
export class OwnWrites {
  readonly #mostKeys: number
  /** The number of the last write of each key that is told apart. */
  readonly #keys = new Map<string, number>()
  readonly #held = new Map<string, number>()
  #last = 0
  /** All other keys were written by this number, as far as anybody can tell. */
  #others = 0
  /** Up to this number no read needs to ask. */
  #settled = 0

  constructor(mostKeys = MOST_KEYS) {
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
    this.wroteAt(keys, this.#last)
  }

  /** The same for one key, without a list of it. */
  wroteOne(key: string): void {
    this.#last += 1
    this.#keys.set(key, this.#last)
    if (this.#keys.size > this.#mostKeys) this.#makeRoom()
  }

  /** The write of this number was to these keys. */
  wroteAt(keys: readonly string[] | undefined, number: number): void {
    if (keys === undefined) {
      this.#others = Math.max(this.#others, number)
      for (const [key, written] of this.#keys) if (written <= number) this.#keys.delete(key)
      return
    }
    for (const key of keys) if (this.neededFor(key) < number) this.#keys.set(key, number)
    if (this.#keys.size > this.#mostKeys) this.#makeRoom()
  }

  /** The number that a replica has to hold to answer for these keys; undefined keys are all keys. */
  needed(keys: readonly string[] | undefined): number {
    if (keys === undefined) return this.#last
    let needed = 0
    for (const key of keys) needed = Math.max(needed, this.neededFor(key))
    return needed
  }

  /** The same for one key. */
  neededFor(key: string): number {
    return this.#keys.get(key) ?? this.#others
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
    if (this.#keys.size > MOST_HELD) this.#forgetHeldKeys()
  }

  /** A replica may have gone back, or is new: nothing is known of it. */
  forget(replica: string): void {
    this.#held.delete(replica)
    this.#settled = 0
  }

  /** Another primary: what the replicas hold counts in another history. */
  forgetAll(): void {
    this.#held.clear()
    this.#settled = 0
  }

  /** Those that all replicas hold are the first to go; when that makes little room, all go. */
  #makeRoom(): void {
    this.#forgetHeldKeys()
    if (this.#keys.size > this.#mostKeys * 0.75) this.#forgetKeys()
  }

  #forgetHeldKeys(): void {
    for (const [key, written] of this.#keys) {
      if (written > this.#settled) continue
      this.#others = Math.max(this.#others, written)
      this.#keys.delete(key)
    }
  }

  #forgetKeys(): void {
    this.#others = this.#last
    this.#keys.clear()
  }
}
