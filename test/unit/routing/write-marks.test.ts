import fc from 'fast-check'
import { expect, it } from 'vitest'
import { WriteMarks } from '../../../src/routing/write-marks.js'

it('a node holds the writes before the last offset that it has passed', () => {
  const marks = new WriteMarks()
  marks.add({ number: 3, history: 'h', offset: 100 })
  marks.add({ number: 5, history: 'h', offset: 200 })
  expect([99, 100, 199, 200, 1_000].map((offset) => marks.numberAt('h', offset))).toEqual([0, 3, 3, 5, 5])
  expect(marks.numberAt('other', 1_000)).toBe(0)
})

it('at the same offset there are more writes when some left no trace', () => {
  const marks = new WriteMarks()
  marks.add({ number: 3, history: 'h', offset: 100 })
  marks.add({ number: 4, history: 'h', offset: 100 })
  expect(marks.numberAt('h', 100)).toBe(4)
})

it('another history, or another primary, leaves nothing of what was known', () => {
  const marks = new WriteMarks()
  marks.add({ number: 3, history: 'h', offset: 100 })
  marks.add({ number: 4, history: 'new', offset: 50 })
  expect([marks.numberAt('h', 100), marks.numberAt('new', 50)]).toEqual([0, 4])
  marks.forgetAll()
  expect(marks.numberAt('new', 50)).toBe(0)
})

it('never tells more than is so, remembers the latest, and something of the past, in bounded memory', () => {
  const step = fc.record({ writes: fc.nat(3), bytes: fc.nat(50) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), (steps) => {
      const marks = new WriteMarks()
      const all: { readonly number: number; readonly offset: number }[] = []
      let [number, offset] = [0, 0]
      for (const { writes, bytes } of steps) {
        number += writes
        offset += bytes
        all.push({ number, offset })
        marks.add({ number, history: 'h', offset })
      }
      for (const { offset: at } of all) {
        const exact = Math.max(...all.filter((one) => one.offset <= at).map((one) => one.number))
        expect(marks.numberAt('h', at)).toBeLessThanOrEqual(exact)
      }
      expect(marks.numberAt('h', offset)).toBe(number)
      const middle = all[Math.floor(all.length / 2)]
      const early = all[Math.floor(all.length / 8)]
      if (middle !== undefined && early !== undefined && early.offset < middle.offset)
        expect(marks.numberAt('h', middle.offset)).toBeGreaterThanOrEqual(early.number)
    })
  )
})
