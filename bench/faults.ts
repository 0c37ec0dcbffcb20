import type { Fault } from 'ioredis-sentinel/testkit'

/** Faults after which another node is the primary. */
export const MOVING_FAULTS: ReadonlySet<Fault> = new Set<Fault>([
  'manual',
  'kill',
  'freeze',
  'partition',
  'peers',
  'primary-and-sentinel'
])

/** Faults of one replica. */
export const REPLICA_FAULTS: ReadonlySet<Fault> = new Set<Fault>([
  'replica-kill',
  'replica-freeze',
  'replica-partition'
])

/** Faults that drop packets, which needs root. */
export const PACKET_FAULTS: ReadonlySet<Fault> = new Set<Fault>(['partition', 'peers', 'replica-partition'])
