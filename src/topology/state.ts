import type { Address } from '../protocol/address.js'
import type { Suspicion, Topology } from './topology.js'
import { emptyTopology } from './topology.js'

/**
 * How early a new primary is followed. `fast`: when the replica that the elected leader chose says that it is the primary.
 * `confirmed`: when a sentinel publishes a higher epoch for it. `strict`: when two sentinels do.
 */
export type PromotionMode = 'fast' | 'confirmed' | 'strict'

export interface ReducePolicy {
  readonly promotion: PromotionMode
  /**
   * A primary taken by `fast` that no sentinel has confirmed after this long is doubted again, and a claim that most
   * sentinels do not share and that could not be verified for this long is set aside.
   */
  readonly confirmWithinMs: number
}

/** What a node said of itself while no primary was held. */
export interface NodeWord {
  readonly address: Address
  readonly role: 'primary' | 'replica'
}

/** A sentinel by its run id, and the address at which it was heard: another id there is another sentinel, newly made. */
export interface Witness {
  readonly id: string
  readonly key: string
}

/** The topology, and what the reducer must remember to decide the next one. */
export interface TopologyState {
  readonly topology: Topology
  /** The highest epoch that a sentinel published; `topology.configEpoch` runs ahead of it while a promotion is unconfirmed. */
  readonly confirmedEpoch: number
  /** Told to be the primary, not yet seen to be. */
  readonly verifying?: { readonly address: Address; readonly epoch: number; readonly since: number }
  readonly suspicion?: { readonly by: Suspicion; readonly since: number }
  /** Sentinels that were heard to name the epoch held, or an earlier one that was. A set of strangers with lower epochs was newly made. */
  readonly witnesses: readonly Witness[]
  /** What a minority claims, and no node bore out in time. Remembered for as long as any sentinel's last word is that. */
  readonly setAside: readonly { readonly address: Address; readonly epoch: number }[]
  /** Until there is a primary: when the first sentinel answered, and what nodes said of themselves. */
  readonly heardSince?: number
  readonly nodes: readonly NodeWord[]
}

export function initialState(name: string): TopologyState {
  return { topology: emptyTopology(name), confirmedEpoch: -1, witnesses: [], setAside: [], nodes: [] }
}
