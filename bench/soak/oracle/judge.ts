import type { LedgerReport } from 'ioredis-sentinel/testkit'
import { compareLedger } from 'ioredis-sentinel/testkit'
import type { ConsumedJobs, Heard, Queue, StepRecord, Written } from '../records.js'
import { LISTS, QUEUES, SUBSCRIPTIONS } from '../records.js'
import type { FinalState } from './final-state.js'

export interface StepFacts {
  /** When promotions were seen in this step, in milliseconds since 1970. */
  readonly promotions: readonly number[]
  readonly record: StepRecord
  readonly state: FinalState
  /** Asked after `state`: a job that is taken between the two is in this one, and one that is taken later in that one. */
  readonly consumed: ConsumedJobs
}

export interface Judgement {
  /** What must not be, each in words; empty when all is well. */
  readonly violations: readonly string[]
  readonly calls: number
  readonly unknown: number
  /** Acknowledged before the promotion and gone with the old primary: told, not held against the client. */
  readonly lostBefore: number
  /** Messages that were published while the subscriber was between two connections. */
  readonly missedMessages: number
  /** Longest time without an acknowledged RPUSH, and without an answered GET. */
  readonly writeGapMs: number
  readonly readGapMs: number
}

/** Holds what the clients say against what the primary holds. Pure. */
export function judge({ promotions, record, state, consumed }: StepFacts): Judgement {
  const violations: string[] = []
  const mustHold = (what: string, count: number, examples: readonly unknown[] = []): void => {
    if (count === 0) return
    violations.push(`${what}: ${count}${examples.length === 0 ? '' : ` (${examples.slice(0, 5).join(', ')})`}`)
  }
  /** Writes issued from then on must be there. What a promotion by hand may cost too: docs/guarantees.md, what is lost, and when. */
  const keptFrom = promotions.at(-1) ?? -Infinity
  let calls = record.reads.issued + record.ownReads.checked * 2
  let unknown = 0
  let lostBefore = 0
  const settle = (name: string, written: Written, found: readonly string[]): LedgerReport => {
    const report = compareLedger(written, found)
    calls += report.issued
    unknown += report.unknown
    lostBefore += report.lost.length - report.lostAfter(keptFrom).length
    mustHold(`${name}: hung`, report.hung)
    mustHold(`${name}: failed`, report.failed, Object.keys(report.errors))
    mustHold(`${name}: doubled`, report.doubled.length, report.doubled)
    mustHold(`${name}: lost`, report.lostAfter(keptFrom).length, report.lostAfter(keptFrom))
    return report
  }

  for (const list of LISTS) {
    const ids = new Set(record.lists[list].map(({ id }) => id))
    const found = state.lists[list].filter((id) => !list.startsWith('watch-') || ids.has(id))
    const report = settle(list, record.lists[list], found)
    mustHold(`${list}: reordered`, report.reordered)
    mustHold(`${list}: never written`, report.foreign.length, report.foreign)
  }
  const hash = settle('hash', record.hashFields, [...state.hashFields].sort())
  mustHold('hash: unknown, though HSET may be repeated', hash.unknown)

  for (const [counter, list] of [
    ['multi:n', 'multi'],
    ['script:n', 'script'],
    ['watch:n', 'watch-a']
  ] as const) {
    mustHold(
      `${counter} is ${state.counters[counter]} beside ${state.lists[list].length} elements of one transaction; apart by`,
      Math.abs(state.counters[counter] - state.lists[list].length)
    )
  }
  const increments = countIncrements(record.increments, keptFrom)
  calls += record.increments.length
  unknown += increments.unknown
  mustHold('INCR: failed or hung', increments.failed, increments.errors)
  mustHold('INCR: effects without a call', Math.max(0, state.counters.increments - increments.most))
  mustHold('INCR: effects that are missing', Math.max(0, increments.least - state.counters.increments))

  for (const queue of QUEUES) {
    const produced = record.jobs[queue]
    const missing = judgeQueue(queue, produced, consumed[queue], state.left[queue], keptFrom)
    calls += produced.length + consumed[queue].seen.length
    unknown += produced.filter(({ outcome }) => outcome === 'unknown').length
    const failed = produced.filter(({ outcome }) => outcome !== 'acked' && outcome !== 'unknown')
    mustHold(
      `jobs of ${queue}: failed or hung`,
      failed.length,
      failed.map(({ error }) => String(error))
    )
    mustHold(`jobs of ${queue}: never seen`, missing.length, missing)
    complain(`consumer by ${queue}`, consumed[queue].errors, mustHold)
  }

  let missedMessages = 0
  for (const kind of SUBSCRIPTIONS) {
    const { doubled, disordered, missed, lost } = judgeMessages(record.heard[kind])
    missedMessages += missed
    calls += record.heard[kind].published.length
    mustHold(`messages by ${kind}: doubled`, doubled.length, doubled)
    mustHold(`messages by ${kind}: out of order`, disordered)
    mustHold(`messages by ${kind}: missed though subscribed`, lost.length, lost)
  }

  mustHold('GET: failed', record.reads.failed, Object.keys(record.reads.errors))
  mustHold('GET: hung', record.reads.hung)
  mustHold('own writes not read back', record.ownReads.stale.length, record.ownReads.stale)
  complain('own reads', record.ownReads.errors, mustHold)
  mustHold('short-lived clients not closed', record.shortLived.made - record.shortLived.closed)
  complain('short-lived clients', record.shortLived.errors, mustHold)
  mustHold('replies of another call', record.wrongReplies.length, record.wrongReplies)

  return {
    violations,
    calls,
    unknown,
    lostBefore,
    missedMessages,
    writeGapMs: compareLedger(record.lists.append, state.lists.append).longestGapMs,
    readGapMs: record.reads.longestGapMs
  }
}

