/** @module ioredis-sentinel/testkit */

export type { Address } from '../protocol/address.js'
export { ConfigurationError } from '../errors.js'
export {
  FaultUnavailableError,
  MissingBinaryError,
  ProcessStartError,
  ReplyError,
  TopologyTimeoutError
} from './errors.js'
export { LocalNode, type NodeRole } from './local-node.js'
export { type Heal, LocalProcess, type RestartOptions } from './local-process.js'
export { type Described, LocalSentinel, type SentinelReport } from './local-sentinel.js'
export { LocalTopology } from './local-topology.js'
export type { TopologyOptions } from './options.js'
export type { PartitionScope } from './partitions.js'
export { type Promotion, PromotionWatch, type WatchPromotionsOptions } from './promotion-watch.js'
export { startTopology } from './start-topology.js'
export { type Fault, FAULTS, injectFault, type InjectedFault } from './faults.js'
export { Ledger, type LedgerOptions } from './ledger/ledger.js'
export { compareLedger, type LedgerEntry, type LedgerReport, type WriteEnd } from './ledger/ledger-report.js'
export type { Attempt } from './ledger/paced-attempts.js'
export { ReadProbe, type ReadProbeOptions } from './ledger/read-probe.js'
export { type ReadEnd, type ReadEntry, type ReadProbeReport, reportReads } from './ledger/read-probe-report.js'
export { partitionSupport, type PartitionSupport } from './firewall.js'
export type { FakeReply } from './fake-sentinel/encode-reply.js'
export { FakeSentinel, type FakeSentinelOptions, startFakeSentinel } from './fake-sentinel/fake-sentinel.js'
export type { FakeGroup, FakeOther, FakeReplica, FakeSentinelState } from './fake-sentinel/state.js'
