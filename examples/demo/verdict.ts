import type { Fault } from 'ioredis-sentinel/testkit'
import type { JudgedRow } from '../../src/cli/report/run-page.js'
import { unknownBudget, type FaultProfile } from './faults.js'
import type { Figures } from './figures.js'

export interface VerdictRow extends JudgedRow {
  readonly about: 'writes' | 'reads' | 'run'
}

export interface Verdict {
  readonly pass: boolean
  readonly rows: readonly VerdictRow[]
  /** PASS or FAIL and why, in one line. */
  readonly line: string
  /** What the first call of each kind that was not answered said. */
  readonly notes: readonly string[]
}

export interface Case {
  readonly name: Fault
  readonly profile: FaultProfile
  /** Writes per second. */
  readonly rate: number
  readonly figures: Figures
  /** Promotions seen on the nodes themselves. */
  readonly promotions: number
  /** What the writer's client counted. */
  readonly client?: ClientReport
  /** What went wrong with the run itself, for example a program that ended by itself. */
  readonly trouble: readonly string[]
}

export interface ClientReport {
  /** Calls that waited in the client until writes flowed again. */
  readonly held: number
  /** Absent when it reported no failover. */
  readonly longestHoldMs?: number
  readonly retried: number
}

const NOT_JUDGED = '–'
/** The median over ten runs that the client aims at. */
const FIRST_ACK_GOAL_MS = 100

export function judge(one: Case): Verdict {
  const rows: VerdictRow[] = [
    ...writeRows(one).map((row) => ({ about: 'writes' as const, ...row })),
    ...readRows(one).map((row) => ({ about: 'reads' as const, ...row })),
    ...runRows(one).map((row) => ({ about: 'run' as const, ...row }))
  ]
  const failed = rows.filter((row) => row.state === 'fail')
  const pass = failed.length === 0
  const why = failed.map((row) => `${row.what} ${row.figure} (allowed: ${row.budget})`)
  const line = pass ? `PASS ${one.name}: ${praise(one)}` : `FAIL ${one.name}: ${why.join('; ')}`
  return { pass, rows, line, notes: notesOf(one.figures) }
}

function notesOf({ writes, heartbeats, reads }: Figures): string[] {
  const said: readonly [string, string | undefined][] = [
    ['write', writes.firstError],
    ['idempotent write', heartbeats.firstError],
    ['read', reads.firstError]
  ]
  return said.flatMap(([kind, text]) =>
    text === undefined ? [] : [`The first ${kind} that was not answered said: ${text}`]
  )
}

function writeRows({ figures: { writes, heartbeats }, profile, rate, promotions }: Case): JudgedRow[] {
  const excused = profile.mayLoseUnreplicated && promotions > 0
  const beforePromotion = writes.lost - writes.lostAfterPromotion
  return [
    atLeastOne('writes acknowledged', writes.ok, writes.issued),
    ...(profile.promotes || promotions > 0
      ? [none('lost, issued after the promotion', writes.lostAfterPromotion)]
      : []),
    excused
      ? told('lost, issued before it', beforePromotion, 'replication is asynchronous')
      : none(promotions > 0 ? 'lost, issued before it' : 'lost', beforePromotion),
    none('doubled', writes.doubled),
    none('out of order', writes.reordered),
    none('failed (other than unknown)', writes.failed),
    none('failed, and yet in the list', writes.failedYetThere),
    atMost('outcome unknown', writes.unknown, unknownBudget(profile, rate)),
    none('hung', writes.hung),
    none('idempotent writes (SET) not acknowledged', heartbeats.issued - heartbeats.ok),
    told('longest gap between acknowledgements', ms(writes.longestGapMs), NOT_JUDGED),
    told('write latency p50 / p99 / max', spreadText(writes.latency), NOT_JUDGED)
  ]
}

function readRows({ figures: { reads } }: Case): JudgedRow[] {
  return [
    atLeastOne('reads answered', reads.ok, reads.issued),
    none('reads failed', reads.failed + reads.unknown),
    none('reads hung', reads.hung),
    told('longest gap between reads', ms(reads.longestGapMs), NOT_JUDGED),
    told('read latency p50 / p99 / max', spreadText(reads.latency), NOT_JUDGED),
    told('reads that went backwards', backwardsText(reads.wentBack, reads.furthestBackMs), 'replicas may lag'),
    told('staleness p50 / p99 / max', spreadText(reads.staleness), NOT_JUDGED)
  ]
}

function runRows({ profile, promotions, figures: { writes }, client, trouble }: Case): JudgedRow[] {
  const rows: JudgedRow[] = []
  if (profile.promotes) {
    rows.push({
      what: 'promotions seen on the nodes',
      figure: count(promotions),
      budget: '1 or more',
      state: promotions > 0 ? 'pass' : 'fail'
    })
    const first = writes.firstAckMs
    rows.push({
      what: 'promotion to first acknowledgement',
      figure: first === undefined ? 'none came' : ms(first),
      budget: `goal: median below ${FIRST_ACK_GOAL_MS} ms`,
      state: first === undefined ? 'fail' : 'told'
    })
  } else {
    rows.push(told('promotions seen on the nodes', promotions, 'none is expected'))
  }
  if (client !== undefined) {
    const longest = client.longestHoldMs === undefined ? '' : `, at most for ${ms(client.longestHoldMs)}`
    const figure = `${count(client.held)}${longest}`
    rows.push(told('calls held in the writer', figure, NOT_JUDGED))
    rows.push(told('calls the writer sent again', client.retried, 'not executed, or idempotent'))
  }
  for (const text of trouble) rows.push({ what: 'the run', figure: text, budget: 'no trouble', state: 'fail' })
  return rows
}

function praise({ figures: { writes, reads }, profile, promotions }: Case): string {
  const parts = [`${count(writes.ok)} writes acknowledged`, '0 doubled', 'order kept']
  if (writes.lost === 0) parts.push('0 lost')
  else parts.push(`0 lost after the promotion, ${count(writes.lost)} before it (asynchronous replication)`)
  parts.push(`${count(writes.unknown)} unknown`, `${count(reads.ok)} reads, 0 failed`)
  if (profile.promotes && promotions > 0 && writes.firstAckMs !== undefined) {
    parts.push(`first write ${ms(writes.firstAckMs)} after the promotion`)
  }
  return parts.join(', ')
}

function none(what: string, value: number): JudgedRow {
  return { what, figure: count(value), budget: '0', state: value === 0 ? 'pass' : 'fail' }
}

function atMost(what: string, value: number, budget: number): JudgedRow {
  return {
    what,
    figure: count(value),
    budget: budget === 0 ? '0' : `at most ${count(budget)}`,
    state: value <= budget ? 'pass' : 'fail'
  }
}

function atLeastOne(what: string, value: number, issued: number): JudgedRow {
  return {
    what,
    figure: `${count(value)} of ${count(issued)}`,
    budget: 'more than 0',
    state: value > 0 ? 'pass' : 'fail'
  }
}

function told(what: string, value: number | string, budget: string): JudgedRow {
  return { what, figure: typeof value === 'number' ? count(value) : value, budget, state: 'told' }
}

function backwardsText(times: number, furthestMs: number): string {
  return times === 0 ? '0' : `${count(times)}, at most by ${ms(furthestMs)}`
}

function spreadText({ p50, p99, max }: { p50: number; p99: number; max: number }): string {
  return `${short(p50)} / ${short(p99)} / ${ms(max)}`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function short(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')
}

export function ms(value: number): string {
  return `${short(value)} ms`
}
