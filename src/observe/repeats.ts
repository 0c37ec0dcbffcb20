/** The same is told so often at most. */
const TELL_EVERY_MS = 60_000

/** Lines that may repeat: each is told once a minute at most, with how often it was not told in between. */
export class Repeats {
  readonly #told = new Map<string, { readonly at: number; left: number }>()

  /** How many like it have been left out since it was last told; undefined when this one is to be left out too. `now`: milliseconds. */
  next(what: string, now: number): number | undefined {
    const told = this.#told.get(what)
    if (told !== undefined && now - told.at < TELL_EVERY_MS) {
      told.left += 1
      return undefined
    }
    for (const [other, { at, left }] of this.#told)
      if (left === 0 && now - at >= TELL_EVERY_MS) this.#told.delete(other)
    this.#told.set(what, { at: now, left: 0 })
    return told?.left ?? 0
  }

  /** How long it will be left out yet, in milliseconds; 0 when it may be told. */
  restMs(what: string, now: number): number {
    const told = this.#told.get(what)
    return told === undefined ? 0 : Math.max(0, told.at + TELL_EVERY_MS - now)
  }
}
