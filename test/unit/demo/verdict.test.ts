import { describe, expect, it } from 'vitest'
import { PROFILES } from '../../../examples/demo/faults.js'
import type { Figures, ReadFigures, WriteFigures } from '../../../examples/demo/figures.js'
import { judge, type Case } from '../../../examples/demo/verdict.js'

const spread = { p50: 1, p99: 2, max: 3 }
const counts = { issued: 100, ok: 100, unknown: 0, failed: 0, hung: 0, longestGapMs: 10, latency: spread }

const good: Figures = {
  writes: { ...counts, lost: 0, lostAfterPromotion: 0, doubled: 0, reordered: 0, failedYetThere: 0, firstAckMs: 4 },
  heartbeats: counts,
  reads: { ...counts, wentBack: 0, furthestBackMs: 0, staleness: spread }
}

interface Change {
  readonly writes?: Partial<WriteFigures>
  readonly reads?: Partial<ReadFigures>
  readonly heartbeats?: Partial<Figures['heartbeats']>
}

const verdictOf = (change: Change, over: Partial<Case> = {}) =>
  judge({
    name: 'kill',
    profile: PROFILES.kill,
    rate: 200,
    promotions: 1,
    trouble: [],
    figures: {
      writes: { ...good.writes, ...change.writes },
      heartbeats: { ...good.heartbeats, ...change.heartbeats },
      reads: { ...good.reads, ...change.reads }
    },
    ...over
  })

const manual: Partial<Case> = { name: 'manual', profile: PROFILES.manual }
const restart: Partial<Case> = { name: 'restart', profile: PROFILES.restart, promotions: 0 }

describe('judge', () => {
  it('passes a run in which nothing went wrong, in one line', () => {
    const { pass, line, rows } = verdictOf({})
    expect(pass).toBe(true)
    expect(line).toMatch(/^PASS kill: 100 writes acknowledged, 0 doubled, order kept, 0 lost.*first write 4\.0 ms/)
    expect(rows.filter((row) => row.state === 'fail')).toEqual([])
  })

  const neverAcked: Omit<WriteFigures, 'firstAckMs'> & { firstAckMs?: number } = { ...good.writes }
  delete neverAcked.firstAckMs
  const failing: readonly [what: string, change: Change, over?: Partial<Case>][] = [
    ['writes acknowledged', { writes: { ok: 0 } }],
    ['lost, issued after the promotion', { writes: { lost: 1, lostAfterPromotion: 1 } }],
    ['lost, issued before it', { writes: { lost: 1 } }, manual],
    ['lost', { writes: { lost: 1 } }, restart],
    ['doubled', { writes: { doubled: 1 } }],
    ['out of order', { writes: { reordered: 1 } }],
    ['failed (other than unknown)', { writes: { failed: 1, firstError: 'no primary' } }],
    ['failed, and yet in the list', { writes: { failedYetThere: 1 } }],
    ['outcome unknown', { writes: { unknown: 6 } }],
    ['outcome unknown', { writes: { unknown: 1 } }, manual],
    ['outcome unknown', { writes: { unknown: 41 } }, { name: 'freeze', profile: PROFILES.freeze }],
    ['hung', { writes: { hung: 1 } }],
    ['idempotent writes (SET) not acknowledged', { heartbeats: { ok: 99 } }],
    ['reads answered', { reads: { ok: 0 } }],
    ['reads failed', { reads: { failed: 1 } }],
    ['reads hung', { reads: { hung: 1 } }],
    ['promotions seen on the nodes', {}, { promotions: 0 }],
    ['promotion to first acknowledgement', {}, { figures: { ...good, writes: neverAcked } }],
    ['the run', {}, { trouble: ['the writer ended with SIGSEGV'] }]
  ]

  it.each(failing)('fails on: %s', (what, change, over) => {
    const verdict = verdictOf(change, over)
    expect(verdict.rows.filter((row) => row.state === 'fail').map((row) => row.what)).toEqual([what])
    expect(verdict.pass).toBe(false)
    expect(verdict.line).toMatch(/^FAIL /)
    expect(verdict.line).toContain(what)
  })

  it('tells, and does not fail, what an unplanned failover may lose', () => {
    const { pass, line, rows } = verdictOf({ writes: { lost: 3 } })
    expect(pass).toBe(true)
    expect(line).toContain('3 before it (asynchronous replication)')
    expect(rows.find((row) => row.what === 'lost, issued before it')).toMatchObject({ figure: '3', state: 'told' })
  })

  it('speaks of before and after a promotion only where there is one', () => {
    const whats = (verdict: ReturnType<typeof judge>) => verdict.rows.map((row) => row.what)
    expect(whats(verdictOf({}))).toEqual(expect.arrayContaining(['lost, issued after the promotion']))
    expect(whats(verdictOf({}, restart))).not.toContain('lost, issued after the promotion')
    expect(whats(verdictOf({}, restart))).toContain('lost')
  })

  it('tells how many calls were held also when the client reported no failover', () => {
    const figure = (client: Case['client']) =>
      verdictOf({}, { ...(client !== undefined && { client }) }).rows.find(
        (row) => row.what === 'calls held in the writer'
      )?.figure
    expect(figure({ held: 44, retried: 0 })).toBe('44')
    expect(figure({ held: 44, retried: 0, longestHoldMs: 1200 })).toBe('44, at most for 1,200 ms')
    expect(figure(undefined)).toBeUndefined()
  })

  it('does not excuse a loss when no promotion explains it', () => {
    expect(verdictOf({ writes: { lost: 3 } }, { promotions: 0 }).line).toMatch(/lost 3/)
  })

  it('tells reads that went backwards, and fails none', () => {
    const { pass, rows } = verdictOf({ reads: { wentBack: 7, furthestBackMs: 12 } })
    expect(pass).toBe(true)
    expect(rows.find((row) => row.what === 'reads that went backwards')?.figure).toBe('7, at most by 12 ms')
  })

  it('allows more unknown outcomes at a higher rate, and not fewer at a lower one', () => {
    expect(verdictOf({ writes: { unknown: 10 } }, { rate: 400 }).pass).toBe(true)
    expect(verdictOf({ writes: { unknown: 11 } }, { rate: 400 }).pass).toBe(false)
    expect(verdictOf({ writes: { unknown: 5 } }, { rate: 50 }).pass).toBe(true)
  })

  it('notes what the first failure said', () => {
    expect(verdictOf({ reads: { failed: 2, firstError: 'DEADLINE' } }).notes).toEqual([
      'The first read that was not answered said: DEADLINE'
    ])
  })
})
