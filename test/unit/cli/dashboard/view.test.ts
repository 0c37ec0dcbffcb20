import { describe, expect, it } from 'vitest'
import { livePlots, nodeAddresses } from '../../../../src/cli/browser/dashboard/view/live-plots.js'
import { timelinePlot, timelineRows } from '../../../../src/cli/browser/dashboard/view/timeline-plot.js'
import { withMessage } from '../../../../src/cli/browser/dashboard/view/told.js'
import {
  bytes,
  clipped,
  count,
  describeGroup,
  duration,
  faultQuestion,
  figures,
  isMute,
  nodeNote,
  shortened,
  sumUp
} from '../../../../src/cli/browser/dashboard/view/words.js'
import type { Told } from '../../../../src/cli/dashboard/messages.js'
import { NO_NUMBERS } from '../../../../src/cli/dashboard/node-info.js'
import { group, node, sample, state, timeline } from './examples.js'

const told = (other: Partial<Told> = {}): Told => ({
  state: state(),
  samples: [],
  happenings: [],
  timelines: [],
  ...other
})

describe('words', () => {
  it.each([
    [null, '–'],
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [200 * 1024, '200 KiB'],
    [5 * 2 ** 30, '5.0 GiB']
  ])('bytes(%s)', (value, text) => {
    expect(bytes(value)).toBe(text)
  })

  it.each([
    [null, '–'],
    [0.314, '0.31 ms'],
    [12.4, '12 ms'],
    [1390, '1.4 s'],
    [61_000, '61 s']
  ])('duration(%s)', (value, text) => {
    expect(duration(value)).toBe(text)
  })

  it('counts with separators', () => {
    expect([count(null), count(1234.4)]).toEqual(['–', '1,234'])
  })

  it('keeps both ends of a long name', () => {
    expect(shortened('redis-0.redis.svc:6379', 11)).toBe('redis…:6379')
    expect(shortened('short', 11)).toBe('short')
    expect([clipped('sees the primary sdown', 10), clipped('short', 10)]).toEqual(['sees the …', 'short'])
  })

  it('says the drawing in a sentence', () => {
    expect(describeGroup(group())).toBe(
      'mymaster: stable; primary 10.0.0.1:6379; 2 replicas; 3 sentinels; down: 10.0.0.3:6379'
    )
    expect(describeGroup(group({ nodes: [], sentinels: [] }))).toBe(
      'mymaster: stable; no primary; 0 replicas; 0 sentinels'
    )
  })

  it('says of a node what matters most', () => {
    const numbers = { ...NO_NUMBERS, error: 'connection refused' }
    expect(nodeNote(node({ candidate: true, note: 's_down' }))).toBe('chosen to be the new primary')
    expect(nodeNote(node({ note: 's_down', numbers }))).toBe('s_down')
    expect(nodeNote(node({ numbers }))).toBe('does not answer this tool: connection refused')
    expect(nodeNote(node())).toBe('')
  })

  it.each([
    "NOPERM User app has no permissions to run the 'info' command",
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.'
  ])('does not take a node for silent that says %s', (error) => {
    const numbers = { ...NO_NUMBERS, error }
    expect([nodeNote(node({ numbers })), figures(numbers)]).toEqual([`refuses INFO: ${error}`, 'refuses INFO'])
  })

  it('asks with the names of the group and of its primary', () => {
    expect(faultQuestion('coordinated-failover', 'the primary moves', group())).toBe(
      'Do "coordinated failover" on "mymaster" (primary 10.0.0.1:6379)? the primary moves.'
    )
    expect(faultQuestion('manual', 'it moves', group({ nodes: [] }))).toContain('(primary none)')
  })

  it('does not take a node that is silent for one that is well', () => {
    const silent = { ...NO_NUMBERS, error: 'Command timed out' }
    expect([isMute(node()), isMute(node({ numbers: silent })), isMute(node({ numbers: NO_NUMBERS }))]).toEqual([
      false,
      true,
      false
    ])
    expect(isMute(node({ numbers: silent, state: 'down' }))).toBe(false)
    expect([node().numbers, silent, NO_NUMBERS].map(figures)).toEqual([
      '10 ops/s · 0.20 ms',
      'does not answer',
      'not heard yet'
    ])
  })

  it('sums a failover up', () => {
    const report = { ...timeline(), id: 1, calls: [], callsMade: 0 }
    expect(sumUp(report)).toEqual({
      title: '10.0.0.1:6379 → 10.0.0.2:6379 in 1.4 s, epoch 2',
      calls: '253 calls waited, 1.4 s at most; 0 sent again; 1 of unknown outcome'
    })
    expect(sumUp({ ...report, outcome: 'aborted', held: 0, unknown: 0 })).toEqual({
      title: 'called off after 1.4 s; the primary is still 10.0.0.1:6379',
      calls: 'no call of this tool was touched'
    })
  })
})

