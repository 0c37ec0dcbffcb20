interface Sample {
  readonly at: number
  readonly history: string
  readonly offset: number
}

const MOST_SAMPLES = 64

/**
 * What the primary had written at some times, by its replication offset: so it is known until when a replica holds everything,
 * and how old its data is at most. Bounded: times that are close to one another are kept as one.
 */
export class OffsetHistory {
  readonly #spacingMs: number
  #samples: Sample[] = []

  /** `spanMs`: the longest age that is asked for. */
  constructor(spanMs: number) {
    this.#spacingMs = (2 * spanMs) / MOST_SAMPLES
  }

  /** Everything that was written before `at` is within `offset` of this history. Later calls have later times. */
  add(at: number, history: string, offset: number): void {
    const last = this.#samples.at(-1)
    // The stream was taken back: what was noted of it holds no more.
    if (this.#samples.some((one) => one.history === history && one.offset > offset))
      this.#samples = this.#samples.filter((one) => one.history !== history)
    else if (last?.history === history && (last.offset === offset || this.#isCrowded())) this.#samples.pop()
    this.#samples.push({ at, history, offset })
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift()
  }

  /** The latest time for which it is known that a replica at this offset holds everything written before; undefined: for none. */
  heldUntil(history: string, offset: number): number | undefined {
    return this.#samples.findLast((one) => one.history === history && one.offset <= offset)?.at
  }

  get size(): number {
    return this.#samples.length
  }

  #isCrowded(): boolean {
    const [before, last] = this.#samples.slice(-2)
    return before !== undefined && last !== undefined && last.at - before.at < this.#spacingMs
  }
}
