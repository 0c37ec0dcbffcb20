import type { Address, Route } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import type { NodeRole } from '../protocol/handshake.js'
import { pause } from './backoff.js'
import type { NodeSettings } from './open-node.js'
import { openNode } from './open-node.js'

export interface CensusReport {
  onRole(address: Address, role: 'primary' | 'replica'): void
  /** It cannot be asked. */
  onSilence(address: Address): void
}

/** A node that is to be asked, and where this client reaches it. */
export interface CensusNode {
  readonly address: Address
  readonly route: Route
}

const ASK_EVERY_MS = 250

/** Asks nodes for their role, again and again, while too few sentinels answer to be believed by themselves. */
export class Census {
  readonly #settings: NodeSettings
  readonly #report: CensusReport
  readonly #asked = new Map<string, AbortController>()

  constructor(settings: NodeSettings, report: CensusReport) {
    this.#settings = settings
    this.#report = report
  }

  /** Asks these from now on, and no others; none ends it. */
  ask(nodes: readonly CensusNode[]): void {
    const wanted = new Map(nodes.map((node) => [formatAddress(node.address), node]))
    for (const [key, abort] of this.#asked) {
      if (wanted.has(key)) continue
      this.#asked.delete(key)
      abort.abort()
    }
    for (const [key, node] of wanted) {
      if (this.#asked.has(key)) continue
      const abort = new AbortController()
      this.#asked.set(key, abort)
      void this.#run(node, abort.signal)
    }
  }

  async #run({ address, route }: CensusNode, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const role = await this.#roleOf(route, signal)
      if (signal.aborted) return
      if (role === 'primary' || role === 'replica') this.#report.onRole(address, role)
      else this.#report.onSilence(address)
      await pause(ASK_EVERY_MS, signal)
    }
  }

  async #roleOf(route: Route, signal: AbortSignal): Promise<NodeRole | undefined> {
    try {
      const { socket, role } = await openNode(route, this.#settings, signal)
      socket.destroy()
      return role
    } catch {
      return undefined
    }
  }
}
