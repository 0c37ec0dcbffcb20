import type { Address } from '../protocol/address.js'
import { FaultUnavailableError } from './errors.js'
import type { Firewall, Flow } from './firewall.js'

/** `everything`: nobody reaches it. `peers`: the other nodes and sentinels do not, clients do. */
export type PartitionScope = 'everything' | 'peers'

interface Cut {
  readonly host: string
  readonly scope: PartitionScope
}

/** Which addresses are cut off now; turns them into the flows that the firewall drops. */
export class Partitions {
  readonly #firewall: Firewall
  readonly #members: () => readonly Address[]
  readonly #ownAddresses: boolean
  #cuts: readonly Cut[] = []

  constructor(firewall: Firewall, members: () => readonly Address[], ownAddresses: boolean) {
    this.#firewall = firewall
    this.#members = members
    this.#ownAddresses = ownAddresses
  }

  includes(ip: string): boolean {
    return this.#cuts.some((cut) => cut.host === ip)
  }

  async cut(ip: string, scope: PartitionScope): Promise<() => Promise<void>> {
    if (!this.#ownAddresses) {
      throw new FaultUnavailableError(
        'A partition needs an address for each process, and only 127.0.0.1 can be bound on this machine (Linux has all of 127.0.0.0/8)'
      )
    }
    const added: Cut = { host: ip, scope }
    this.#cuts = [...this.#cuts, added]
    const heal = async (): Promise<void> => {
      if (!this.#cuts.includes(added)) return
      this.#cuts = this.#cuts.filter((cut) => cut !== added)
      await this.refresh()
    }
    await this.refresh().catch((error: unknown) => {
      this.#cuts = this.#cuts.filter((cut) => cut !== added)
      throw error
    })
    return heal
  }

  /** To be called also when a member came or went. */
  async refresh(): Promise<void> {
    await this.#firewall.drop(flowsOf(this.#cuts, this.#members()))
  }
}

export function flowsOf(cuts: readonly Cut[], members: readonly Address[]): readonly Flow[] {
  return cuts.flatMap(({ host, scope }): Flow[] => {
    if (scope === 'everything') return [{ from: host }, { to: host }]
    return members
      .filter((member) => member.host !== host)
      .flatMap((member) => [
        { from: host, to: member.host },
        { from: member.host, to: host }
      ])
  })
}
