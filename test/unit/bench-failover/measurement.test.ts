import type { LedgerEntry } from 'ioredis-sentinel/testkit'
import { expect, it } from 'vitest'
import { type Evidence, measure } from '../../../bench/failover/measurement.js'

const FAULT_AT = 1000
const PROMOTED_AT = 2000

const acked = (id: string, issuedAt: number, settledAt: number): LedgerEntry => ({
  id,
  issuedAt,
  settledAt,
  outcome: 'acked'
})

const evidence = (writes: readonly LedgerEntry[], finalList: readonly string[], more: Partial<Evidence> = {}) =>
  measure({
    writes,
    finalList,
    reads: [],
    faultAt: FAULT_AT,
    promotedAt: PROMOTED_AT,
    replicated: new Set(),
    ...more
  })

it('counts as the first ack only one of a write that the new primary executed itself and kept', () => {
  const writes = [
    acked('before', 990, 991),
    acked('replicated', 1999, 2002),
    acked('lost', 2000, 2003),
    acked('held', 1500, 2012.5),
    acked('later', 2020, 2021)
  ]
  const figures = evidence(writes, ['before', 'replicated', 'held', 'later'], {
    replicated: new Set(['before', 'replicated'])
  })
  expect(figures).toMatchObject({ promotionMs: 1000, afterPromotionMs: 12.5, lost: 1, lostAfterPromotion: 1 })
})

it('says null when no ack came, and nothing where nothing was promoted', () => {
  const writes: LedgerEntry[] = [acked('a', 990, 991), { id: 'b', issuedAt: 2100, outcome: 'hung' }]
  expect(evidence(writes, ['a'], { replicated: new Set(['a']) })).toMatchObject({ afterPromotionMs: null, hung: 1 })
  const { promotedAt: _, ...quiet }: Evidence = {
    writes,
    finalList: ['a'],
    reads: [],
    faultAt: FAULT_AT,
    promotedAt: 0,
    replicated: new Set()
  }
  expect(measure(quiet)).not.toHaveProperty('afterPromotionMs')
})

it('takes the absence of the server from the gap', () => {
  const writes = [acked('a', 1000, 1001), acked('b', 1005, 1301)]
  expect(evidence(writes, ['a', 'b'], { absenceMs: 250 })).toMatchObject({ writeGapMs: 300, beyondAbsenceMs: 50 })
})

it('names the slowest read, and none when one had no answer', () => {
  const reads: Evidence['reads'] = [
    { issuedAt: 1000, settledAt: 1001, outcome: 'ok' },
    { issuedAt: 1005, settledAt: 1067.4, outcome: 'ok' },
    { issuedAt: 1010, settledAt: 1400, outcome: 'failed' }
  ]
  expect(evidence([], [], { reads }).longestReadMs).toBe(62.4)
  const hung = { issuedAt: 1015, outcome: 'hung' } as const
  expect(evidence([], [], { reads: [...reads, hung] }).longestReadMs).toBeNull()
  expect(evidence([], []).longestReadMs).toBeNull()
})

it('says when a replica was read from again, null when it was not, and nothing where that was not waited for', () => {
  expect(evidence([], [], { readsBackMs: 812.34 }).readsBackMs).toBe(812.3)
  expect(evidence([], [], { readsBackMs: null }).readsBackMs).toBeNull()
  expect(evidence([], [])).not.toHaveProperty('readsBackMs')
})

it('counts the acks of each step, as far as writes were issued', () => {
  const writes = [acked('a', 510, 520), acked('b', 530, 540), acked('c', 560, 1010), acked('d', 640, 1011)]
  expect(evidence(writes, ['a', 'b', 'c', 'd']).acks).toEqual([2, 0])
})
