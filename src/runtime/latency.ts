const SAMPLE_EVERY_MS = 20
const SMOOTHING = 0.3
const WINDOW = 128
/** Fewer samples say nothing of the slowest in a hundred. */
const LEAST_SAMPLES = 32
const SORT_EVERY_MS = 250

/** A node's round trip as it has been of late, from one command in 20 ms. */
export class LatencyEstimate {
  #valueMs: number | undefined
  #sampledAt = -Infinity
  readonly #samples = new Float64Array(WINDOW)
  #count = 0
  #p99Ms: number | undefined
  #sortedAt = -Infinity

  /** A moving estimate in milliseconds; undefined before the first answer. */
  get valueMs(): number | undefined {
    return this.#valueMs
  }

  /** What all but the slowest one in a hundred took, of the last 128 samples; undefined before there are 32. */
  get p99Ms(): number | undefined {
    const now = performance.now()
    if (this.#count >= LEAST_SAMPLES && now - this.#sortedAt >= SORT_EVERY_MS) {
      this.#sortedAt = now
      const sorted = this.#samples.slice(0, Math.min(this.#count, WINDOW)).sort()
      this.#p99Ms = sorted[Math.floor(0.99 * (sorted.length - 1))]
    }
    return this.#p99Ms
  }

  /** A command was written now. */
  sample(answer: Promise<unknown>, now: number): void {
    if (now - this.#sampledAt < SAMPLE_EVERY_MS) return
    this.#sampledAt = now
    const note = (): void => {
      const took = performance.now() - now
      this.#valueMs = this.#valueMs === undefined ? took : this.#valueMs + SMOOTHING * (took - this.#valueMs)
      this.#samples[this.#count++ % WINDOW] = took
    }
    answer.then(note, note)
  }
}
