import type { AnyRedis } from './any-redis.js'
import { formatAddress } from '../protocol/address.js'
import type { ClientCore } from './client-core.js'
import type { HoldReason } from './gate.js'
import { inFlightCount } from './ioredis-internals.js'

/** A snapshot of what one client has done, and is doing. Counts are since it was made. */
export interface SentinelRedisStats {
  /** Calls waiting now. */
  readonly held: number
  /** Why calls wait now; empty when they do not. */
  readonly holdReasons: readonly HoldReason[]
  readonly inFlight: number
  /** Calls that were issued. */
  readonly issued: number
  readonly heldTotal: number
  /** Calls that were sent again, or to another node. */
  readonly retried: number
  /** Reads that were asked of a second node, since the first was late. */
  readonly hedged: number
  /** Calls that ended in UnknownOutcomeError. */
  readonly unknown: number
  /** The node that subscriptions are at, as `host:port`; undefined while there are none, or while they are nowhere. */
  readonly subscribedTo: string | undefined
  /** Reads given to replicas. */
  readonly readsOnReplicas: number
  /** transaction(): how many connections there are for it, idle ones too, and how many wait for one. */
  readonly transactions: { readonly connections: number; readonly waiting: number }
  readonly replicas: readonly {
    readonly address: string
    readonly usable: boolean
    readonly pending: number
    readonly latencyMs: number | undefined
    /** How old its data is at most, in milliseconds; undefined while that is not known, or without `maxLagMs`. */
    readonly lagMs: number | undefined
    /** Where it is, when the client has a `zone`. */
    readonly zone: string | undefined
  }[]
}

/** `connections`: those of transaction(). */
export function statsOf(
  redis: AnyRedis,
  core: ClientCore,
  connections: { readonly size: number; readonly waiting: number }
): SentinelRedisStats {
  const { dispatcher, reads } = core
  const { held, retried, hedged, unknown, readsOnReplicas } = dispatcher.counts
  return {
    held: dispatcher.heldNow,
    holdReasons: dispatcher.holdReasons,
    inFlight: inFlightCount(redis),
    issued: dispatcher.issued,
    heldTotal: held,
    retried,
    hedged,
    unknown,
    subscribedTo: core.subscribedTo === undefined ? undefined : formatAddress(core.subscribedTo),
    readsOnReplicas,
    transactions: { connections: connections.size, waiting: connections.waiting },
    replicas: reads.replicas.map((one) => ({
      address: formatAddress(one.address),
      usable: reads.isUsable(one),
      pending: one.pending,
      latencyMs: one.latencyMs,
      lagMs: reads.lagMsOf(one),
      zone: one.zone
    }))
  }
}