function complain(
  who: string,
  errors: Readonly<Record<string, number>>,
  mustHold: (what: string, count: number) => void
): void {
  for (const [code, count] of Object.entries(errors)) mustHold(`${who}: ${code}`, count)
}

interface Increments {
  readonly least: number
  readonly most: number
  readonly unknown: number
  readonly failed: number
  readonly errors: readonly string[]
}

/** How far the counter may be: each acknowledged call once, each unknown one at most once. */
function countIncrements(written: Written, keptFrom: number): Increments {
  const acked = written.filter(({ outcome }) => outcome === 'acked')
  const unknown = written.filter(({ outcome }) => outcome === 'unknown')
  const failed = written.filter(({ outcome }) => outcome !== 'acked' && outcome !== 'unknown')
  return {
    least: acked.filter(({ issuedAt }) => issuedAt >= keptFrom).length,
    most: acked.length + unknown.length,
    unknown: unknown.length,
    failed: failed.length,
    errors: failed.map(({ error, outcome }) => (typeof error === 'string' ? error : outcome))
  }
}

/** Acknowledged jobs that no consumer saw and that nobody can still take. */
function judgeQueue(
  queue: Queue,
  produced: Written,
  { seen, connectionsLost }: ConsumedJobs[Queue],
  left: readonly string[],
  keptFrom: number
): readonly string[] {
  const accounted = new Set([...seen, ...left])
  const missing = produced
    .filter(({ id, outcome, issuedAt }) => outcome === 'acked' && issuedAt >= keptFrom && !accounted.has(id))
    .map(({ id }) => id)
  // BLPOP has taken its element when the connection breaks with the reply on it: docs/guarantees.md, blocking commands.
  return queue === 'blpop' && missing.length <= connectionsLost ? [] : missing
}

interface Messages {
  readonly doubled: readonly number[]
  readonly disordered: number
  /** Published to nobody, or while the connection of the subscriber was about to be lost. */
  readonly missed: number
  /** Published to a subscriber that has not lost its connection since, and not heard. */
  readonly lost: readonly number[]
}

function judgeMessages({ published, heard, lastLossAt }: Heard): Messages {
  const arrived = new Set(heard)
  const doubled = heard.filter((number, index) => heard.indexOf(number) !== index)
  const absent = published.filter(({ number }) => !arrived.has(number))
  const lost = absent.filter(({ receivers = 0, issuedAt }) => receivers > 0 && issuedAt > (lastLossAt ?? -Infinity))
  return {
    doubled,
    disordered: heard.filter((number, index) => index > 0 && number < (heard[index - 1] ?? 0)).length,
    missed: absent.length - lost.length,
    lost: lost.map(({ number }) => number)
  }
}
