import type { Phase, Topology } from '../topology/topology.js'
import { afterReading } from './after-reading.js'
import { steadyNow } from './steady-now.js'

const LATE_MS = 50

export interface TopologyHoldOptions {
  readonly holdWrites: 'odown' | 'failover' | 'never'
  readonly holdLimitMs: number
}

/**
 * Says when writes wait because their node is being replaced: from odown or from the start of a failover, at most for
 * `holdLimitMs`; and without a limit while a higher epoch has named another node that is yet to be verified.
 */
export class TopologyHold {
  readonly #options: TopologyHoldOptions
  readonly #hold: (hold: boolean) => void
  readonly #onLimit: () => void
  #callOff: (() => void) | undefined
  /** When a hold ran out, by steadyNow(); undefined when there has been no trouble since. */
  #expiredAt: number | undefined
  #verifying = false

  constructor(options: TopologyHoldOptions, hold: (hold: boolean) => void, onLimit: () => void) {
    this.#options = options
    this.#hold = hold
    this.#onLimit = onLimit
  }

  follow({ phase }: Topology, at: number): void {
    const { holdWrites, holdLimitMs } = this.#options
    const limited =
      (phase.kind === 'failover' && holdWrites !== 'never') ||
      (phase.kind === 'suspect' && phase.by === 'odown' && holdWrites === 'odown')
    this.#verifying = phase.kind === 'verifying'
    const waits = limited && !this.#hasRunOut(phase)
    if (!limited) this.stop()
    else if (!waits) this.#forgetLimit()
    else if (this.#callOff === undefined) this.#limit(Math.max(0, phase.since + holdLimitMs - at))
    this.#hold(this.#verifying || waits)
  }

  /** What ran out was for a failover that did not come. One that begins later is held for again, and the doubt that it leaves behind is not. */
  #hasRunOut(phase: Phase): boolean {
    if (this.#expiredAt === undefined) return false
    return phase.kind !== 'failover' || phase.since <= this.#expiredAt
  }

  #limit(ms: number): void {
    // Writes are not let out before what the sentinels have said is read.
    this.#callOff = afterReading(ms, LATE_MS, () => {
      this.#callOff = undefined
      this.#expiredAt = steadyNow()
      this.#onLimit()
      this.#hold(this.#verifying)
    })
  }

  stop(): void {
    this.#forgetLimit()
    this.#expiredAt = undefined
  }

  #forgetLimit(): void {
    this.#callOff?.()
    this.#callOff = undefined
  }
}
