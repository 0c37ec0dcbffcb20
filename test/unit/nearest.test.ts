import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearestName } from '../../src/nearest.js'

const NAMES = ['readFrom', 'promotion', 'deadlineMs', 'db']

describe('nearestName', () => {
  it.each([
    ['readFrom', 'readFrom'],
    ['READFROM', 'readFrom'],
    ['redFrom', 'readFrom'],
    ['promotoin', 'promotion'],
    ['deadline', 'deadlineMs'],
    ['d', 'db'],
    ['somethingElse', undefined],
    ['xyz', undefined]
  ])('%s -> %s', (given, nearest) => {
    expect(nearestName(given, NAMES)).toBe(nearest)
  })

  it('is the name itself when it is there, and one of those that are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), fc.string({ minLength: 1 }), (names, given) => {
        const found = nearestName(given, names)
        if (names.includes(given)) expect(found?.toLowerCase()).toBe(given.toLowerCase())
        else if (found !== undefined) expect(names).toContain(found)
      })
    )
  })
})
