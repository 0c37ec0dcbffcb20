import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareLedger, inversions, type LedgerEntry } from '../../src/testkit/ledger/ledger-report.js'
import { reportReads } from '../../src/testkit/ledger/read-probe-report.js'

/** A ledger and, for each entry, how many times its id is in the data. */
const history = fc
  .array(
    fc.record({
      outcome: fc.constantFrom<LedgerEntry['outcome']>('acked', 'failed', 'unknown', 'hung'),
      copies: fc.constantFrom(0, 1, 1, 1, 2, 3),
      tookMs: fc.integer({ min: 0, max: 500 })
    }),
    { maxLength: 60 }
  )
  .map((writes) =>
    writes.map(({ outcome, copies, tookMs }, index) => {
      const id = `w${String(index).padStart(8, '0')}`
      const issuedAt = 1000 + index * 5
      const entry: LedgerEntry =
        outcome === 'hung' ? { id, issuedAt, outcome } : { id, issuedAt, outcome, settledAt: issuedAt + tookMs }
      return { entry, copies }
    })
  )

const shuffled = history.chain((writes) =>
  fc
    .shuffledSubarray(
      writes.flatMap(({ entry, copies }) => Array.from({ length: copies }, () => entry.id)),
      { minLength: writes.reduce((sum, { copies }) => sum + copies, 0) }
    )
    .map((finalList) => ({ writes, entries: writes.map(({ entry }) => entry), finalList }))
)

describe('compareLedger', () => {
  test('lost, doubled and counts are what was done to the data', () => {
    fc.assert(
      fc.property(shuffled, ({ writes, entries, finalList }) => {
        const report = compareLedger(entries, finalList)
        const ids = (which: (write: (typeof writes)[number]) => boolean): string[] =>
          writes.filter(which).map(({ entry }) => entry.id)
        expect(report.lost).toEqual(ids(({ entry, copies }) => entry.outcome === 'acked' && copies === 0))
        expect([...report.doubled].sort()).toEqual(ids(({ copies }) => copies > 1))
        expect(report.failedButPresent).toEqual(ids(({ entry, copies }) => entry.outcome === 'failed' && copies > 0))
        expect(report.unknownPresent).toBe(ids(({ entry, copies }) => entry.outcome === 'unknown' && copies > 0).length)
        expect(report.acked + report.failed + report.unknown + report.hung).toBe(report.issued)
        expect(report.foreign).toEqual([])
      })
    )
  })

  test('inversions equal those counted pair by pair', () => {
    fc.assert(
      fc.property(shuffled, ({ entries, finalList }) => {
        const first = [...new Set(finalList)]
        let pairs = 0
        for (let i = 0; i < first.length; i += 1) {
          for (let j = i + 1; j < first.length; j += 1) if ((first[i] ?? '') > (first[j] ?? '')) pairs += 1
        }
        expect(compareLedger(entries, finalList).reordered).toBe(pairs)
      })
    )
    expect(inversions([3, 2, 1])).toBe(3)
  })

  test('lostAfter and firstAckAfter look only at their side of the moment', () => {
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 900, max: 2000 }), ({ entries, finalList }, at) => {
        const report = compareLedger(entries, finalList)
        const issuedAt = new Map(entries.map((entry) => [entry.id, entry.issuedAt]))
        expect(report.lostAfter(at)).toEqual(report.lost.filter((id) => (issuedAt.get(id) ?? 0) >= at))
        const kept = entries
          .filter((entry) => entry.outcome === 'acked' && finalList.includes(entry.id))
          .flatMap((entry) => entry.settledAt ?? [])
          .filter((time) => time >= at)
        expect(report.firstAckAfter(at)).toBe(kept.length === 0 ? undefined : Math.min(...kept) - at)
      })
    )
  })

  test('the longest gap counts also the time before the first and after the last ack', () => {
    const acked = (id: string, issuedAt: number, settledAt: number): LedgerEntry => ({
      id,
      issuedAt,
      settledAt,
      outcome: 'acked'
    })
    const failed = (id: string, issuedAt: number): LedgerEntry => ({
      id,
      issuedAt,
      settledAt: issuedAt,
      outcome: 'failed'
    })
    expect(compareLedger([acked('a', 0, 1), acked('b', 5, 300), acked('c', 10, 301)], []).longestGapMs).toBe(299)
    expect(compareLedger([acked('a', 0, 1), failed('b', 700)], []).longestGapMs).toBe(699)
    expect(compareLedger([failed('a', 0), acked('b', 400, 401)], []).longestGapMs).toBe(401)
    expect(compareLedger([], []).longestGapMs).toBe(0)
  })

  test('values that were never issued are foreign, and errors are counted by code or first word', () => {
    const rejected = (id: string, error: unknown): LedgerEntry => ({
      id,
      issuedAt: 0,
      settledAt: 1,
      outcome: 'failed',
      error
    })
    const report = compareLedger(
      [
        rejected('a', Object.assign(new Error('x'), { code: 'DEADLINE' })),
        rejected('b', new Error("READONLY You can't write against a read only replica.")),
        rejected('c', new Error('Connection is closed.')),
        rejected('d', 'thrown text')
      ],
      ['stranger', 'stranger']
    )
    expect(report.errors).toEqual({ DEADLINE: 1, READONLY: 1, Error: 1, 'thrown text': 1 })
    expect([report.foreign, report.doubled]).toEqual([['stranger'], ['stranger']])
  })
})

test('reportReads gives ascending latencies, percentiles of them, and the failures', () => {
  const ok = (issuedAt: number, tookMs: number) => ({ issuedAt, settledAt: issuedAt + tookMs, outcome: 'ok' as const })
  const report = reportReads([
    ok(0, 9),
    ok(5, 1),
    { issuedAt: 10, settledAt: 11, outcome: 'failed', error: new Error('LOADING Redis is loading') },
    { issuedAt: 15, outcome: 'hung' },
    ok(500, 2)
  ])
  expect(report).toMatchObject({ issued: 5, ok: 3, failed: 1, hung: 1, latencies: [1, 2, 9], errors: { LOADING: 1 } })
  expect([report.percentile(0.5), report.percentile(1), report.longestGapMs]).toEqual([2, 9, 493])
  expect(reportReads([]).percentile(0.5)).toBeUndefined()
})
