import { FAULTS, type Fault } from 'ioredis-sentinel/testkit'
import { MOVING_FAULTS, PACKET_FAULTS, REPLICA_FAULTS } from '../faults.js'

/** A client with its options, as it is measured. */
export interface ClientEntry {
  readonly label: string
  /** The options that matter, as its users would write them. */
  readonly setup: string
  readonly ours: boolean
  /** Measured when no `--clients` is given. */
  readonly standard: boolean
}

export const CLIENTS = {
  ours: {
    label: 'ioredis-sentinel',
    setup: 'new SentinelRedis({ name, sentinels }); one client for writes and reads',
    ours: true,
    standard: true
  },
  ioredis: {
    label: 'ioredis',
    setup: "new Redis({ name, sentinels }), and a second one with role: 'slave' for the reads",
    ours: false,
    standard: true
  },
  'ioredis-tuned': {
    label: 'ioredis tuned',
    setup:
      'the same with failoverDetector: true; sentinelRetryStrategy, sentinelReconnectStrategy and retryStrategy of 100 ms; ' +
      'connectTimeout and sentinelCommandTimeout 1000; reconnectOnError: 2 for READONLY; maxRetriesPerRequest: null',
    ours: false,
    standard: true
  },
  'node-redis': {
    label: 'node-redis',
    setup: 'createSentinel({ name, sentinelRootNodes }), and a second one with replicaPoolSize: 1 for the reads',
    ours: false,
    standard: true
  },
  'node-redis-tuned': {
    label: 'node-redis tuned',
    setup:
      'the same with scanInterval: 100, and connectTimeout 1000 and a reconnectStrategy of 100 ms for nodes and sentinels',
    ours: false,
    standard: true
  },
  'ours-set': {
    label: 'ioredis-sentinel, SET',
    setup: 'the default client; SET of a key for each id instead of RPUSH',
    ours: true,
    standard: false
  },
  'ours-durability': {
    label: 'ioredis-sentinel, durability',
    setup: 'writes by with({ durability: { replicas: 1, timeoutMs: 500 } })',
    ours: true,
    standard: false
  },
  'ours-exactly-once': {
    label: 'ioredis-sentinel, exactlyOnce',
    setup: 'writes by with({ exactlyOnce: true })',
    ours: true,
    standard: false
  }
} as const satisfies Readonly<Record<string, ClientEntry>>

export type ClientName = keyof typeof CLIENTS

export const CLIENT_NAMES = Object.keys(CLIENTS) as readonly ClientName[]

export const STANDARD_CLIENTS = CLIENT_NAMES.filter((name) => CLIENTS[name].standard)

/** What is done to the topology: a fault of the testkit, or a failover planned by this library's own command. */
export type Trouble = Fault | 'coordinated'

export interface TroubleEntry {
  readonly what: string
  /** A new primary comes of it. */
  readonly promotes: boolean
  /** It is one replica that fails, and it is healed while the client goes on. */
  readonly hitsReplica: boolean
  /** Needs root. */
  readonly dropsPackets: boolean
}

const COORDINATED =
  "failover({ mode: 'coordinated' }) called on a client of this library that does nothing else, while the measured one writes"

export const TROUBLE_NAMES: readonly Trouble[] = [...(Object.keys(FAULTS) as Fault[]), 'coordinated']

export function troubleOf(name: Trouble): TroubleEntry {
  if (name === 'coordinated') return { what: COORDINATED, promotes: true, hitsReplica: false, dropsPackets: false }
  return {
    what: FAULTS[name],
    promotes: MOVING_FAULTS.has(name),
    hitsReplica: REPLICA_FAULTS.has(name),
    dropsPackets: PACKET_FAULTS.has(name)
  }
}
