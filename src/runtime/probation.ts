import type { CircuitReason } from '../routing/circuit.js'
import { Circuit } from '../routing/circuit.js'
import { backoffMs } from './backoff.js'

export interface ProbationHost {
  /** Asks the replica whether it may be read from; resolves with the verdict. */
  probe(): Promise<boolean>
  /** It is out, or back. */
  onChange(): void
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** Keeps a replica that failed out of use, and asks it ever more rarely whether it may be read from again. */
export class Probation {
  readonly #host: ProbationHost
  readonly #circuit = new Circuit()
  #timer: NodeJS.Timeout | undefined
  #detail: string | undefined
  #closed = false

  constructor(host: ProbationHost) {
    this.#host = host
  }

  /** Why it is out; undefined while it is not. */
  get reason(): CircuitReason | undefined {
    return this.#circuit.reason
  }

  /** The server's own words, when it refused. */
  get detail(): string | undefined {
    return this.#detail
  }

  failed(reason: CircuitReason, detail?: string): void {
    if (this.#closed || !this.#circuit.failed(reason, performance.now())) return
    this.#detail = detail
    this.#askLater()
    this.#host.onChange()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #askLater(): void {
    this.#timer = setTimeout(
      () => {
        void this.#ask()
      },
      backoffMs(this.#circuit.strikes - 1, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
    )
    this.#timer.unref()
  }

  async #ask(): Promise<void> {
    const well = await this.#host.probe()
    if (this.#closed) return
    this.#circuit.probed(well, performance.now())
    if (well) this.#host.onChange()
    else this.#askLater()
  }
}
