import type { Logger } from 'pino'
import type { Topology } from '../topology/topology.js'
import { Repeats } from './repeats.js'

const OUTAGE = 'outage'

/** Tells that no sentinel can be reached, once a minute at most: when it begins, while it lasts, and when it is over. */
export class OutageLog {
  readonly #log: Logger
  readonly #repeats = new Repeats()
  #now: Topology | undefined
  #since: number | undefined
  #told = false
  #timer: NodeJS.Timeout | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  follow(topology: Topology): void {
    this.#now = topology
    const { sentinels } = topology
    if (sentinels.some(({ reachable }) => reachable)) {
      if (this.#told) this.#log.info({ outageMs: this.#lastedMs() }, 'sentinels can be reached again')
      this.stop()
      return
    }
    // At the start nobody has failed yet.
    const failed = sentinels.length > 0 && sentinels.every(({ error }) => error !== undefined)
    if (!failed || this.#since !== undefined) return
    this.#since = performance.now()
    this.#tell()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#since = undefined
    this.#told = false
  }

  #tell(): void {
    const { sentinels = [], primary } = this.#now ?? {}
    const leftOut = this.#repeats.next(OUTAGE, performance.now())
    if (leftOut !== undefined) {
      this.#told = true
      this.#log.warn(
        {
          outageMs: this.#lastedMs(),
          primary: primary?.address,
          sentinels: Object.fromEntries(sentinels.map(({ key, error }) => [key, error])),
          ...(leftOut > 0 && { repeats: leftOut })
        },
        primary === undefined
          ? 'no sentinel can be reached'
          : 'no sentinel can be reached: the last known primary stays in use'
      )
    }
    this.#tellLater()
  }

  /** A timer may be early, by as long as the turn that set it took. */
  #tellLater(): void {
    const restMs = this.#repeats.restMs(OUTAGE, performance.now())
    const due = (): void => {
      if (this.#repeats.restMs(OUTAGE, performance.now()) > 0) this.#tellLater()
      else this.#tell()
    }
    this.#timer = setTimeout(due, Math.ceil(restMs)).unref()
  }

  #lastedMs(): number {
    return this.#since === undefined ? 0 : Math.round(performance.now() - this.#since)
  }
}
