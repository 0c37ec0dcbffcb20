import type { Address } from './protocol/address.js'
import type { Primary, Replica, SentinelView, Topology } from './topology/topology.js'

/** One thing that somebody said or did during a failover. */
export interface TimelineEntry {
  /** Milliseconds since 1970 by this client's clock. */
  readonly at: number
  /** Milliseconds since the timeline began. */
  readonly afterMs: number
  /** `sentinel host:port`, `node host:port` or `client`. */
  readonly who: string
  /** A sentinel's event name such as `+odown`, or a word of this client's: `connected`, `hold`, `release`, `moved` … */
  readonly what: string
  readonly detail?: string
}

/** One report a failover, given to `failover` listeners when writes flow again or the failover was called off. */
export interface FailoverTimeline {
  readonly name: string
  /** `aborted`: the primary stayed the same. */
  readonly outcome: 'moved' | 'aborted'
  readonly from?: Address
  readonly to?: Address
  /** The configuration epoch that the new primary was taken with. */
  readonly epoch: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number
  readonly entries: readonly TimelineEntry[]
  /** How many calls of this client waited here until writes flowed again. */
  readonly held: number
  /** The longest such wait so far, in milliseconds. */
  readonly longestHoldMs: number
  /** How many calls were sent again, because they had not been executed or may be repeated. */
  readonly retried: number
  /** How many calls ended in UnknownOutcomeError. */
  readonly unknown: number
}

/**
 * Subscriptions were lost with their connection, and are all made anew: what was published to them in between was missed. What
 * is published from `untilAt` on arrives.
 */
export interface SubscriptionGap {
  readonly channels: readonly string[]
  /** Of PSUBSCRIBE. */
  readonly patterns: readonly string[]
  /** Of SSUBSCRIBE. */
  readonly shardChannels: readonly string[]
  /** When the lost connection was last heard: milliseconds since 1970 by this client's clock. */
  readonly fromAt: number
  /** When the server had confirmed the last of them again. */
  readonly untilAt: number
  /** `untilAt - fromAt`. */
  readonly lengthMs: number
  /** The node that they were lost with. */
  readonly from: Address
  /** The node that they are at now: another one, or the same. */
  readonly to: Address
}

/** A failover lost writes that the session of `with({ session })` had seen, its own or others'; its reads go to the primary, which is without them. */
export interface SessionLost {
  /** The token that was given to with(). */
  readonly session: string
  /** How much of the primary's stream of writes before the token's point is missing. */
  readonly lostBytes: number
}

/**
 * Why this client does not read from a replica. `lost`: no connection, or one that is lost again and again. `silent`: no answer for
 * `suspectAfterMs`. `refused`: it refused a read: it loads, may not serve old data, or is busy. `lag`: its data is older than `maxLagMs`. `down`: most of
 * the sentinels that list it hold it to be down. `link-down`: they see that its link to a living primary is down. `removed`: it is no
 * replica any more, or no sentinel lists it.
 */
export type ReplicaOutReason = 'lost' | 'silent' | 'refused' | 'lag' | 'down' | 'link-down' | 'removed'

/** This client ceases to read from a replica. It asks it by questions of its own whether it may be read from again. */
export interface ReplicaOut {
  readonly address: Address
  readonly reason: ReplicaOutReason
  /** The server's own words, when it refused. */
  readonly detail?: string
  /** How old its data is at most, in milliseconds, when that is the reason and is known. */
  readonly lagMs?: number
}

/** This client reads from a replica again. */
export interface ReplicaBack {
  readonly address: Address
  /** Why it was not read from, as it was told then. */
  readonly reason: ReplicaOutReason
  /** For how long, in milliseconds. */
  readonly outMs: number
}

/** What SentinelRedis emits beside ioredis's own events. */
export interface SentinelRedisEvents {
  /** Every change of the topology. */
  topology: (topology: Topology) => void
  'primary-changed': (change: { readonly from?: Primary; readonly to: Primary; readonly topology: Topology }) => void
  /** A failover was seen to begin, a quorum holds the primary to be down, or another primary was named. A lost connection alone is none. */
  'failover-started': (topology: Topology) => void
  failover: (timeline: FailoverTimeline) => void
  'subscription-gap': (gap: SubscriptionGap) => void
  /** Once for each with({ session }), when it is found out: by reads that a replica could answer. */
  'session-lost': (lost: SessionLost) => void
  /** A sentinel sees it, and holds it to be up. Whether this client reads from it is told by `replica-out` and `replica-back`. */
  'replica-up': (replica: Replica) => void
  'replica-down': (replica: Replica) => void
  'replica-out': (out: ReplicaOut) => void
  'replica-back': (back: ReplicaBack) => void
  'sentinel-up': (sentinel: SentinelView) => void
  'sentinel-down': (sentinel: SentinelView) => void
}
