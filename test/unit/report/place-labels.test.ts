import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeLabels, type LabelBox } from '../../../src/cli/report/place-labels.js'

const at = (x: number, width = 60, weight = 1): LabelBox => ({ x, width, weight })

describe('placeLabels', () => {
  it('puts labels that have room beside each other into one row', () => {
    const rows = placeLabels([at(0), at(100), at(200)], 500, 5).map((label) => label.row)
    expect(rows).toEqual([0, 0, 0])
  })

  it('makes stairs that fall to the right of those that crowd', () => {
    const placed = placeLabels([at(100), at(105), at(110)], 500, 5)
    const rowOf = (index: number): number | undefined => placed.find((label) => label.index === index)?.row
    expect([rowOf(0), rowOf(1), rowOf(2)]).toEqual([2, 1, 0])
  })

  it('keeps a label inside on the right', () => {
    expect(placeLabels([at(490)], 500, 5)).toEqual([{ index: 0, row: 0, left: 440 }])
  })

  it('leaves out the lightest when the rows do not suffice', () => {
    const placed = placeLabels([at(100, 60, 3), at(101, 60, 1), at(102, 60, 2)], 500, 2)
    expect(placed.map((label) => label.index).sort()).toEqual([0, 2])
  })

  it('ignores marks that are outside, as after zooming in', () => {
    expect(placeLabels([at(-1), at(501)], 500, 5)).toEqual([])
  })

  it('never lets two labels of a row overlap, and never takes more rows than allowed', () => {
    const boxes = fc.array(
      fc.record({ x: fc.integer({ min: 0, max: 400 }), width: fc.integer({ min: 1, max: 120 }), weight: fc.nat(5) }),
      { maxLength: 14 }
    )
    fc.assert(
      fc.property(boxes, fc.integer({ min: 1, max: 6 }), (given, maxRows) => {
        const placed = placeLabels(given, 400, maxRows)
        for (const one of placed) {
          expect(one.row).toBeLessThan(maxRows)
          for (const other of placed) {
            if (one === other || one.row !== other.row) continue
            const [first, second] = one.left < other.left ? [one, other] : [other, one]
            expect(first.left + (given[first.index]?.width ?? 0)).toBeLessThanOrEqual(second.left)
          }
        }
      })
    )
  })
})
