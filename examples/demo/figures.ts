import { compareLedger, type LedgerEntry } from 'ioredis-sentinel/testkit'
import { highest } from '../../src/cli/report/highest.js'
import type { OperationKind, OperationRecord } from '../lib/reporter.js'

/** What one run of the demo left behind: the programs' own records, the list at its end, and two moments. */
export interface Evidence {
  readonly records: readonly OperationRecord[]
  /** How many operations each program says it issued. */
  readonly issued: Readonly<Partial<Record<OperationKind, number>>>
  /** The list on the primary, once everything was over: `<writer>:<id>`. */
  readonly list: readonly string[]
  readonly writerId: string
  /** When the first node was promoted, as seen on the nodes themselves; absent when none was. */
  readonly promotedAt?: number
}

export interface Figures {
  readonly writes: WriteFigures
  readonly heartbeats: OperationFigures
  readonly reads: ReadFigures
}

export interface OperationFigures {
  readonly issued: number
  readonly ok: number
  readonly unknown: number
  readonly failed: number
  /** Issued and never settled. */
  readonly hung: number
  /** What the first that was not answered said. */
  readonly firstError?: string
  /** The longest time without an answer, from the first call to the last. */
  readonly longestGapMs: number
  readonly latency: Spread
}

export interface WriteFigures extends OperationFigures {
  /** Acknowledged and not in the list. */
  readonly lost: number
  /** Of those, issued at or after the promotion: nothing excuses these. */
  readonly lostAfterPromotion: number
  /** Ids that are in the list more than once. */
  readonly doubled: number
  /** Pairs of ids that stand in the list the other way round than they were issued. */
  readonly reordered: number
  /** Said to have failed without being executed, and in the list all the same. */
  readonly failedYetThere: number
  /** From the promotion to the first acknowledgement, after it, of a write that the list holds. */
  readonly firstAckMs?: number
  readonly firstAckAt?: number
}

export interface ReadFigures extends OperationFigures {
  /** Returned an older heartbeat than an earlier read had returned. */
  readonly wentBack: number
  readonly furthestBackMs: number
  readonly staleness: Spread
}

/** Milliseconds; 0 when there is nothing to measure. */
export interface Spread {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export function computeFigures(evidence: Evidence): Figures {
  const of = (kind: OperationKind): readonly OperationRecord[] => evidence.records.filter((one) => one.kind === kind)
  const writes = of('write')
  const reads = of('read')
  const back = reads.flatMap((read) => (read.wentBackMs === undefined ? [] : [read.wentBackMs]))
  return {
    writes: {
      ...operationFigures(writes, evidence.issued.write ?? 0),
      ...compareWithList(writes, evidence)
    },
    heartbeats: operationFigures(of('heartbeat'), evidence.issued.heartbeat ?? 0),
    reads: {
      ...operationFigures(reads, evidence.issued.read ?? 0),
      wentBack: back.length,
      furthestBackMs: highest(back),
      staleness: spread(reads.flatMap((read) => (read.stalenessMs === undefined ? [] : [read.stalenessMs])))
    }
  }
}

function operationFigures(records: readonly OperationRecord[], issued: number): OperationFigures {
  const ok = records.filter((one) => one.outcome === 'ok')
  const firstError = records.find((one) => one.error !== undefined)?.error
  const calls = records.map((one) => one.issuedAt).sort((a, b) => a - b)
  return {
    issued,
    ok: ok.length,
    unknown: records.filter((one) => one.outcome === 'unknown').length,
    failed: records.filter((one) => one.outcome === 'failed').length,
    hung: Math.max(0, issued - records.length),
    ...(firstError !== undefined && { firstError }),
    longestGapMs: longestGap([...ok.map(settledAt), ...calls.slice(0, 1), ...calls.slice(-1)]),
    latency: spread(ok.map((one) => one.latencyMs))
  }
}

const LEDGER_OUTCOMES = { ok: 'acked', unknown: 'unknown', failed: 'failed' } as const

function compareWithList(
  writes: readonly OperationRecord[],
  { list, writerId, promotedAt }: Evidence
): Omit<WriteFigures, keyof OperationFigures> {
  const entries: LedgerEntry[] = [...writes]
    .sort((a, b) => a.id - b.id)
    .map((write) => ({
      id: `${writerId}:${write.id}`,
      issuedAt: write.issuedAt,
      settledAt: settledAt(write),
      outcome: LEDGER_OUTCOMES[write.outcome]
    }))
  const report = compareLedger(entries, list)
  const firstAckMs = promotedAt === undefined ? undefined : report.firstAckAfter(promotedAt)
  return {
    lost: report.lost.length,
    lostAfterPromotion: promotedAt === undefined ? 0 : report.lostAfter(promotedAt).length,
    doubled: report.doubled.length,
    reordered: report.reordered,
    failedYetThere: report.failedButPresent.length,
    ...(firstAckMs !== undefined && promotedAt !== undefined && { firstAckMs, firstAckAt: promotedAt + firstAckMs })
  }
}

export function settledAt(record: OperationRecord): number {
  return record.issuedAt + record.latencyMs
}

function longestGap(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  let longest = 0
  for (let index = 1; index < sorted.length; index++) {
    longest = Math.max(longest, (sorted[index] ?? 0) - (sorted[index - 1] ?? 0))
  }
  return longest
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 }
}
