import { describe, expect, it } from 'vitest'
import { frameOf } from '../../../src/cli/watch/frame.js'
import type { Tree } from '../../../src/cli/watch/tree.js'

const named = (what: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${what} ${index}`)

const tree = (replicas: number, sentinels: number): Tree => ({
  head: 'mymaster  stable',
  root: 'primary  10.0.0.1:6379',
  replicas: named('replica', replicas),
  sentinels: named('sentinel', sentinels)
})

/** The lines that are drawn on so many rows. */
const on = (rows: number, drawn: Tree, events: readonly string[] = [], columns = 80): string[] =>
  frameOf(drawn, events, { columns, rows }).split('\n')

const HEAD = ['mymaster  stable', 'primary  10.0.0.1:6379']

describe('the frame of watch', () => {
  it('is the tree with all events below it, where there is room', () => {
    expect(on(50, tree(2, 1), named('event', 2))).toEqual([
      ...HEAD,
      '├─ replica 0',
      '└─ replica 1',
      'sentinel 0',
      '',
      'event 0',
      'event 1'
    ])
    expect(on(50, tree(0, 0))).toEqual(HEAD)
  })

  it('has as many of the last events as leave the tree whole, and the row of the cursor', () => {
    const whole = on(50, tree(1, 1))
    expect(on(8, tree(1, 1), named('event', 12))).toEqual([...whole, '', 'event 10', 'event 11'])
    expect(on(7, tree(1, 1), named('event', 12))).toEqual([...whole, '', 'event 11'])
    for (const rows of [6, 5]) expect(on(rows, tree(1, 1), named('event', 12))).toEqual(whole)
  })

  it('counts what is broken into several rows as that many, without its colours', () => {
    const long = 'x'.repeat(25)
    const rowsOfLong = 3
    expect(on(2 + 1 + rowsOfLong + 1, tree(0, 0), [long], 12)).not.toContain(long)
    const rowsOfHead = 4
    expect(on(rowsOfHead + 1 + rowsOfLong + 1, tree(0, 0), ['old', long], 12)).toEqual([...HEAD, '', long])
    const coloured = `\u001b[2m${'y'.repeat(12)}\u001b[22m`
    expect(on(rowsOfHead + 1 + 1 + 1, tree(0, 0), [coloured], 12)).toEqual([...HEAD, '', coloured])
  })

  it('leaves out replicas and sentinels of a tree that is too high, and says how many', () => {
    expect(on(11, tree(40, 3), named('event', 12))).toEqual([
      ...HEAD,
      '├─ replica 0',
      '├─ replica 1',
      '├─ replica 2',
      '├─ replica 3',
      '└─ … 36 more',
      ...named('sentinel', 3)
    ])
    expect(on(9, tree(2, 7))).toEqual([
      ...HEAD,
      '├─ replica 0',
      '└─ replica 1',
      ...named('sentinel', 3),
      'sentinels  … 4 more'
    ])
    expect(on(9, tree(40, 40))).toEqual([
      ...HEAD,
      '├─ replica 0',
      '├─ replica 1',
      '└─ … 38 more',
      'sentinel 0',
      'sentinel 1',
      'sentinels  … 38 more'
    ])
  })

  it('never leaves out how the group is, and its primary', () => {
    expect(on(5, tree(9, 9), ['event'])).toEqual([...HEAD, '└─ … 9 more', 'sentinels  … 9 more'])
    expect(on(4, tree(9, 9), ['event'])).toEqual([...HEAD, '└─ … 9 more'])
    for (const rows of [3, 2, 1]) expect(on(rows, tree(9, 9), ['event'])).toEqual(HEAD)
  })
})
