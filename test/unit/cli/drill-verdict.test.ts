import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import type { JudgedBudget } from '../../../src/cli/drill/budgets.js'
import { drillPage } from '../../../src/cli/drill/page.js'
import { renderDrill } from '../../../src/cli/drill/render.js'
import { drillJson, type DrillResult } from '../../../src/cli/drill/result.js'
import { budgetRows, notesOf, verdictLine } from '../../../src/cli/drill/verdict.js'
import type { DrawnCall } from '../../../src/cli/report/traffic-plots.js'

const kept: JudgedBudget = { budget: 'gap-ms', allowed: 2_000, was: 312.4, kept: true }
const result: DrillResult = {
  name: 'orders',
  fault: 'manual',
  outcome: 'kept',
  startedAt: 0,
  faultAt: 1_000,
  endedAt: 5_000,
  description: 'SENTINEL FAILOVER of the primary <10.0.0.1:6379>',
  budgets: [kept],
  writes: {
    issued: 10,
    acknowledged: 9,
    unknown: 1,
    unknownPresent: 0,
    failed: 0,
    failedButPresent: 0,
    hung: 0,
    lost: 0,
    doubled: 0,
    reordered: 0,
    longestGapMs: 312.4,
    latencyMs: { p50: 0.5, p99: 3, max: 312 },
    errors: { UNKNOWN_OUTCOME: 1 }
  },
  failovers: [],
  moments: [{ at: 1_000, who: 'drill', what: 'fault: manual', kind: 'fault' }],
  key: { name: 'drill:1', removed: true, ttlMs: 120_000 },
  environment: [['server', 'Redis 7.0.15']]
}
const calls: readonly DrawnCall[] = [
  { kind: 'write', issuedAt: 900, latencyMs: 1, outcome: 'ok' },
  { kind: 'read', issuedAt: 1_400, latencyMs: 1, outcome: 'ok' }
]
const lost: JudgedBudget = { budget: 'lost', allowed: 0, was: 1_234, kept: false }

describe('the verdict of a drill', () => {
  it('is one line that says what it came to', () => {
    expect(verdictLine(result)).toBe('PASS manual: 9 writes acknowledged, 0 lost, 1 unknown, longest gap 312 ms')
  })

  it('names each budget that was exceeded, what was, and what was allowed', () => {
    const gap = { ...kept, was: 2_500, kept: false }
    expect(verdictLine({ ...result, outcome: 'exceeded', budgets: [gap, lost] })).toBe(
      'FAIL manual: gap-ms 2,500 ms (allowed: 2,000 ms); lost 1,234 (allowed: 0)'
    )
  })

  it('says why there is none', () => {
    expect(verdictLine({ ...result, outcome: 'not-done', problem: 'no good replica' })).toBe(
      'NOT DONE manual: no good replica'
    )
    expect(verdictLine({ ...result, outcome: 'interrupted' })).toContain('every budget kept so far')
    expect(verdictLine({ ...result, outcome: 'interrupted', budgets: [lost] })).toContain('exceeded so far: lost 1,234')
  })

  it('says what is not known', () => {
    expect(budgetRows({ ...result, budgets: [{ ...lost, was: null }] })).toEqual([
      { what: 'acknowledged writes lost', figure: 'not known', budget: '0', state: 'fail' }
    ])
  })

  it('notes errors, and a key that is still there', () => {
    expect(notesOf({ ...result, key: { ...result.key, removed: false } })).toEqual([
      'Writes ended in UNKNOWN_OUTCOME once.',
      'The list "drill:1" could not be removed; it expires within 120 s.'
    ])
  })
})

describe('renderDrill', () => {
  const drawn = (moments: DrillResult['moments']): string =>
    renderDrill({ ...result, moments }, undefined, pc.createColors(false))

  it('has a timeline where there was anything to put into it', () => {
    expect(drawn([{ at: 1_000, who: 'drill', what: 'fault: manual' }])).toMatch(/ms after the fault.*\n.*fault: manual/)
    expect(drawn([])).not.toContain('ms after the fault')
    expect(drawn([])).toMatch(/^\n +manual/)
  })
})

describe('drillJson', () => {
  it('has null for what there is not, and times as ISO 8601', () => {
    const { faultAt: _, ...unhurt } = result
    const json = drillJson(unhurt, undefined)
    expect(json).toMatchObject({ problem: null, faultAt: null, reads: null, html: null, exceeded: [] })
    expect(json.startedAt).toBe('1970-01-01T00:00:00.000Z')
    expect(JSON.parse(JSON.stringify(json))).toEqual(json)
  })
})

describe('drillPage', () => {
  it('shows the verdict, each budget, the plots and what happened, and escapes all of it', () => {
    const page = drillPage({ ...result, outcome: 'exceeded', budgets: [lost] }, calls)
    expect(page).toContain('<p class="verdict fail"><strong>FAIL manual: lost 1,234 (allowed: 0)</strong></p>')
    expect(page).toContain('<tr class="fail"><td>✗ acknowledged writes lost</td><td>1,234</td><td>0</td></tr>')
    expect(page).toContain('data-plot="throughput"')
    expect(page).toContain('of the primary &lt;10.0.0.1:6379&gt;')
    expect(page).not.toContain('<10.0.0.1')
  })

  it('is a page also when no call was answered', () => {
    expect(drillPage(result, [])).not.toContain('data-plot="')
  })
})
