import { describe, expect, it } from 'vitest'
import { mergeTimeline, timelineMarks, timelineRows, type Moment } from '../../../examples/demo/timeline.js'

const report = {
  name: 'g',
  outcome: 'moved',
  epoch: 1,
  startedAt: 1000,
  endedAt: 2000,
  held: 1,
  longestHoldMs: 1,
  retried: 0,
  unknown: 0,
  entries: [
    { at: 1100, afterMs: 100, who: 'sentinel a:1', what: '+odown', detail: '#quorum 2/2' },
    { at: 1150, afterMs: 150, who: 'sentinel b:1', what: '+odown' },
    { at: 1160, afterMs: 160, who: 'client', what: 'hold' }
  ]
} as const

const observed: Moment[] = [
  { at: 1500, who: 'node', what: 'promotion', kind: 'promotion' },
  { at: 1000, who: 'demo', what: 'fault: kill', kind: 'fault' }
]

describe('the timeline', () => {
  const moments = mergeTimeline(observed, [report])

  it('puts what was seen and what was told into one order, relative to the fault', () => {
    expect(timelineRows(moments, 1000)).toEqual([
      ['0', 'demo', 'fault: kill', ''],
      ['100', 'sentinel a:1', '+odown', '#quorum 2/2'],
      ['150', 'sentinel b:1', '+odown', ''],
      ['160', 'client', 'hold', ''],
      ['500', 'node', 'promotion', '']
    ])
  })

  it('marks each event where it was first told, and nothing else of the client', () => {
    expect(timelineMarks(moments, 1000, 1000).map(({ at, label }) => [at, label])).toEqual([
      [0, 'fault: kill'],
      [0.1, '+odown'],
      [0.5, 'promotion']
    ])
  })
})
