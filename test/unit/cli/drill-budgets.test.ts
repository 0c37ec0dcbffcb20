import { describe, expect, it } from 'vitest'
import { defaultBudgets, judgeBudgets } from '../../../src/cli/drill/budgets.js'
import { ALL_FAULTS, profileOf } from '../../../src/cli/drill/faults.js'
import { readFigures, writeFigures } from '../../../src/cli/drill/figures.js'
import { compareLedger, type LedgerEntry, type ReadEntry } from '../../../src/testkit/index.js'

const write = (number: number, outcome: LedgerEntry['outcome'], issuedAt = number * 10): LedgerEntry => ({
  id: `w${number}`,
  issuedAt,
  settledAt: issuedAt + 1,
  outcome
})
const read = (issuedAt: number, outcome: ReadEntry['outcome']): ReadEntry => ({
  issuedAt,
  settledAt: issuedAt + 2,
  outcome
})
const circumstances = { downAfterMs: 1_000, pauseMs: 500 }
const budgets = { gapMs: 50, lost: 1, unknown: 0, failed: 0, readErrors: 0, readGapMs: 50 }

function judged(entries: readonly LedgerEntry[], data: readonly string[] | undefined, reads?: readonly ReadEntry[]) {
  const writes = writeFigures(compareLedger(entries, data ?? []), entries, data !== undefined)
  const rows = judgeBudgets(budgets, writes, reads === undefined ? undefined : readFigures(reads))
  return Object.fromEntries(rows.map(({ budget, was, kept }) => [budget, { was, kept }]))
}

describe('judgeBudgets', () => {
  it('keeps what is at its budget, and not what is above', () => {
    const entries = [write(1, 'acked'), write(2, 'acked'), write(3, 'unknown'), write(4, 'acked', 90)]
    expect(judged(entries, ['w1', 'w4'])).toMatchObject({
      lost: { was: 1, kept: true },
      unknown: { was: 1, kept: false },
      'gap-ms': { was: 70, kept: false },
      failed: { was: 0, kept: true },
      hung: { was: 0, kept: true }
    })
  })

  it('allows nothing that must never be', () => {
    const entries = [write(1, 'acked'), write(2, 'acked'), write(3, 'failed'), write(4, 'hung')]
    expect(judged(entries, ['w2', 'w1', 'w1', 'w3'])).toMatchObject({
      doubled: { was: 1, kept: false },
      reordered: { was: 1, kept: false },
      'failed-yet-there': { was: 1, kept: false },
      hung: { was: 1, kept: false }
    })
  })

  it('keeps no budget that needs data which could not be read', () => {
    const rows = judged([write(1, 'acked')], undefined)
    expect(rows).toMatchObject({ lost: { was: null, kept: false }, doubled: { was: null, kept: false } })
    expect(rows['gap-ms']?.kept).toBe(true)
  })

  it('judges reads where there were some', () => {
    expect(judged([write(1, 'acked')], ['w1'])).not.toHaveProperty('read-errors')
    const reads = [read(0, 'ok'), read(10, 'failed'), read(100, 'ok')]
    expect(judged([write(1, 'acked')], ['w1'], reads)).toMatchObject({
      'read-errors': { was: 1, kept: false },
      'read-gap-ms': { was: 100, kept: false }
    })
  })
})

describe('defaultBudgets', () => {
  it('allow what a fault costs with any client, in writes of the rate', () => {
    expect(defaultBudgets('manual', circumstances, 100)).toMatchObject({ gapMs: 2_000, lost: 0, unknown: 0 })
    expect(defaultBudgets('kill', circumstances, 100)).toMatchObject({ gapMs: 6_000, lost: 10, unknown: 5 })
    expect(defaultBudgets('kill', circumstances, 1_000)).toMatchObject({ lost: 100, unknown: 50 })
    expect(defaultBudgets('freeze', circumstances, 10)).toMatchObject({ lost: 1, unknown: 3 })
  })

  it('take a pause for a failover only when it lasts as long as down-after', () => {
    expect(defaultBudgets('pause', circumstances, 100)).toMatchObject({ gapMs: 1_500, lost: 0 })
    expect(defaultBudgets('pause', { ...circumstances, pauseMs: 1_000 }, 100)).toMatchObject({ gapMs: 6_000, lost: 10 })
  })

  it.each(ALL_FAULTS)('are there for %s', (fault) => {
    expect(profileOf(fault, circumstances).gapMs).toBeGreaterThanOrEqual(1_000)
  })
})
