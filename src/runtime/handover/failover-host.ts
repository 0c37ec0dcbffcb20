import type { Address } from '../../protocol/address.js'
import type { Topology } from '../../topology/topology.js'
import type { SideConnection } from '../side-connection.js'

/** What a failover needs of the client that was asked for it. */
export interface FailoverHost {
  readonly group: string
  topology(): Topology
  /** One SENTINEL command at one sentinel. Rejects with its error reply, or when it does not answer. */
  askSentinel(key: string, ...words: readonly string[]): Promise<unknown>
  open(address: Address, kind: 'primary' | 'replica', signal: AbortSignal): Promise<SideConnection>
  /** The writes of all clients of this process wait from now on; resolves when those on the wire have their replies. */
  holdWrites(): Promise<void>
  releaseWrites(): void
  /** For the timeline; `at` in milliseconds since 1970. */
  did(at: number, what: string, detail?: string): void
}

/** Sentinels that can be asked and trust their own clocks. */
export function soundSentinels({ sentinels }: Topology): readonly string[] {
  return sentinels.filter(({ reachable, tilt }) => reachable && !tilt).map(({ key }) => key)
}
