import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OwnWrites } from '../../../src/routing/own-writes.js'

const BOTH = ['r', 's']

/** Whether a replica that holds all writes before this moment, and none since, may answer for the key. */
function mayAnswer(writes: OwnWrites, key: string, replica = 'r'): boolean {
  return writes.holds(replica, writes.needed([key]))
}

describe('what a replica must hold', () => {
  it('is the last write of the key', () => {
    const writes = new OwnWrites(100)
    writes.wrote(['a'])
    writes.wrote(['b'])
    writes.caughtUp('r', 1, BOTH)
    expect(mayAnswer(writes, 'a')).toBe(true)
    expect(mayAnswer(writes, 'a', 's')).toBe(false)
    expect(mayAnswer(writes, 'b')).toBe(false)
    expect(mayAnswer(writes, 'c', 's')).toBe(true)
  })

  it('is the last write of all when nobody can tell its keys, or those of the read', () => {
    const writes = new OwnWrites(100)
    writes.wrote(['a'])
    writes.caughtUp('r', 1, BOTH)
    expect(writes.holds('r', writes.needed(undefined))).toBe(true)
    writes.wrote(undefined)
    expect(mayAnswer(writes, 'c')).toBe(false)
    expect(writes.holds('r', writes.needed(undefined))).toBe(false)
  })

  it('is nothing once all replicas hold all', () => {
    const writes = new OwnWrites(100)
    writes.wrote(['a'])
    writes.caughtUp('r', 1, BOTH)
    expect(writes.settled).toBe(false)
    writes.caughtUp('s', 1, BOTH)
    expect(writes.settled).toBe(true)
  })

  it('is told anew of a replica that was forgotten, also for keys that all held', () => {
    const writes = new OwnWrites(100)
    writes.wrote(['a'])
    for (const one of BOTH) writes.caughtUp(one, 1, BOTH)
    writes.forget('r')
    expect(mayAnswer(writes, 'a')).toBe(false)
    expect(mayAnswer(writes, 'a', 's')).toBe(true)
    writes.forgetAll()
    expect(mayAnswer(writes, 'a', 's')).toBe(false)
  })

  it('is not settled by a replica that ceased to be readable while it was asked', () => {
    const writes = new OwnWrites(100)
    writes.wrote(['a'])
    writes.caughtUp('r', 1, [])
    expect(mayAnswer(writes, 'a', 's')).toBe(false)
    writes.forget('r')
    for (const one of BOTH) writes.caughtUp(one, 1, BOTH)
    expect(writes.settled).toBe(true)
    expect(mayAnswer(writes, 'a')).toBe(true)
  })
})

describe('more keys than are told apart', () => {
  it('count as all written, those forgotten too, until the replica has caught up', () => {
    const writes = new OwnWrites(3)
    for (const key of ['a', 'b', 'c']) writes.wrote([key])
    writes.caughtUp('r', 3, BOTH)
    expect(mayAnswer(writes, 'never')).toBe(true)
    writes.wrote(['d'])
    for (const key of ['a', 'b', 'c', 'd', 'never']) expect(mayAnswer(writes, key)).toBe(false)
    writes.caughtUp('r', 4, BOTH)
    for (const key of ['a', 'b', 'c', 'd', 'never']) expect(mayAnswer(writes, key)).toBe(true)
    writes.wrote(['a'])
    expect(mayAnswer(writes, 'a')).toBe(false)
    expect(mayAnswer(writes, 'b')).toBe(true)
  })

  it('also in one command', () => {
    const writes = new OwnWrites(3)
    writes.wrote(['a', 'b', 'c', 'd'])
    for (const key of ['a', 'd', 'never']) expect(mayAnswer(writes, key)).toBe(false)
    writes.caughtUp('r', 1, BOTH)
    expect(mayAnswer(writes, 'd')).toBe(true)
  })

  it('never lets a replica answer for a write that it lacks, however writes and answers mix', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    const replica = fc.constantFrom(...BOTH)
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ wrote: fc.uniqueArray(key, { minLength: 1, maxLength: 5 }) }) },
      { weight: 1, arbitrary: fc.record({ all: fc.constant(true) }) },
      { weight: 4, arbitrary: fc.record({ asked: replica, behind: fc.nat(4) }) },
      { weight: 1, arbitrary: fc.record({ lost: replica }) },
      { weight: 1, arbitrary: fc.record({ readable: fc.subarray([...BOTH]) }) }
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
        const writes = new OwnWrites(most)
        const lastOf = new Map<string, number>()
        const known = new Map<string, number>(BOTH.map((one) => [one, 0]))
        let readable: readonly string[] = BOTH
        let last = 0
        for (const one of steps) {
          if ('wrote' in one || 'all' in one) {
            last += 1
            const keys = 'wrote' in one ? one.wrote : undefined
            const [only, ...others] = keys ?? []
            if (only !== undefined && others.length === 0) writes.wroteOne(only)
            else writes.wrote(keys)
            for (const name of keys ?? 'abcdef') lastOf.set(name, last)
          } else if ('asked' in one) {
            const number = Math.max(known.get(one.asked) ?? 0, last - one.behind)
            known.set(one.asked, number)
            writes.caughtUp(one.asked, number, readable)
          } else if ('lost' in one) {
            known.set(one.lost, 0)
            writes.forget(one.lost)
          } else {
            // What may be read from again was forgotten before, as the pool does it.
            for (const back of one.readable.filter((name) => !readable.includes(name))) {
              known.set(back, 0)
              writes.forget(back)
            }
            readable = one.readable
          }
          for (const name of 'abcdef') {
            expect(writes.neededFor(name)).toBe(writes.needed([name]))
            for (const from of readable)
              if (mayAnswer(writes, name, from))
                expect([name, from, known.get(from) ?? 0]).toSatisfy(
                  () => (known.get(from) ?? 0) >= (lastOf.get(name) ?? 0)
                )
          }
        }
      }),
      { numRuns: 500 }
    )
  })
})
