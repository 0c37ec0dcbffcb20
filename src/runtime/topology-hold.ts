import type { Topology } from '../topology/topology.js'

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
  #timer: NodeJS.Timeout | undefined
  #expired = false
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
    if (!limited) this.stop()
    else if (this.#timer === undefined && !this.#expired) {
      this.#timer = setTimeout(
        () => {
          this.#timer = undefined
          this.#expired = true
          this.#onLimit()
          this.#hold(this.#verifying)
        },
        Math.max(0, phase.since + holdLimitMs - at)
      )
      this.#timer.unref()
    }
    this.#hold(this.#verifying || (limited && !this.#expired))
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#expired = false
  }
}
