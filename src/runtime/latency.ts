const SAMPLE_EVERY_MS = 100
const SMOOTHING = 0.3

/** A moving estimate of a node's round trip, from one command in a tenth of a second. */
export class LatencyEstimate {
  #valueMs: number | undefined
  #sampledAt = -Infinity

  /** Milliseconds; undefined before the first answer. */
  get valueMs(): number | undefined {
    return this.#valueMs
  }

  /** A command was written now. */
  sample(answer: Promise<unknown>, now: number): void {
    if (now - this.#sampledAt < SAMPLE_EVERY_MS) return
    this.#sampledAt = now
    const note = (): void => {
      const took = performance.now() - now
      this.#valueMs = this.#valueMs === undefined ? took : this.#valueMs + SMOOTHING * (took - this.#valueMs)
    }
    answer.then(note, note)
  }
}
