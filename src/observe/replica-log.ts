import type { Logger } from 'pino'
import type { ReplicaBack, ReplicaOut } from '../events.js'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import { Repeats } from './repeats.js'

/** In a failover replicas come and go; what is over by then is not worth a line. */
const LASTS_MS = 5_000

/** Tells of a replica that is not read from when that lasts, and when it is over. */
export class ReplicaLog {
  readonly #log: Logger
  readonly #isPrimary: (address: Address) => boolean
  readonly #repeats = new Repeats()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #told = new Set<string>()

  /** `isPrimary`: the group's primary is there now. */
  constructor(log: Logger, isPrimary: (address: Address) => boolean) {
    this.#log = log
    this.#isPrimary = isPrimary
  }

  out(out: ReplicaOut): void {
    const key = formatAddress(out.address)
    this.#log.debug(out, 'a replica is left out')
    clearTimeout(this.#timers.get(key))
    this.#timers.set(key, setTimeout(() => this.#lasts(key, out), LASTS_MS).unref())
  }

  back(back: ReplicaBack): void {
    const key = formatAddress(back.address)
    this.#log.debug(back, 'a replica is taken in')
    this.#forget(key)
    if (this.#told.delete(key)) this.#log.info(back, 'a replica is read from again')
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#told.clear()
  }

  #lasts(key: string, out: ReplicaOut): void {
    this.#forget(key)
    if (this.#isPrimary(out.address)) return
    const leftOut = this.#repeats.next(`${key} ${out.reason}`, performance.now())
    if (leftOut === undefined) return
    const facts = { ...out, ...(leftOut > 0 && { repeats: leftOut }) }
    if (out.reason === 'removed') {
      this.#log.info(facts, 'a replica has left the group')
      return
    }
    this.#told.add(key)
    this.#log.warn(facts, 'a replica is not read from')
  }

  #forget(key: string): void {
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
  }
}
