import { expect, it } from 'vitest'
import { spreadOf, summarize } from '../../../bench/failover/statistics.js'
import { median } from '../../../bench/median.js'
import { measurement } from './reports.js'

it('takes the middle, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([7])).toBe(7)
  expect(median([])).toBeNaN()
})

it('holds what never came to be worse than any number', () => {
  expect(spreadOf([1, 2, null])).toEqual({ median: 2, worst: null })
  expect(spreadOf([1, null, null])).toEqual({ median: null, worst: null })
  expect(spreadOf([1, null])).toEqual({ median: null, worst: null })
})

it('makes one cell of the runs of a client through a fault, in the order of both', () => {
  const runs = [
    measurement('manual', 'ours', 0, { writeGapMs: 100, errors: { A: 1 } }),
    measurement('kill', 'ioredis', 0, { afterPromotionMs: null, recovered: false }),
    measurement('manual', 'ours', 1, { writeGapMs: 200, errors: { A: 2, B: 1 }, acks: [2, 4] })
  ]
  const cells = summarize(runs, ['kill', 'manual'], ['ours', 'ioredis'])
  expect(cells.map(({ fault, client, runs: n }) => [fault, client, n])).toEqual([
    ['kill', 'ioredis', 1],
    ['manual', 'ours', 2]
  ])
  expect(cells[0]).toMatchObject({ recovered: 0, spreads: { afterPromotionMs: { median: null, worst: null } } })
  expect(cells[1]).toMatchObject({
    errors: { A: 3, B: 1 },
    spreads: { writeGapMs: { median: 150, worst: 200 } },
    acks: [6, 7, 0]
  })
  expect(cells[1]?.spreads).not.toHaveProperty('beyondAbsenceMs')
})
