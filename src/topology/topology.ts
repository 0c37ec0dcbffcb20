import type { Address } from '../protocol/address.js'
import type { ReplicaReply } from '../protocol/parse-reply.js'

/**
 * What this client believes about one group of nodes, at one moment. Immutable: every change is a new value with a
 * higher `revision`. Nothing but `reduce` makes one, and nothing but this says who the primary is.
 */
export interface Topology {
  /** The name the sentinels know the group by (`sentinel monitor <name> …`). */
  readonly name: string
  /** Counts the changes of this value, from 0. */
  readonly revision: number
  /** The configuration epoch that the primary was taken with; -1 before any sentinel answered. A lower one is never followed. */
  readonly configEpoch: number
  readonly phase: Phase
  /** The node writes go to; absent until a majority named one and the node itself said so. */
  readonly primary?: Primary
  readonly replicas: readonly Replica[]
  readonly sentinels: readonly SentinelView[]
  /** The sentinels' own settings for this name, as last told; absent before the first answer. */
  readonly settings?: SentinelSettings
}

export type Phase =
  /** No primary is known yet. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'stable' }
  /** Something is wrong with the primary, no failover has begun. */
  | { readonly kind: 'suspect'; readonly since: number; readonly by: Suspicion }
  /** A failover is under way. */
  | { readonly kind: 'failover'; readonly since: number; readonly epoch?: number; readonly candidate?: Candidate }
  /** A new primary was named and has not yet been seen to be one. */
  | { readonly kind: 'verifying'; readonly since: number; readonly candidate: Address; readonly epoch: number }

/** `odown`: a quorum of sentinels agrees that it is down. `refused`: it answered READONLY or said it is a replica. */
export type Suspicion = 'sdown' | 'odown' | 'link-lost' | 'refused'

/** The replica that the elected leader chose to promote, and that leader. */
export interface Candidate {
  readonly address: Address
  /** The sentinel that leads this failover, `host:port` as this client reaches it. */
  readonly leader: string
}

export interface Primary {
  readonly address: Address
  /** When this client took it as the primary: milliseconds since 1970 by this client's clock. */
  readonly since: number
  /** False while only the leader and the node itself have said so (promotion `fast`), before a sentinel published the epoch. */
  readonly confirmed: boolean
}

export interface Replica {
  readonly address: Address
  /** Flags as the sentinels give them, for example `slave`, `s_down`, `disconnected`. */
  readonly flags: readonly string[]
  /** A sentinel holds it to be down or is not connected to it. */
  readonly down: boolean
  /** Its replication link to the primary is up. */
  readonly linkUp: boolean
  /** How long the link has been down, in milliseconds; 0 while it is up. */
  readonly linkDownMs: number
  /** `replica-priority`; 0 is never promoted. */
  readonly priority: number
  /** How much of the replication stream it held when a sentinel last asked, in bytes. */
  readonly offset: number
}

/** One sentinel as this client sees it, and what it last said. */
export interface SentinelView {
  /** `host:port` as this client reaches it. */
  readonly key: string
  /** Its run id (SENTINEL MYID), once it answered. */
  readonly id?: string
  readonly reachable: boolean
  /** Why it is not reachable, in words. */
  readonly error?: string
  /** The primary it names; absent when it does not know the group. */
  readonly primary?: Address
  readonly configEpoch?: number
  /** The highest config epoch that it has answered with under this run id. */
  readonly highestEpoch?: number
  /** It is back at config epoch 0, where SENTINEL MONITOR begins, after it had a higher one: the group was removed there and is told of anew. */
  readonly forgot?: true
  /** How many other sentinels it knows for this group. */
  readonly others?: number
  /** It distrusts its own clock (TILT) and takes part in no failover. */
  readonly tilt: boolean
  /** It answered, and knows no group of this name. */
  readonly unknownName: boolean
  /** The epoch of the last `+new-epoch` it published, to be joined with the `+try-failover` that follows it. */
  readonly announcedEpoch?: number
  /** What it holds of the primary that it watches. */
  readonly judgement?: Judgement
  /** The failover that it tries or leads. */
  readonly failover?: FailoverView
  readonly replicas: readonly ReplicaReply[]
  /** Its own settings for this name; sentinels may differ. */
  readonly settings?: SentinelSettings
  /** Its last answer, milliseconds since 1970; 0 before the first. */
  readonly seenAt: number
}

export interface Judgement {
  readonly address: Address
  readonly verdict: 'up' | 'sdown' | 'odown'
  /** When this client first heard of it: milliseconds since 1970. */
  readonly since: number
}

export interface FailoverView {
  /** The primary that is to be replaced. */
  readonly from: Address
  readonly since: number
  readonly epoch?: number
  /** The replica it chose to promote; only the elected leader ever chooses one. */
  readonly candidate?: Address
  /**
   * The promotion was ordered, or the candidate said since that it is a replica still: from then on a role of primary comes
   * from this promotion. Before, a chosen node that was a primary once may say so because nobody has told it otherwise.
   */
  readonly ordered?: true
  /** How it was last heard of: by what the sentinel published, or by the flags in its answer. */
  readonly told: 'by-event' | 'by-answer'
}

/** Durations in milliseconds, as in sentinel.conf. */
export interface SentinelSettings {
  readonly quorum: number
  readonly downAfterMs: number
  readonly failoverTimeoutMs: number
}

export function emptyTopology(name: string): Topology {
  return { name, revision: 0, configEpoch: -1, phase: { kind: 'unknown' }, replicas: [], sentinels: [] }
}

/** More than half of all the sentinels that the group is said to have, told or not. */
export function majority(total: number): number {
  return Math.floor(total / 2) + 1
}
