import type { Outcome } from '../schedule.js'

/** Which of the two simulated clients: the whole SentinelRedis, or its decisions with a thin rest. */
export type ClientKind = 'real' | 'thin'

/** What a worker thread is to run: every `step`th seed. */
export interface Job {
  readonly client: ClientKind
  readonly from: number
  readonly step: number
  readonly count: number
  /** All that happens is told, not the last of it. */
  readonly wholeStory: boolean
  /** Ends at the first violation. */
  readonly stopAtFirst: boolean
}

/** What came of many schedules. */
export interface Tally {
  schedules: number
  virtualMs: number
  events: number
  failovers: number
  writes: number
  acked: number
  unknown: number
  /** Acknowledged writes that the servers lost. */
  lost: number
  /** Schedules in which the servers themselves did not come to rest. */
  restless: number[]
  failures: Outcome[]
  /** Of all traces together, in whatever order they were made. */
  trace: number
}

export function emptyTally(): Tally {
  return {
    schedules: 0,
    virtualMs: 0,
    events: 0,
    failovers: 0,
    writes: 0,
    acked: 0,
    unknown: 0,
    lost: 0,
    restless: [],
    failures: [],
    trace: 0
  }
}

export function add(tally: Tally, outcome: Outcome): void {
  tally.schedules += 1
  tally.virtualMs += outcome.virtualMs
  tally.events += outcome.events
  tally.failovers += outcome.failovers
  tally.writes += outcome.writes
  tally.acked += outcome.acked
  tally.unknown += outcome.unknown
  tally.lost += outcome.lost
  tally.trace = (tally.trace ^ Number.parseInt(outcome.hash, 16)) >>> 0
  if (outcome.restless) tally.restless.push(outcome.seed)
  if (outcome.violations.length > 0) tally.failures.push(outcome)
}

export function addAll(tally: Tally, other: Tally): void {
  const { restless, failures, trace, ...counts } = other
  for (const key of Object.keys(counts) as (keyof typeof counts)[]) tally[key] += counts[key]
  tally.restless.push(...restless)
  tally.failures.push(...failures)
  tally.trace = (tally.trace ^ trace) >>> 0
}
