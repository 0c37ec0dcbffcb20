import type { Logger } from 'pino'
import type { Topology } from '../topology/topology.js'

/** While an outage lasts, it is told again this often. */
const REMIND_EVERY_MS = 60_000

/** Tells that no sentinel can be reached: when it begins, once a minute while it lasts, and when it is over. */
export class OutageLog {
  readonly #log: Logger
  #since: number | undefined
  #reminder: NodeJS.Timeout | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  follow({ sentinels, primary }: Topology): void {
    if (sentinels.some(({ reachable }) => reachable)) {
      if (this.#since !== undefined) this.#log.info({ outageMs: this.#lastedMs() }, 'sentinels can be reached again')
      this.stop()
      return
    }
    // At the start nobody has failed yet.
    const failed = sentinels.length > 0 && sentinels.every(({ error }) => error !== undefined)
    if (!failed || this.#since !== undefined) return
    this.#since = performance.now()
    const tell = (): void => {
      this.#log.warn(
        {
          outageMs: this.#lastedMs(),
          primary: primary?.address,
          sentinels: Object.fromEntries(sentinels.map(({ key, error }) => [key, error]))
        },
        primary === undefined
          ? 'no sentinel can be reached'
          : 'no sentinel can be reached: the last known primary stays in use'
      )
    }
    tell()
    this.#reminder = setInterval(tell, REMIND_EVERY_MS)
    this.#reminder.unref()
  }

  stop(): void {
    clearInterval(this.#reminder)
    this.#since = undefined
  }

  #lastedMs(): number {
    return this.#since === undefined ? 0 : Math.round(performance.now() - this.#since)
  }
}
