import type { RouteTo } from '../options/addresses.js'
import type { Observation } from '../topology/observation.js'
import type { Topology } from '../topology/topology.js'
import { Census } from './census.js'
import type { NodeSettings } from './open-node.js'
import { steadyNow } from './steady-now.js'

export interface SuspicionCheckOptions {
  readonly node: NodeSettings
  readonly routeTo: RouteTo
}

/** The client whose connection broke makes it anew as a rule, and is told the role on it, long before. */
const ASK_AFTER_MS = 250

/**
 * Looks into what this process holds against the primary (a connection broke, a write was refused). The client to which it happened may
 * be closed before it has made its connection anew, and others that share the topology would suspect a good primary for ever.
 */
export class SuspicionCheck {
  readonly #options: SuspicionCheckOptions
  readonly #census: Census
  #timer: NodeJS.Timeout | undefined

  constructor(options: SuspicionCheckOptions, observe: (observation: Observation) => void) {
    this.#options = options
    this.#census = new Census(options.node, {
      onRole: (address, role) => {
        observe({ kind: 'role', at: steadyNow(), address, role })
      },
      onSilence: () => undefined
    })
  }

  follow({ phase, primary }: Topology): void {
    const own = phase.kind === 'suspect' && (phase.by === 'link-lost' || phase.by === 'refused')
    if (!own || primary === undefined) {
      this.close()
      return
    }
    this.#timer ??= setTimeout(() => {
      const { address } = primary
      this.#census.ask([{ address, route: this.#options.routeTo(address, 'primary') }])
    }, ASK_AFTER_MS).unref()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#census.ask([])
  }
}
