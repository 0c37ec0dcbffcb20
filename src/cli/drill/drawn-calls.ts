import type { LedgerEntry, ReadEntry } from '../../testkit/index.js'
import type { DrawnCall } from '../report/traffic-plots.js'

const WRITE_ENDS = { acked: 'ok', unknown: 'unknown', failed: 'failed' } as const

/** What the plots show: calls that have settled. */
export function drawnCalls(writes: readonly LedgerEntry[], reads: readonly ReadEntry[]): DrawnCall[] {
  return [
    ...writes.flatMap(({ outcome, issuedAt, settledAt }): DrawnCall[] =>
      settledAt === undefined || outcome === 'open' || outcome === 'hung'
        ? []
        : [{ kind: 'write', issuedAt, latencyMs: settledAt - issuedAt, outcome: WRITE_ENDS[outcome] }]
    ),
    ...reads.flatMap(({ outcome, issuedAt, settledAt }): DrawnCall[] =>
      settledAt === undefined || outcome === 'open' || outcome === 'hung'
        ? []
        : [{ kind: 'read', issuedAt, latencyMs: settledAt - issuedAt, outcome }]
    )
  ]
}
