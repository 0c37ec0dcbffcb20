import { expect, test } from 'vitest'
import { processorTime, stolenSince } from '../../bench/stolen.js'

const STAT = `cpu  1520624 413106 270168 2061289 9981 0 64191 325753 50 60
cpu0 760312 206553 135084 1030644 4990 0 32095 162876 25 30
`

test('guests, whose time is in user time already, are not counted twice', () => {
  const total = 1520624 + 413106 + 270168 + 2061289 + 9981 + 64191 + 325753
  expect(processorTime(STAT)).toEqual({ total, stolen: 325753 })
})

test('what is stolen is a share of the time between', () => {
  expect(stolenSince({ total: 1000, stolen: 100 }, { total: 1400, stolen: 200 })).toBe(0.25)
})

test.each([['no such file'], ['cpu 1 2 3\n'], ['']])('without such a line nothing is known: %j', (stat) => {
  expect(processorTime(stat)).toBeUndefined()
  expect(stolenSince(processorTime(stat), { total: 2, stolen: 1 })).toBeUndefined()
})

test('no time, no share', () => {
  expect(stolenSince({ total: 1, stolen: 0 }, { total: 1, stolen: 0 })).toBeUndefined()
})
