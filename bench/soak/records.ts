import type { LedgerEntry, ReadProbeReport } from 'ioredis-sentinel/testkit'
import type { ResourceSample } from './resources/census.js'

/** Lists whose elements are the ids of the writes that put them there, in order. */
export const LISTS = ['append', 'pipeline', 'multi', 'script', 'auto', 'watch-a', 'watch-b'] as const
/** Queues whose elements are taken by a consumer that blocks. */
export const QUEUES = ['blpop', 'blmove', 'xreadgroup'] as const
/** Ways to subscribe. */
export const SUBSCRIPTIONS = ['channel', 'pattern', 'shard'] as const

export type List = (typeof LISTS)[number]
export type Queue = (typeof QUEUES)[number]
export type Subscription = (typeof SUBSCRIPTIONS)[number]

/** What a ledger wrote; errors as their codes, since they go from one process to another. */
export type Written = readonly LedgerEntry[]

export interface OwnReads {
  readonly checked: number
  /** Reads that gave something older than this client's own acknowledged write, without a change of the primary in between. */
  readonly stale: readonly string[]
  readonly errors: Readonly<Record<string, number>>
}

export interface Consumed {
  readonly seen: readonly string[]
  /** How often the consumer's connection to the primary was lost. */
  readonly connectionsLost: number
  readonly errors: Readonly<Record<string, number>>
}

export interface Published {
  readonly number: number
  /** How many subscribers the server counted; undefined when the call failed. */
  readonly receivers: number | undefined
  readonly issuedAt: number
}

export interface Heard {
  readonly published: readonly Published[]
  readonly heard: readonly number[]
  /** When the subscriber last lost its connection to the primary in this step; null when it did not. */
  readonly lastLossAt: number | null
}

export interface ShortLived {
  readonly made: number
  readonly closed: number
  readonly errors: Readonly<Record<string, number>>
}

/** What the clients did during one step. */
export interface StepRecord {
  readonly lists: Readonly<Record<List, Written>>
  readonly increments: Written
  readonly hashFields: Written
  readonly jobs: Readonly<Record<Queue, Written>>
  readonly reads: Pick<ReadProbeReport, 'issued' | 'failed' | 'hung' | 'errors' | 'longestGapMs'>
  readonly ownReads: OwnReads
  readonly heard: Readonly<Record<Subscription, Heard>>
  readonly shortLived: ShortLived
  /** Replies that do not fit the call they came to. */
  readonly wrongReplies: readonly string[]
}

/** Ids of jobs by queue. */
export type Jobs = Readonly<Record<Queue, readonly string[]>>
export type ConsumedJobs = Readonly<Record<Queue, Consumed>>

export interface WorkerOptions {
  readonly name: string
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  /** Leaks something on purpose, to prove that it is found. */
  readonly plant?: Plant | undefined
}

/** `listener`: one more on a client after each failover. `map`: some 80 KiB more in a Map. `timer`: one more interval. */
export const PLANTS = ['listener', 'map', 'timer'] as const
export type Plant = (typeof PLANTS)[number]

/** What the parent asks of the worker: the argument, and the answer. */
export interface Calls {
  start: [WorkerOptions, null]
  begin: [{ readonly step: number }, null]
  /** Resolves when each ledger has had this many more acks. */
  flow: [{ readonly acks: number; readonly withinMs: number }, null]
  finish: [null, StepRecord]
  /** What was consumed, once each acknowledged job that was not left at the primary has been seen, or has had the time for it. */
  consumed: [{ readonly left: Jobs }, ConsumedJobs]
  sample: [{ readonly objects: boolean }, ResourceSample]
  stop: [null, null]
}
