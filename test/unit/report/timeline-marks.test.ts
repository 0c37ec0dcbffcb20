import { describe, expect, it } from 'vitest'
import { timelineMarks } from '../../../src/cli/report/timeline-marks.js'
import type { Moment } from '../../../src/cli/report/moments.js'

const sentinel = (at: number, what: string, who = 'sentinel a:1'): Moment => ({ at, who, what })

const moments: Moment[] = [
  { at: 1000, who: 'demo', what: 'fault: kill', kind: 'fault' },
  { at: 1005, who: 'client', what: 'hold' },
  sentinel(1100, '+odown'),
  sentinel(1110, '+vote-for-leader'),
  sentinel(1150, '+odown', 'sentinel b:1'),
  { at: 1500, who: 'node n:1', what: 'promotion', kind: 'promotion' },
  sentinel(1600, '+switch-master')
]

describe('timelineMarks', () => {
  const { marks, ticks } = timelineMarks(moments, 1000, 1000)

  it('labels our own moments, and the events of the story where they were first told', () => {
    expect(marks.map(({ at, label }) => [at, label])).toEqual([
      [0, 'fault: kill'],
      [0.1, '+odown'],
      [0.5, 'promotion'],
      [0.6, '+switch-master']
    ])
  })

  it('has a tick for all else that the sentinels said, and for nobody else', () => {
    expect(ticks).toEqual([0.11, 0.15])
  })

  it('gives our own moments their label before any event', () => {
    const weights = (own: boolean) =>
      marks.filter(({ label }) => label.startsWith('+') !== own).map((mark) => mark.weight)
    expect(Math.min(...weights(true))).toBeGreaterThan(Math.max(...weights(false)))
  })
})
