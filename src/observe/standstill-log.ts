import type { Logger } from 'pino'

/** A failover that goes well is over by then, its sentinels' own time apart. */
const LONG_MS = 10_000
const REMIND_EVERY_MS = 60_000

/** Tells that calls wait for the primary when it lasts, once a minute from then on, and when it is over. */
export class StandstillLog {
  readonly #log: Logger
  #since: number | undefined
  #told = false
  #timer: NodeJS.Timeout | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  /** Calls begin to wait. `facts`: what is known when it is told. */
  began(facts: () => object): void {
    if (this.#since !== undefined) return
    this.#since = performance.now()
    const tell = (): void => {
      this.#told = true
      this.#log.warn({ waitedMs: this.#waitedMs(), ...facts() }, 'calls wait for the primary')
      this.#timer = setTimeout(tell, REMIND_EVERY_MS).unref()
    }
    this.#timer = setTimeout(tell, LONG_MS).unref()
  }

  over(): void {
    if (this.#told) this.#log.info({ waitedMs: this.#waitedMs() }, 'calls wait no longer')
    this.stop()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#since = undefined
    this.#told = false
  }

  #waitedMs(): number {
    return this.#since === undefined ? 0 : Math.round(performance.now() - this.#since)
  }
}
