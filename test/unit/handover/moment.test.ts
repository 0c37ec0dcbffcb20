import { describe, expect, it } from 'vitest'
import type { Promotable } from '../../../src/protocol/parse-promotable.js'
import { anyMoment, atTheMoment, candidatesOf, GOOD_INFO_AGE_MS } from '../../../src/runtime/handover/moment.js'
import type { View } from '../../../src/runtime/handover/moment.js'

const replica = (port: number, infoAgeMs: number, unfit?: string): Promotable => ({
  address: { host: '10.0.0.1', port },
  promoted: false,
  infoAgeMs,
  ...(unfit === undefined ? {} : { unfit })
})
const view = (sentinel: string, ...replicas: Promotable[]): View => ({ sentinel, replicas })
const { from, to } = GOOD_INFO_AGE_MS

describe('the moment', () => {
  it.each([
    ['just begun', from, true],
    ['nearly over', to, true],
    ['not yet', from - 1, false],
    ['gone', to + 1, false],
    ['far from it', 9_000, false]
  ])('%s', (_, age, good) => {
    expect(atTheMoment([view('a', replica(1, age))])?.sentinel).toBe(good ? 'a' : undefined)
  })

  it('must be there for every replica that this sentinel may choose, whichever it is', () => {
    expect(atTheMoment([view('a', replica(1, from), replica(2, to + 1))])).toBeUndefined()
    expect(atTheMoment([view('a', replica(1, from), replica(2, to))])?.sentinel).toBe('a')
    expect(atTheMoment([view('a', replica(1, from), replica(2, 9_000, 'is s_down'))])?.sentinel).toBe('a')
  })

  it('may come at one sentinel and not at another', () => {
    expect(atTheMoment([view('a', replica(1, 10)), view('b', replica(1, from))])?.sentinel).toBe('b')
  })

  it('never comes where there is nobody to choose', () => {
    expect(atTheMoment([view('a'), view('b', replica(1, from, 'has replica-priority 0'))])).toBeUndefined()
  })
})

describe('without regard to the moment', () => {
  it('the sentinel that sees the most candidates is asked', () => {
    const few = view('a', replica(1, 5), replica(2, 5, 'is s_down'))
    const more = view('b', replica(1, 5), replica(2, 5))
    expect(anyMoment([few, more])).toBe(more)
    expect(candidatesOf(few)).toHaveLength(1)
  })

  it('nobody is asked while no sentinel has a candidate', () => {
    expect(anyMoment([view('a'), view('b', replica(1, 5, 'is s_down'))])).toBeUndefined()
  })
})
