import { describe, expect, it } from 'vitest'
import { mergeTimeline, timelineRows, type Moment } from '../../../src/cli/report/moments.js'

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
    { at: 1100, afterMs: 100, who: 'sentinel a:1', what: '+odown', detail: 'as the client says it' },
    { at: 1150, afterMs: 150, who: 'sentinel b:1', what: '+odown' },
    { at: 1160, afterMs: 160, who: 'client', what: 'hold' }
  ]
} as const

const observed: Moment[] = [
  { at: 1500, who: 'node n:1', what: 'promotion', kind: 'promotion' },
  { at: 1102, who: 'sentinel a:1', what: '+odown', detail: '#quorum 2/2' },
  { at: 2600, who: 'sentinel b:1', what: '+odown' },
  { at: 1000, who: 'demo', what: 'fault: kill', kind: 'fault' }
]

describe('the timeline', () => {
  it('puts what was seen and what was told into one order, relative to the fault, an event that both heard of once', () => {
    expect(timelineRows(mergeTimeline(observed, [report]), 1000)).toEqual([
      ['0', 'demo', 'fault: kill', ''],
      ['100', 'sentinel a:1', '+odown', '#quorum 2/2'],
      ['150', 'sentinel b:1', '+odown', ''],
      ['160', 'client', 'hold', ''],
      ['500', 'node n:1', 'promotion', ''],
      ['1,600', 'sentinel b:1', '+odown', '']
    ])
  })

  it('keeps apart what a sentinel said twice', () => {
    const twice: Moment[] = [1, 2].map((at) => ({ at: 1100 + at, who: 'sentinel a:1', what: '+odown' }))
    const heard = mergeTimeline(twice, [report]).filter((moment) => moment.who === 'sentinel a:1')
    expect(heard.map((moment) => moment.at)).toEqual([1100, 1102])
  })

  it('folds what a node does again and again, until it does something else', () => {
    const lost = (at: number): Moment => ({ at, who: 'node n:1', what: 'link-lost' })
    const client: Moment = { at: 1015, who: 'client', what: 'phase' }
    const moments = mergeTimeline([lost(1010), client, lost(1020), lost(1030), ...observed, lost(1600)], [])
    expect(timelineRows(moments, 1000).filter(([, who]) => who === 'node n:1')).toEqual([
      ['10', 'node n:1', 'link-lost', '3 times, the last at 30'],
      ['500', 'node n:1', 'promotion', ''],
      ['600', 'node n:1', 'link-lost', '']
    ])
  })
})
