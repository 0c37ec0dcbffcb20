import type { FaultsView, FaultView } from './messages.js'

/** A fault that was done, and how it is undone. */
export interface DoneFault {
  /** What was done to whom, for people. */
  readonly description: string
  /** Undoes it; absent when there is nothing to undo. */
  readonly heal?: () => Promise<void>
}

/** What may be done to a group, and who does it. */
export interface FaultKit {
  readonly faults: readonly FaultView[]
  /** Whether the page asks first. */
  readonly confirm: boolean
  readonly inject: (name: string) => Promise<DoneFault>
}

/** What became of a press of a button. */
export interface DeskAnswer {
  readonly ok: boolean
  /** The HTTP status. */
  readonly status: number
  readonly text: string
}

/** Does one fault at a time, and keeps what can be undone. */
export class FaultDesk {
  readonly #kit: FaultKit | undefined
  readonly #onChange: () => void
  #toHeal: readonly DoneFault[] = []
  #busy = false

  /** Without a kit every fault is refused. */
  constructor(kit: FaultKit | undefined, onChange: () => void) {
    this.#kit = kit
    this.#onChange = onChange
  }

  get view(): FaultsView {
    return {
      faults: this.#kit?.faults ?? [],
      confirm: this.#kit?.confirm ?? true,
      toHeal: this.#toHeal.map(({ description }) => description),
      busy: this.#busy
    }
  }

  async inject(name: string): Promise<DeskAnswer> {
    const kit = this.#kit
    if (kit === undefined)
      return refused(
        403,
        'faults are not allowed here: ioredis-sentinel local --dashboard allows all, --allow-faults a failover'
      )
    const fault = kit.faults.find((one) => one.name === name)
    if (fault === undefined)
      return refused(404, `there is no fault "${name}"; there are ${kit.faults.map((one) => one.name).join(', ')}`)
    if (fault.unavailable !== '') return refused(409, `${name} cannot be done here: ${fault.unavailable}`)
    return this.#alone(async () => {
      const done = await kit.inject(name)
      if (done.heal !== undefined) this.#toHeal = [...this.#toHeal, done]
      return done.description
    })
  }

  /** Undoes all that can be undone, the oldest first. */
  async heal(): Promise<DeskAnswer> {
    if (this.#kit === undefined) return refused(403, 'faults are not allowed here, so there is nothing to heal')
    return this.#alone(async () => {
      const healed = this.#toHeal
      for (const fault of healed) {
        await fault.heal?.()
        this.#toHeal = this.#toHeal.filter((other) => other !== fault)
      }
      return healed.length === 0
        ? 'there is nothing to heal'
        : `healed: ${healed.map((one) => one.description).join('; ')}`
    })
  }

  async #alone(act: () => Promise<string>): Promise<DeskAnswer> {
    if (this.#busy) return refused(409, 'another one is being done or undone; wait for it')
    this.#busy = true
    this.#onChange()
    try {
      return { ok: true, status: 200, text: await act() }
    } catch (error) {
      return refused(500, (error as Error).message)
    } finally {
      this.#busy = false
      this.#onChange()
    }
  }
}

function refused(status: number, text: string): DeskAnswer {
  return { ok: false, status, text }
}
