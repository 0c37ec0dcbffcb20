import { type LedgerEntry, type LedgerReport, type ReadEntry, reportReads } from '../../testkit/index.js'

export interface WriteFigures {
  readonly issued: number
  readonly acknowledged: number
  readonly unknown: number
  /** Of those, how many are there at the end; null when the data could not be read. So with all that follows from the data. */
  readonly unknownPresent: number | null
  readonly failed: number
  /** Refused, and there all the same. */
  readonly failedButPresent: number | null
  /** Never settled. */
  readonly hung: number
  readonly lost: number | null
  readonly doubled: number | null
  /** Pairs that stand in the data the other way round than they were issued. */
  readonly reordered: number | null
  readonly longestGapMs: number
  readonly latencyMs: Spread
  /** How often each error came, by its code. */
  readonly errors: Readonly<Record<string, number>>
}

export interface ReadFigures {
  readonly issued: number
  readonly answered: number
  readonly failed: number
  readonly hung: number
  readonly longestGapMs: number
  readonly latencyMs: Spread
  readonly errors: Readonly<Record<string, number>>
}

/** null when there is nothing to measure. */
export interface Spread {
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** `isComplete`: `report` was made with the data of the end. */
export function writeFigures(report: LedgerReport, entries: readonly LedgerEntry[], isComplete: boolean): WriteFigures {
  const known = (value: number): number | null => (isComplete ? value : null)
  const latencies = entries.flatMap(({ outcome, issuedAt, settledAt }) =>
    outcome === 'acked' && settledAt !== undefined ? [settledAt - issuedAt] : []
  )
  return {
    issued: report.issued,
    acknowledged: report.acked,
    unknown: report.unknown,
    unknownPresent: known(report.unknownPresent),
    failed: report.failed,
    failedButPresent: known(report.failedButPresent.length),
    hung: report.hung,
    lost: known(report.lost.length),
    doubled: known(report.doubled.length),
    reordered: known(report.reordered),
    longestGapMs: tenths(report.longestGapMs),
    latencyMs: spread(latencies),
    errors: report.errors
  }
}

export function readFigures(entries: readonly ReadEntry[]): ReadFigures {
  const { ok, latencies, longestGapMs, ...rest } = reportReads(entries)
  return {
    issued: rest.issued,
    answered: ok,
    failed: rest.failed,
    hung: rest.hung,
    longestGapMs: tenths(longestGapMs),
    latencyMs: spread(latencies),
    errors: rest.errors
  }
}

function spread(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number | null => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    return value === undefined ? null : tenths(value)
  }
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}
