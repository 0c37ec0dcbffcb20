import type { Command } from 'ioredis'
import type { AnyRedis } from './any-redis.js'
import type { Address } from '../protocol/address.js'
import type { ReadFrom } from '../routing/read-policy.js'
import type { SubscribeTo } from '../routing/subscribe-policy.js'
import type { Topology } from '../topology/topology.js'
import type { HoldReason } from './gate.js'
import type { ReplicaConnection } from './replica-connection.js'
import type { SideConnection } from './side-connection.js'

export interface DispatcherOptions {
  readonly group: string
  readonly readFrom: ReadFrom
  readonly subscribeTo: SubscribeTo
  /** Reads by the user's declaration, in lower case. */
  readonly readOnlyCommands: ReadonlySet<string> | undefined
  readonly suspectAfterMs: number
  readonly maxQueuedCommands: number
  readonly maxQueuedBytes: number
  readonly enableOfflineQueue: boolean
  readonly commandTimeoutMs: number | undefined
  /** The deadline of a call that sets none. */
  readonly deadlineMs: () => number
  /** Silence of a connection after which it is given up. */
  readonly hopelessAfterMs: () => number
  /** The sentinels' own limit for a node that does not answer them. */
  readonly downAfterMs: () => number
}

/** What the dispatcher needs of the world around it. */
export interface DispatcherHost {
  topology(): Topology
  /** The first command of a client that was made with lazyConnect. */
  wake(): void
  /** A replica that may answer these reads, of those that are `fit`; undefined for the primary's own path. */
  chooseReplica(
    policy: ReadFrom,
    commands: readonly Command[],
    db: number,
    fit?: (one: ReplicaConnection) => boolean
  ): ReplicaConnection | undefined
  /** This call, which waits, begins or ends subscriptions that are not on the client's own connection. */
  subscribe(command: Command): void
  /** The connections to replicas. */
  readers(): readonly AnyRedis[]
  /** This command goes to the primary, or waits for it. */
  onWrite(command: Command, db: number): void
  /** The primary turned out not to be one. */
  onDemoted(): void
  onHopeless(): void
  /** The primary lives, and the connection to it does not. */
  onDead(why: string): void
  /** The connection to this node broke. */
  onLost(address: Address): void
  /** The first call begins to wait. */
  onHold(reasons: readonly HoldReason[]): void
  /** The calls that waited have gone out. */
  onRelease(count: number): void
  /** A connection beside the client's own, to this node. */
  openSide(address: Address, signal: AbortSignal): Promise<SideConnection>
  /** Why there is no primary to write to. */
  whyNotReady(): Error
}

export interface DispatcherCounts {
  held: number
  longestHoldMs: number
  retried: number
  hedged: number
  unknown: number
  readsOnReplicas: number
}