describe('withMessage', () => {
  it('knows nothing before the hello', () => {
    expect(withMessage(undefined, { kind: 'sample', sample: sample() })).toBeUndefined()
    expect(withMessage(undefined, { kind: 'hello', ...told() })).toEqual(told())
  })

  it('begins anew with a hello, as after a lost connection', () => {
    const before = told({ samples: [sample()] })
    expect(withMessage(before, { kind: 'hello', ...told() })).toEqual(told())
  })
})

describe('livePlots', () => {
  const nodes = { '10.0.0.1:6379': { ops: 5, roundTripMs: 0 } }

  it('shows the last two minutes, with a gap where a node said nothing', () => {
    const samples = [sample({ at: 0, nodes }), sample({ at: 100_000, nodes }), sample({ at: 100_250 })]
    const [commands] = livePlots(told({ state: state({ at: 130_000 }), samples }))
    expect(commands?.x).toEqual([-30, -29.75])
    expect(commands?.focus).toEqual([-120, 0])
    expect(commands?.series.map(({ label, values }) => [label, values])).toEqual([
      ['10.0.0.1:6379', [5, null]],
      ['10.0.0.2:6379', [null, null]],
      ['10.0.0.3:6379', [null, null]]
    ])
  })

  it('has no 0 on a logarithmic axis', () => {
    const plots = livePlots(told({ samples: [sample({ nodes, slowestReadMs: 0 })] }))
    const least = plots
      .filter(({ scale }) => scale === 'log')
      .flatMap(({ series }) => series.flatMap(({ values }) => values))
    expect(least.filter((value) => value !== null)).toEqual([0.01, 0.01])
  })

  it('shows own calls only where the tool makes any', () => {
    const quiet = { ...state(), client: { ...state().client, load: 0 } }
    expect(livePlots(told()).map(({ id }) => id)).toEqual(['commands', 'own-calls', 'round-trip'])
    expect(livePlots(told({ state: quiet })).map(({ id }) => id)).toEqual(['commands', 'round-trip'])
  })

  it('marks what was done and what it led to', () => {
    const happenings = ['fault', 'phase', 'primary-changed'].map((event, id) => ({
      id,
      at: 500,
      event,
      text: '',
      isBad: false
    }))
    expect(livePlots(told({ happenings }))[0]?.marks.map(({ at, label }) => [at, label])).toEqual([
      [-0.5, 'fault'],
      [-0.5, 'new primary']
    ])
  })

  it('gives each node its place whatever its role', () => {
    const gone = sample({ nodes: { '10.0.0.0:6379': { ops: 1, roundTripMs: 1 } } })
    const moved = group({ nodes: [...group().nodes].reverse() })
    const addresses = ['10.0.0.0:6379', '10.0.0.1:6379', '10.0.0.2:6379', '10.0.0.3:6379']
    expect(nodeAddresses(told({ samples: [gone] }))).toEqual(addresses)
    expect(nodeAddresses(told({ samples: [gone], state: state({ group: moved }) }))).toEqual(addresses)
  })
})

describe('a timeline', () => {
  const report = { ...timeline(), id: 7, callsMade: 2 }
  const at = report.startedAt

  it('is plotted by the calls that were made then', () => {
    const calls = [
      { kind: 'read', at: at + 10, tookMs: 0, ok: true },
      { kind: 'write', at, tookMs: 1400, ok: true }
    ] as const
    const plot = timelinePlot({ ...report, calls })
    expect(plot?.x).toEqual([0, 10])
    expect(plot?.series.map(({ label, values }) => [label, values])).toEqual([
      ['reads', [null, 0.01]],
      ['writes', [1400, null]]
    ])
    expect(plot?.marks.map(({ at: x, label }) => [x, label])).toEqual([
      [0, 'connection lost'],
      [4, 'calls wait'],
      [1100, '+odown'],
      [1395, 'new primary'],
      [1400, 'calls go on']
    ])
  })

  it('says that not all calls are shown, where that is so', () => {
    const calls = [{ kind: 'write', at, tookMs: 1, ok: true }] as const
    const captionOf = (callsMade: number) => timelinePlot({ ...report, calls, callsMade })?.caption
    expect(captionOf(61_000)).toContain(' There were 61,000; 1 are shown: those that failed or took longest')
    expect(captionOf(1)).not.toContain('There were')
  })

  it('has no plot without calls', () => {
    expect(timelinePlot({ ...report, calls: [] })).toBeUndefined()
  })

  it('is told in rows, with what a node does again and again once', () => {
    expect(timelineRows({ ...report, calls: [] }).map(({ cells, own }) => [...cells, own])).toEqual([
      ['0.0', 'node 10.0.0.1:6379', 'link-lost', '3 times, the last at 50.0 ms', false],
      ['4.0', 'client', 'hold', 'connection', true],
      ['1100.0', 'sentinel 10.0.1.1:26379', '+odown', 'primary 10.0.0.1:6379', false],
      ['1395.0', 'client', 'moved', '10.0.0.2:6379', true],
      ['1400.0', 'client', 'release', '253 calls', true]
    ])
  })
})
