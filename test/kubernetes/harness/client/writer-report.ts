import type { LedgerEntry, LedgerReport } from '../../../../src/testkit/ledger/ledger-report.js'

/** A time without an acknowledged write, in milliseconds since 1970. */
export interface Gap {
  readonly from: number
  readonly ms: number
}

/** What the writer says at its end: the ledger held against all ids that are there. */
export interface WriterReport extends Pick<LedgerReport, 'issued' | 'acked' | 'failed' | 'unknown' | 'hung' | 'lost'> {
  /** When the first and the last of the lost ones were acknowledged; empty when none is lost. */
  readonly lostAckedAt: readonly number[]
  readonly doubled: number
  readonly foreign: number
  readonly failedButPresent: number
  readonly longestGapMs: number
  /** Those of at least 500 ms, in order. */
  readonly gaps: readonly Gap[]
  readonly errors: Readonly<Record<string, number>>
}

/** One line of the writer's output. */
export type WriterLine = { readonly acked: number } | { readonly report: WriterReport } | { readonly problem: string }

const GAP_FROM_MS = 500

export function toWriterReport(report: LedgerReport, entries: readonly LedgerEntry[], endedAt: number): WriterReport {
  const lost = new Set(report.lost)
  const acked = entries.filter(({ outcome }) => outcome === 'acked')
  const lostAckedAt = acked.filter(({ id }) => lost.has(id)).map(({ settledAt = 0 }) => settledAt)
  return {
    issued: report.issued,
    acked: report.acked,
    failed: report.failed,
    unknown: report.unknown,
    hung: report.hung,
    lost: report.lost,
    lostAckedAt: lostAckedAt.length === 0 ? [] : [Math.min(...lostAckedAt), Math.max(...lostAckedAt)],
    doubled: report.doubled.length,
    foreign: report.foreign.length,
    failedButPresent: report.failedButPresent.length,
    longestGapMs: Math.round(report.longestGapMs),
    gaps: gapsOf(
      acked.flatMap(({ settledAt }) => settledAt ?? []),
      endedAt
    ),
    errors: report.errors
  }
}

function gapsOf(times: readonly number[], endedAt: number): Gap[] {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted.flatMap((from, index) => {
    const ms = (sorted[index + 1] ?? endedAt) - from
    return ms >= GAP_FROM_MS ? [{ from, ms: Math.round(ms) }] : []
  })
}
