/** Who is measured. The first is this library, the second what all are compared with. */
export const CLIENTS = {
  ours: { label: 'ioredis-sentinel', setup: 'new SentinelRedis({ name, sentinels })' },
  ioredis: { label: 'ioredis', setup: 'new Redis(port, host), connected directly to the primary' },
  'ioredis-auto': {
    label: 'ioredis, auto-pipelining',
    setup: 'new Redis({ host, port, enableAutoPipelining: true }), connected directly to the primary'
  },
  'node-redis': {
    label: 'node-redis',
    setup: 'createSentinel({ name, sentinelRootNodes, masterPoolSize: 1 }): reads and writes at the primary'
  },
  'ours-unhedged': {
    label: 'ioredis-sentinel, hedge: false',
    setup: 'new SentinelRedis({ name, sentinels, hedge: false })'
  },
  'ioredis-timer': {
    label: 'ioredis, a timer each 10 ms',
    setup: 'as ioredis, and setInterval(() => undefined, 10) beside it'
  }
} as const satisfies Readonly<Record<string, { readonly label: string; readonly setup: string }>>

export type ClientName = keyof typeof CLIENTS

export const CLIENT_NAMES = Object.keys(CLIENTS) as readonly ClientName[]

/** Where none are named. The others are to find out what a part of a client costs. */
export const COMPARED: readonly ClientName[] = ['ours', 'ioredis', 'ioredis-auto', 'node-redis']

export const WORKLOADS = {
  set: 'SET of 32 bytes, one of 10,000 keys at a time',
  get: 'GET of 32 bytes, one of 10,000 keys at a time',
  mixed: 'four GET to one SET, 32 bytes',
  pipeline: 'a pipeline of 100 SET, 32 bytes',
  multi: 'MULTI of SET, GET, SET, GET, 32 bytes',
  'set-1k': 'SET of 1 KB',
  'get-1k': 'GET of 1 KB',
  'set-64k': 'SET of 64 KB',
  'get-64k': 'GET of 64 KB'
} as const satisfies Readonly<Record<string, string>>

export type Workload = keyof typeof WORKLOADS

export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as readonly Workload[]

/** Calls in flight: each that ends is followed by the next. */
export const DEPTHS = [1, 16, 64, 512] as const

/** A load that is the same for all: so many calls a second, whatever comes of them. */
export const PACED: readonly Paced[] = [
  { workload: 'set', perSecond: 2_000 },
  { workload: 'get', perSecond: 2_000 },
  { workload: 'set', perSecond: 10_000 },
  { workload: 'get', perSecond: 10_000 }
]

export interface Paced {
  readonly workload: Workload
  readonly perSecond: number
}

/** Whose garbage is counted, with this many in flight. */
export const ALLOCATING: readonly Workload[] = ['set', 'get']
export const ALLOCATING_DEPTH = 64

export const KEYS = 10_000
