/** Failures that are closer together than this are one spell, in which the pauses grow. */
const SPELL_MS = 10_000

export type CircuitReason = 'refused' | 'lost'

/**
 * Whether a replica is given reads, after what it did with the last ones. One that refuses a read is out at once, one that loses
 * its connection when it does so again. Out means out until a question of this library's own was answered well. Times are
 * milliseconds of one clock.
 */
export class Circuit {
  #reason: CircuitReason | undefined
  #strikes = 0
  #failedAt = -Infinity

  /** Why it is out; undefined while it is given reads. */
  get reason(): CircuitReason | undefined {
    return this.#reason
  }

  /** How often it has failed in this spell: the pause before the next question grows with it. */
  get strikes(): number {
    return this.#strikes
  }

  /** It refused a read, or its connection broke. True when it is out by that, and was not before. */
  failed(reason: CircuitReason, at: number): boolean {
    if (this.#reason !== undefined) return false
    this.#strike(at)
    if (reason === 'lost' && this.#strikes < 2) return false
    this.#reason = reason
    return true
  }

  /** A question was answered, well or not. */
  probed(well: boolean, at: number): void {
    if (well) this.#reason = undefined
    else this.#strike(at)
  }

  #strike(at: number): void {
    this.#strikes = at - this.#failedAt < SPELL_MS ? this.#strikes + 1 : 1
    this.#failedAt = at
  }
}
