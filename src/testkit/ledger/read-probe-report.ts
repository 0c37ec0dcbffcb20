import { countByCode } from './error-code.js'
import { longestGap } from './longest-gap.js'
import type { Attempt } from './paced-attempts.js'

export type ReadEnd = 'ok' | 'failed'

/** One read of a probe. */
export type ReadEntry = Attempt<ReadEnd>

export interface ReadProbeReport {
  readonly issued: number
  readonly ok: number
  readonly failed: number
  readonly hung: number
  /** Longest time without a read that succeeded, from the first issue to the last issue or answer, in milliseconds. */
  readonly longestGapMs: number
  /** Milliseconds each successful read took, ascending. */
  readonly latencies: readonly number[]
  /** Failures by `code`, or by the first word of the server's reply. */
  readonly errors: Readonly<Record<string, number>>
  /** The latency that this share of the successful reads did not exceed: `percentile(0.99)`; undefined without any. */
  percentile(share: number): number | undefined
}

/** Pure. */
export function reportReads(entries: readonly ReadEntry[]): ReadProbeReport {
  const having = (outcome: ReadEntry['outcome']): ReadEntry[] => entries.filter((entry) => entry.outcome === outcome)
  const ok = having('ok')
  const failed = having('failed')
  const latencies = ok.map((entry) => (entry.settledAt ?? entry.issuedAt) - entry.issuedAt).sort((a, b) => a - b)
  return {
    issued: entries.length,
    ok: ok.length,
    failed: failed.length,
    hung: having('hung').length,
    longestGapMs: longestGap(
      ok.flatMap((entry) => entry.settledAt ?? []),
      entries.at(0)?.issuedAt,
      entries.at(-1)?.issuedAt
    ),
    latencies,
    errors: countByCode(failed.map((entry) => entry.error)),
    percentile: (share) => latencies[Math.max(0, Math.ceil(share * latencies.length) - 1)]
  }
}
