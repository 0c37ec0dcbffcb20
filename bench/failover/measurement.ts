import { type Attempt, compareLedger, type LedgerEntry, reportReads } from 'ioredis-sentinel/testkit'
import type { ClientName, Trouble } from './catalogue.js'

/** One run: one client through one trouble. Absent figures do not exist for it; `null` ones never came. */
export interface Measurement {
  readonly fault: Trouble
  readonly client: ClientName
  readonly round: number
  /** When the fault was injected, ISO 8601. */
  readonly at: string
  /** From the fault to the promotion: the sentinels' time. */
  readonly promotionMs?: number
  /** From the promotion to the first ack of a write that the new primary itself executed, and kept. */
  readonly afterPromotionMs?: number | null
  readonly writeGapMs: number
  readonly issued: number
  readonly acked: number
  readonly lost: number
  readonly lostAfterPromotion: number
  readonly doubled: number
  readonly reordered: number
  readonly failed: number
  readonly failedButPresent: number
  readonly unknown: number
  readonly unknownPresent: number
  readonly hung: number
  readonly readGapMs: number
  /** The slowest read, from its issue to its answer; `null` when one had none. Results of before it was measured lack it. */
  readonly longestReadMs?: number | null
  readonly readsOk: number
  readonly readsFailed: number
  readonly readsHung: number
  /** Faults of a replica that the client had read from: from the heal to the first read that the replica itself executed. */
  readonly readsBackMs?: number | null
  /** `restart` only: how long the server itself did not answer, and the write gap beyond that. */
  readonly absenceMs?: number
  readonly beyondAbsenceMs?: number
  /** False when writes or reads did not flow again while it was waited for. */
  readonly recovered: boolean
  readonly errors: Readonly<Record<string, number>>
  readonly readErrors: Readonly<Record<string, number>>
  /** Acks in each 50 ms from `TIMES.fromMs` before the fault. */
  readonly acks: readonly number[]
  /** The share of the processors' time, 0 to 1, that other machines took while there was traffic; absent where it is not known. */
  readonly stolen?: number
  readonly tookMs: number
}

/** What one run left behind. Times are milliseconds since 1970. */
export interface Evidence {
  readonly writes: readonly LedgerEntry[]
  readonly reads: readonly Attempt<'ok' | 'failed'>[]
  /** The data at the end, after the topology was healed and had settled. */
  readonly finalList: readonly string[]
  readonly faultAt: number
  readonly promotedAt?: number
  /** What the new primary had got by replication when it was promoted. */
  readonly replicated: ReadonlySet<string>
  readonly absenceMs?: number
  readonly readsBackMs?: number | null
}

export type Figures = Omit<Measurement, 'fault' | 'client' | 'round' | 'at' | 'recovered' | 'stolen' | 'tookMs'>

export const TIMES = { fromMs: -500, toMs: 8000, stepMs: 50 } as const

/** Pure: the figures of a run. */
export function measure(evidence: Evidence): Figures {
  const { writes, finalList, faultAt, promotedAt, absenceMs, readsBackMs } = evidence
  const report = compareLedger(writes, finalList)
  const reads = reportReads(evidence.reads)
  return {
    ...(promotedAt !== undefined && {
      promotionMs: round(promotedAt - faultAt),
      afterPromotionMs: nullable(firstOwnAck(evidence), (at) => at - promotedAt)
    }),
    writeGapMs: round(report.longestGapMs),
    issued: report.issued,
    acked: report.acked,
    lost: report.lost.length,
    lostAfterPromotion: promotedAt === undefined ? 0 : report.lostAfter(promotedAt).length,
    doubled: report.doubled.length,
    reordered: report.reordered,
    failed: report.failed,
    failedButPresent: report.failedButPresent.length,
    unknown: report.unknown,
    unknownPresent: report.unknownPresent,
    hung: report.hung,
    readGapMs: round(reads.longestGapMs),
    longestReadMs: nullable(reads.hung > 0 ? undefined : reads.latencies.at(-1), (ms) => ms),
    readsOk: reads.ok,
    readsFailed: reads.failed,
    readsHung: reads.hung,
    ...(readsBackMs !== undefined && { readsBackMs: nullable(readsBackMs ?? undefined, (ms) => ms) }),
    ...(absenceMs !== undefined && {
      absenceMs: round(absenceMs),
      beyondAbsenceMs: round(Math.max(0, report.longestGapMs - absenceMs))
    }),
    errors: report.errors,
    readErrors: reads.errors,
    acks: buckets(writes, faultAt)
  }
}

/**
 * The first ack that the new primary gave: of a write that is there at the end and that it did not get by replication. The
 * moment alone does not tell: the old primary may still ack when a failover is made by hand.
 */
function firstOwnAck({ writes, finalList, replicated }: Evidence): number | undefined {
  const kept = new Set(finalList)
  const acks = writes.flatMap(({ id, outcome, settledAt }) =>
    outcome === 'acked' && settledAt !== undefined && kept.has(id) && !replicated.has(id) ? [settledAt] : []
  )
  return acks.length === 0 ? undefined : acks.reduce((first, at) => Math.min(first, at), Infinity)
}

function buckets(writes: readonly LedgerEntry[], faultAt: number): number[] {
  const { fromMs, toMs, stepMs } = TIMES
  const counts = new Array<number>((toMs - fromMs) / stepMs).fill(0)
  let last = 0
  for (const { outcome, issuedAt, settledAt } of writes) {
    const bucketOf = (at: number): number => Math.floor((at - faultAt - fromMs) / stepMs)
    last = Math.max(last, bucketOf(issuedAt))
    const bucket = settledAt === undefined ? -1 : bucketOf(settledAt)
    if (outcome === 'acked' && bucket in counts) counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  // Where nothing was issued any more, nothing is known.
  return counts.slice(0, last)
}

function nullable(value: number | undefined, figure: (value: number) => number): number | null {
  return value === undefined ? null : round(figure(value))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
