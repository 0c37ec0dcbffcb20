import type { Environment } from '../environment.js'

/** Times are milliseconds after the fault, to a tenth. */
export interface Recording {
  readonly environment: Environment
  readonly fault: string
  /** When the new primary said that it is one, as a watch of the benchmark's own saw. */
  readonly promotedAt: number
  /** The report of the `failover` event, with names in place of addresses. */
  readonly entries: readonly RecordedEntry[]
  readonly held: number
  readonly longestHoldMs: number
  readonly unknown: number
  /** Issued at, settled at, what became of it. */
  readonly writes: readonly RecordedCall[]
  readonly reads: readonly RecordedCall[]
}

export interface RecordedEntry {
  readonly at: number
  readonly who: string
  readonly what: string
  readonly detail?: string
}

export type RecordedCall = readonly [issuedAt: number, settledAt: number, outcome: string]
