import { describe, expect, it } from 'vitest'
import type { Standing } from '../../../src/routing/known-points.js'
import { KnownPoints } from '../../../src/routing/known-points.js'

const at = (history: string, offset: number, past?: Standing['past']): Standing => ({ history, offset, past })
const afterA = { history: 'a', upTo: 100 }

describe('a replica is known to hold a point', () => {
  it.each<[string, Standing | undefined, Standing | undefined, { history: string; offset: number }, boolean]>([
    ['of its history, behind it', at('a', 100), undefined, { history: 'a', offset: 100 }, true],
    ['not ahead of it', at('a', 99), undefined, { history: 'a', offset: 100 }, false],
    ['not when nothing was heard', undefined, at('a', 500), { history: 'a', offset: 1 }, false],
    ['not of a history that nobody knows', at('a', 500), at('a', 500), { history: 'z', offset: 1 }, false],
    ['of the history that its own continues', at('b', 101, afterA), undefined, { history: 'a', offset: 100 }, true],
    ['not past the end of that', at('b', 500, afterA), undefined, { history: 'a', offset: 101 }, false],
    [
      'sent everything anew: by the word of the primary on where the history comes from',
      at('b', 100),
      at('b', 300, afterA),
      { history: 'a', offset: 100 },
      true
    ],
    ['not so when it is not that far', at('b', 60), at('b', 300, afterA), { history: 'a', offset: 61 }, false],
    ['not of what the primary lost', at('b', 300), at('b', 300, afterA), { history: 'a', offset: 101 }, false],
    ['not by a primary of another history', at('c', 300), at('b', 300, afterA), { history: 'a', offset: 50 }, false],
    [
      'it left the old history before its end, and has got the rest since',
      at('b', 100, { history: 'a', upTo: 40 }),
      at('b', 300, afterA),
      { history: 'a', offset: 90 },
      true
    ],
    ['still in the history that was lost', at('a', 130), at('b', 300, afterA), { history: 'a', offset: 120 }, true]
  ])('%s', (_, replica, primary, point, expected) => {
    const known = new KnownPoints()
    if (replica !== undefined) known.replicaTold('r', replica)
    if (primary !== undefined) known.primaryTold(primary)
    expect(known.holds('r', point)).toBe(expected)
  })

  it('only by what was said last', () => {
    const known = new KnownPoints()
    known.replicaTold('r', at('a', 100))
    known.replicaTold('r', at('b', 100))
    expect(known.holds('r', { history: 'a', offset: 100 })).toBe(false)
  })

  it('until it is forgotten', () => {
    const known = new KnownPoints()
    const holds = (): boolean[] => ['r', 's', 't'].map((one) => known.holds(one, { history: 'a', offset: 1 }))
    for (const one of ['r', 's', 't']) known.replicaTold(one, at('a', 100))
    known.forget('r')
    expect(holds()).toEqual([false, true, true])
    known.keepOnly(['s'])
    expect(holds()).toEqual([false, true, false])
    known.forgetAll()
    expect(holds()).toEqual([false, false, false])
  })
})

describe('the primary is asked', () => {
  it.each<[string, Standing | undefined, Standing | undefined, boolean]>([
    ['not when the replica has said nothing', undefined, undefined, false],
    ['not when it is of the same history', at('a', 1), undefined, false],
    ['not when the replica itself knows', at('b', 200, afterA), undefined, false],
    ['when the replica is of another history', at('b', 100), undefined, true],
    ['not again when it has told of that one', at('b', 100), at('b', 100), false],
    ['again when what it told is of another one', at('b', 100), at('c', 100), true]
  ])('%s', (_, replica, primary, expected) => {
    const known = new KnownPoints()
    if (replica !== undefined) known.replicaTold('r', replica)
    if (primary !== undefined) known.primaryTold(primary)
    expect(known.needsPrimary('r', { history: 'a', offset: 50 })).toBe(expected)
  })
})

describe('what was lost', () => {
  it.each([
    ['a', 100, undefined],
    ['a', 107, 7],
    ['b', 500, undefined],
    ['z', 500, undefined]
  ])('of history %s at %d: %s', (history, offset, expected) => {
    const known = new KnownPoints()
    expect(known.lostBytes({ history, offset })).toBeUndefined()
    known.primaryTold(at('b', 300, afterA))
    expect(known.lostBytes({ history, offset })).toBe(expected)
  })
})
