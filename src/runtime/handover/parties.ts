import { FailoverFailedError } from '../../errors.js'

/** A client whose writes wait while the primary is handed over. */
export interface Party {
  /** New writes wait from now on; resolves when those that were written have their replies. */
  hold(): Promise<void>
  release(): void
}

/** The clients of this process that follow one group: they hold together, also those that come while a handover is under way. */
export class Parties {
  readonly #all = new Set<Party>()
  #holding = false
  #handingOver = false

  join(party: Party): void {
    this.#all.add(party)
    if (this.#holding) void party.hold()
  }

  leave(party: Party): void {
    this.#all.delete(party)
  }

  async hold(): Promise<void> {
    this.#holding = true
    await Promise.all([...this.#all].map((party) => party.hold()))
  }

  release(): void {
    this.#holding = false
    for (const party of this.#all) party.release()
  }

  /** One handover at a time. Rejects with FailoverFailedError while another is under way. */
  async alone<Value>(group: string, handOver: () => Promise<Value>): Promise<Value> {
    if (this.#handingOver) {
      const why = 'a failover() of this group is under way already in this process: wait for that one to end'
      throw new FailoverFailedError(`failover of "${group}" stopped at "prepare": ${why}`, {
        group,
        stage: 'queued',
        step: 'prepare',
        primary: 'unchanged'
      })
    }
    this.#handingOver = true
    try {
      return await handOver()
    } finally {
      this.#handingOver = false
    }
  }
}
