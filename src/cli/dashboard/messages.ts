import type { TimelineEntry } from '../../index.js'

/** All that the page is told. Its script imports these types too, so nothing of Node.js stands here. */
export type Message =
  /** The first on every connection: all that is known. */
  | ({ readonly kind: 'hello' } & Told)
  | { readonly kind: 'state'; readonly state: State }
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'happening'; readonly happening: NumberedHappening }
  /** Told again, with the same id, when the calls after it are known too. */
  | { readonly kind: 'timeline'; readonly timeline: TimelineReport }

export interface Told {
  readonly state: State
  /** Oldest first; so are the others. */
  readonly samples: readonly Sample[]
  readonly happenings: readonly NumberedHappening[]
  readonly timelines: readonly TimelineReport[]
}

export interface State {
  /** Milliseconds since 1970 by the clock of the tool; so are all moments here. */
  readonly at: number
  readonly group: GroupView
  readonly client: ClientNumbers
  readonly faults: FaultsView
}

export interface GroupView {
  readonly name: string
  readonly phase: 'unknown' | 'stable' | 'suspect' | 'failover' | 'verifying'
  /** The phase with what is known of it, for people. */
  readonly phaseText: string
  /** Null before any sentinel answered. */
  readonly epoch: number | null
  readonly quorum: number | null
  readonly downAfterMs: number | null
  /** The primary first, then the replicas by address. */
  readonly nodes: readonly NodeView[]
  readonly sentinels: readonly SentinelCard[]
}

export interface NodeView {
  /** `host:port`. */
  readonly address: string
  readonly role: 'primary' | 'replica'
  readonly state: 'up' | 'link-down' | 'down'
  /** What is to be said of the state, for people; empty when all is well. */
  readonly note: string
  /** It was chosen to be promoted, or is being verified as the new primary. */
  readonly candidate: boolean
  /** How much of the replication stream it has not acknowledged; null when nobody can say, and of the primary. */
  readonly lagBytes: number | null
  readonly priority: number | null
  readonly numbers: NodeNumbers
}

/** What a node answered to INFO when it was last asked; null what it did not say. */
export interface NodeNumbers {
  /** Why it has no numbers, in words; empty when it answered. */
  readonly error: string
  readonly opsPerSecond: number | null
  readonly clients: number | null
  readonly memoryBytes: number | null
  readonly offset: number | null
  readonly roundTripMs: number | null
  readonly version: string | null
}

export interface SentinelCard {
  readonly address: string
  readonly reachable: boolean
  /** What is to be said of it, for people; empty when all is well. */
  readonly note: string
  /** The primary it names. */
  readonly names: string | null
  readonly epoch: number | null
  readonly others: number | null
  /** It leads the failover that is under way. */
  readonly leads: boolean
}

/** What the tool's own client counts: `client.stats()`. */
export interface ClientNumbers {
  readonly status: string
  readonly held: number
  readonly holdReasons: readonly string[]
  readonly inFlight: number
  readonly heldTotal: number
  readonly retried: number
  readonly hedged: number
  readonly unknown: number
  readonly readsOnReplicas: number
  /** Writes a second that it makes by itself, and as many reads. */
  readonly load: number
  readonly written: number
  readonly read: number
  readonly failed: number
}

export interface FaultsView {
  /** Empty where none may be done. */
  readonly faults: readonly FaultView[]
  /** Asks before it does one: the group is somebody's. */
  readonly confirm: boolean
  /** What was done and can be undone, in words, oldest first. */
  readonly toHeal: readonly string[]
  /** One is being done, or undone, now. */
  readonly busy: boolean
}

export interface FaultView {
  readonly name: string
  readonly description: string
  /** Why it cannot be done here; empty when it can. */
  readonly unavailable: string
}

/** What was measured in a stretch of time that ended at `at`. */
export interface Sample {
  readonly at: number
  /** By node, `host:port`; a node that did not answer is left out. */
  readonly nodes: Readonly<Record<string, { readonly ops: number | null; readonly roundTripMs: number }>>
  /** The tool's own calls that were answered, and the slowest of them; null where there was none. */
  readonly writes: number
  readonly reads: number
  readonly failed: number
  readonly slowestWriteMs: number | null
  readonly slowestReadMs: number | null
}

export interface NumberedHappening {
  readonly id: number
  readonly at: number
  readonly event: string
  readonly text: string
  /** Something is worse than before. */
  readonly isBad: boolean
}

export interface FailoverReport {
  readonly outcome: 'moved' | 'aborted'
  readonly from: string | null
  readonly to: string | null
  readonly epoch: number
  readonly startedAt: number
  readonly endedAt: number
  readonly held: number
  readonly longestHoldMs: number
  readonly retried: number
  readonly unknown: number
  readonly entries: readonly TimelineEntry[]
}

export interface TimelineReport extends FailoverReport {
  readonly id: number
  /** The tool's own calls from a second before it to two seconds after it, as far as they are known; of very many the telling ones. */
  readonly calls: readonly Call[]
  /** How many there were. */
  readonly callsMade: number
}

/** One call that the tool made by itself. */
export interface Call {
  readonly kind: 'write' | 'read'
  /** When it was made. */
  readonly at: number
  readonly tookMs: number
  readonly ok: boolean
}
