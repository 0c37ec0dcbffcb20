/** Of the reads, so many may be asked twice. */
const SHARE = 0.05
/** As many at a time as have been saved up. */
const MOST_SAVED = 20

/** How many reads may be asked of a second node: a share of all reads, so that a slow moment does not double the load. */
export class HedgeBudget {
  readonly #reads: () => number
  #counted = 0
  #saved = MOST_SAVED

  /** `reads`: how many have been given to replicas. */
  constructor(reads: () => number) {
    this.#reads = reads
  }

  /** Takes one; false when there is none. */
  take(): boolean {
    const reads = this.#reads()
    this.#saved = Math.min(MOST_SAVED, this.#saved + (reads - this.#counted) * SHARE)
    this.#counted = reads
    if (this.#saved < 1) return false
    this.#saved -= 1
    return true
  }
}
