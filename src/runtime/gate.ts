/** Why writes wait. `connection`: no verified connection to the primary. `topology`: a failover is under way. `silence`: the primary does not answer. `refused`: it refused, and is asked again in a moment. `handover`: a planned failover is under way. `backlog`: calls that waited are being sent, and later ones stay behind them. */
export type HoldReason = 'connection' | 'topology' | 'silence' | 'refused' | 'handover' | 'backlog'

/** Open when there is no reason to wait. */
export class Gate {
  readonly #reasons = new Set<HoldReason>()
  readonly #onOpen: () => void
  /** Read on every command. */
  open = true

  constructor(onOpen: () => void) {
    this.#onOpen = onOpen
  }

  get reasons(): readonly HoldReason[] {
    return [...this.#reasons]
  }

  /** Closed, and for no reason but these. */
  onlyFor(...reasons: readonly HoldReason[]): boolean {
    return !this.open && this.reasons.every((one) => reasons.includes(one))
  }

  hold(reason: HoldReason): void {
    this.#reasons.add(reason)
    this.open = false
  }

  release(reason: HoldReason): void {
    if (!this.#reasons.delete(reason) || this.#reasons.size > 0) return
    this.open = true
    this.#onOpen()
  }
}
