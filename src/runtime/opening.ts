import type { Address } from '../protocol/address.js'
import type { RouteTo } from '../options/addresses.js'
import type { Observation } from '../topology/observation.js'
import { isMinority, nodesNamed, OPEN_BY_NODES_AFTER_MS } from '../topology/opening.js'
import type { TopologyState } from '../topology/state.js'
import type { CensusNode } from './census.js'
import { Census } from './census.js'
import type { NodeSettings } from './open-node.js'
import { steadyNow } from './steady-now.js'

export interface OpeningOptions {
  readonly node: NodeSettings
  readonly routeTo: RouteTo
}

/** A majority of living sentinels has answered by then, as a rule, and no node need be asked. */
const CENSUS_AFTER_MS = 50

/** Sees to it that a client with few sentinels to hear comes to a first primary soon: has the nodes asked, and the time told. */
export class Opening {
  readonly #options: OpeningOptions
  readonly #observe: (observation: Observation) => void
  readonly #census: Census
  #timers: readonly NodeJS.Timeout[] = []

  constructor(options: OpeningOptions, observe: (observation: Observation) => void) {
    this.#options = options
    this.#observe = observe
    this.#census = new Census(options.node, {
      onRole: (address, role) => {
        observe({ kind: 'role', at: steadyNow(), address, role })
      },
      onSilence: (address) => {
        observe({ kind: 'node-error', at: steadyNow(), address, error: 'link-lost' })
      }
    })
  }

  /** Follows what is known; there is nothing to do once there is a primary. */
  follow({ topology, heardSince }: TopologyState): void {
    if (topology.primary !== undefined) {
      this.close()
      return
    }
    if (heardSince === undefined) return
    if (this.#timers.length === 0) this.#timers = [CENSUS_AFTER_MS, OPEN_BY_NODES_AFTER_MS].map((ms) => this.#tick(ms))
    if (steadyNow() - heardSince < CENSUS_AFTER_MS) return
    const undecided = topology.phase.kind === 'unknown' || isMinority(topology.sentinels)
    this.#census.ask(undecided ? this.#nodes(topology.sentinels) : [])
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    this.#census.ask([])
  }

  #tick(afterMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#observe({ kind: 'tick', at: steadyNow() })
    }, afterMs + 1).unref()
  }

  #nodes(sentinels: TopologyState['topology']['sentinels']): readonly CensusNode[] {
    const { primaries, replicas } = nodesNamed(sentinels)
    const reached = (kind: 'primary' | 'replica') => (address: Address) => ({
      address,
      route: this.#options.routeTo(address, kind)
    })
    return [...primaries.map(reached('primary')), ...replicas.map(reached('replica'))]
  }
}
