/** @module ioredis-sentinel */

export { type AnySentinelRedis, SentinelRedis } from './sentinel-redis.js'
export type { SentinelRedisStats } from './runtime/client-stats.js'
export type {
  CredentialsFunction,
  CredentialsRequest,
  GivenCredentials,
  TlsFunction,
  TlsRequest
} from './options/access.js'
export type { ReplyMapping } from './options/reply-mapping.js'
export type { AccessReason, Hop } from './protocol/access.js'
export type { AddressMap, AddressTable, SentinelRedisOptions, SentinelSeed, ZoneMap } from './options.js'
export type { CallOptions } from './runtime/call.js'
export type { Transaction, TransactionOptions } from './runtime/transactions/transaction-types.js'
export type { ExactlyOnceOptions, ExactlyOnceSetting } from './routing/exactly-once/options.js'
export type { FailoverMode, FailoverOptions } from './runtime/handover/failover-options.js'
export type { Durability } from './runtime/durability-waits.js'
export type {
  FailoverTimeline,
  ReplicaBack,
  ReplicaOut,
  ReplicaOutReason,
  SentinelRedisEvents,
  SessionLost,
  SubscriptionGap,
  TimelineEntry
} from './events.js'
export {
  AbortedError,
  AccessError,
  ConfigurationError,
  ConflictError,
  CursorLostError,
  DeadlineError,
  DurabilityError,
  FailoverFailedError,
  NoPrimaryError,
  NoReplicaError,
  QueueFullError,
  SentinelError,
  SentinelsUnreachableError,
  UnknownOutcomeError
} from './errors.js'
export type { ConflictReason, FailoverStep, SentinelErrorCode, Stage } from './errors.js'
export type {
  Candidate,
  FailoverView,
  Judgement,
  Phase,
  Primary,
  Replica,
  SentinelSettings,
  SentinelView,
  Suspicion,
  Topology
} from './topology/topology.js'
export type { PromotionMode } from './topology/reduce.js'
export type { ReadFrom, ReadFromFunction, ReadPolicy, ReadRequest } from './routing/read-policy.js'
export type { SubscribeTo } from './routing/subscribe-policy.js'
export type { HoldReason } from './runtime/gate.js'
export type { ChannelMessage } from './observe/channels.js'
export type { CommandTrace, ContactedNode } from './observe/command-trace.js'
export type { RestartingScanStream, ScanName, ScanRestart } from './runtime/scan-stream.js'
export type { Address } from './protocol/address.js'
