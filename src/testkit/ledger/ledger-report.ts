import { countByCode } from './error-code.js'
import { longestGap } from './longest-gap.js'
import type { Attempt } from './paced-attempts.js'

/** `unknown`: rejected with `code: 'UNKNOWN_OUTCOME'`; it may have taken effect or not. */
export type WriteEnd = 'acked' | 'failed' | 'unknown'

/** One write of a ledger. */
export interface LedgerEntry extends Attempt<WriteEnd> {
  readonly id: string
}

/** The ledger held against the data at the end. */
export interface LedgerReport {
  readonly issued: number
  readonly acked: number
  /** Rejected with anything but an unknown outcome. */
  readonly failed: number
  /** Rejected with `code: 'UNKNOWN_OUTCOME'`. */
  readonly unknown: number
  readonly hung: number
  /** Ids that were acked and are absent. */
  readonly lost: readonly string[]
  /** Ids that are present more than once. */
  readonly doubled: readonly string[]
  /** Ids that were reported as failed and are present all the same. */
  readonly failedButPresent: readonly string[]
  /** How many of the writes with an unknown outcome are present. */
  readonly unknownPresent: number
  /** Values in the data that this ledger never issued. */
  readonly foreign: readonly string[]
  /** Pairs of ids that stand in the data the other way round than they were issued (first places only). */
  readonly reordered: number
  /** Longest time without an ack, from the first issue to the last issue or ack, in milliseconds. */
  readonly longestGapMs: number
  /** Rejections by `code`, or by the first word of the server's reply. */
  readonly errors: Readonly<Record<string, number>>
  /** The lost ones among those issued at or after `promotedAt` (milliseconds since 1970). */
  lostAfter(promotedAt: number): readonly string[]
  /**
   * Milliseconds from `at` to the first ack after it; undefined when there was none. Acks whose id is absent at the end do
   * not count: in a failover by hand the old primary still acks for a moment, and those writes are lost.
   */
  firstAckAfter(at: number): number | undefined
}

/** Pure: compares what was written with what is there, in the order it is there. */
export function compareLedger(entries: readonly LedgerEntry[], finalList: readonly string[]): LedgerReport {
  const order = new Map(entries.map((entry, index) => [entry.id, index]))
  const places = new Map<string, number>()
  for (const id of finalList) places.set(id, (places.get(id) ?? 0) + 1)
  const having = (outcome: LedgerEntry['outcome']): LedgerEntry[] =>
    entries.filter((entry) => entry.outcome === outcome)
  const acked = having('acked')
  const failed = having('failed')
  const unknown = having('unknown')
  const lost = acked.filter((entry) => !places.has(entry.id))
  const keptAcks = acked.flatMap((entry) =>
    entry.settledAt !== undefined && places.has(entry.id) ? [entry.settledAt] : []
  )
  return {
    issued: entries.length,
    acked: acked.length,
    failed: failed.length,
    unknown: unknown.length,
    hung: having('hung').length,
    lost: lost.map((entry) => entry.id),
    doubled: [...places].filter(([, count]) => count > 1).map(([id]) => id),
    failedButPresent: failed.filter((entry) => places.has(entry.id)).map((entry) => entry.id),
    unknownPresent: unknown.filter((entry) => places.has(entry.id)).length,
    foreign: [...places.keys()].filter((id) => !order.has(id)),
    reordered: inversions([...places.keys()].flatMap((id) => order.get(id) ?? [])),
    longestGapMs: longestGap(
      acked.flatMap((entry) => entry.settledAt ?? []),
      entries.at(0)?.issuedAt,
      entries.at(-1)?.issuedAt
    ),
    errors: countByCode([...failed, ...unknown].map((entry) => entry.error)),
    lostAfter: (promotedAt) => lost.filter((entry) => entry.issuedAt >= promotedAt).map((entry) => entry.id),
    firstAckAfter: (at) => {
      const first = keptAcks.reduce((best, time) => (time >= at && time < best ? time : best), Infinity)
      return first === Infinity ? undefined : first - at
    }
  }
}

/** How many pairs of `values` stand in descending order, by merge sort. */
export function inversions(values: readonly number[]): number {
  return sortCounting(values).count
}

function sortCounting(values: readonly number[]): { readonly sorted: readonly number[]; readonly count: number } {
  if (values.length < 2) return { sorted: values, count: 0 }
  const middle = values.length >> 1
  const left = sortCounting(values.slice(0, middle))
  const right = sortCounting(values.slice(middle))
  const sorted: number[] = []
  let count = left.count + right.count
  let taken = 0
  for (const value of left.sorted) {
    for (; taken < right.sorted.length && (right.sorted[taken] ?? Infinity) < value; taken += 1) {
      sorted.push(right.sorted[taken] ?? 0)
    }
    count += taken
    sorted.push(value)
  }
  return { sorted: [...sorted, ...right.sorted.slice(taken)], count }
}
