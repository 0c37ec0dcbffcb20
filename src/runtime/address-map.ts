import type { Logger } from 'pino'
import type { RouteTo } from '../options/addresses.js'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import type { Topology } from '../topology/topology.js'

/** A function may find words of its own each time. */
const MOST_TOLD = 100

/** The user's addressMap as the rest may rely on it: it always gives an address. What is wrong about it is told, once. */
export class AddressBook {
  readonly routeTo: RouteTo
  readonly #entries: ReadonlySet<string>
  readonly #log: Logger
  readonly #told = new Set<string>()
  #lastProblem: Error | undefined
  #checked = false

  /** `entries`: the announced addresses that an object names. */
  constructor(routeTo: RouteTo, entries: readonly string[], log: Logger) {
    this.#entries = new Set(entries)
    this.#log = log
    this.routeTo = (announced, kind) => {
      try {
        return routeTo(announced, kind)
      } catch (error) {
        this.#tell(error as Error)
        return { announced, reached: announced }
      }
    }
  }

  /** Looks once whether all that an object names is announced, when every sentinel has answered or failed. `named`: what sentinels call each other. */
  follow({ phase, primary, replicas, sentinels }: Topology, named: ReadonlySet<string>): void {
    if (this.#checked || this.#entries.size === 0 || phase.kind !== 'stable' || primary === undefined) return
    if (!sentinels.every(({ seenAt, error }) => seenAt > 0 || error !== undefined)) return
    this.#checked = true
    const nodes = [primary, ...replicas].map(({ address }) => formatAddress(address))
    const announced = new Set([...nodes, ...named])
    const unannounced = [...this.#entries].filter((entry) => !announced.has(entry))
    if (unannounced.length === 0) return
    this.#log.warn(
      { unannounced, announced: [...announced] },
      'addressMap names addresses that no sentinel announces: these entries have no effect'
    )
  }

  /** What about it may be why this node is not reached, in words. */
  hint(address: Address | undefined): string {
    if (this.#lastProblem !== undefined) return `; ${this.#lastProblem.message}`
    if (address === undefined || this.#entries.size === 0 || this.#entries.has(formatAddress(address))) return ''
    return `; addressMap does not name ${formatAddress(address)}, it names ${[...this.#entries].slice(0, 10).join(', ')}`
  }

  #tell(error: Error): void {
    this.#lastProblem = error
    if (this.#told.has(error.message) || this.#told.size >= MOST_TOLD) return
    this.#told.add(error.message)
    this.#log.error({ err: error }, 'addressMap failed: the address is used as it is announced')
  }
}
