import { describe, expect, it } from 'vitest'
import type { CallCounts } from '../../src/observe/timeline.js'
import { describePhase, TimelineRecorder } from '../../src/observe/timeline.js'
import { parseEvent } from '../../src/protocol/parse-event.js'
import type { Observation } from '../../src/topology/observation.js'
import type { Phase, Topology } from '../../src/topology/topology.js'
import { emptyTopology } from '../../src/topology/topology.js'

const A = { host: '10.0.0.1', port: 6379 }
const B = { host: '10.0.0.2', port: 6379 }
const S1 = '10.0.1.1:26379'
const none: CallCounts = { held: 0, longestHoldMs: 0, retried: 0, unknown: 0 }

function topology(phase: Phase, address = A, configEpoch = 1, confirmed = true): Topology {
  return { ...emptyTopology('mymaster'), configEpoch, phase, primary: { address, since: 0, confirmed } }
}

const stable = topology({ kind: 'stable' })
const sdown = topology({ kind: 'suspect', since: 1_000, by: 'sdown' })
const odown = topology({ kind: 'suspect', since: 1_000, by: 'odown' })
const failover = topology({ kind: 'failover', since: 1_100, epoch: 2 })
const early = topology({ kind: 'stable' }, B, 2, false)
const moved = topology({ kind: 'stable' }, B, 2)

function published(at: number, channel: '+sdown' | '+odown' | '+switch-master', message: string): Observation {
  return { kind: 'event', at, from: S1, event: parseEvent(channel, message) }
}

describe('TimelineRecorder', () => {
  it('begins with what was heard, when it took long to follow that', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.observed(published(1_000, '+odown', 'master mymaster 10.0.0.1 6379 #quorum 2/2'))
    recorder.follow(odown, stable, 1_300, none)
    const report = recorder.finish(moved, 1_400, none)
    expect(report?.startedAt).toBe(1_000)
    expect(report?.entries.map(({ what }) => what)).toEqual(['+odown', 'phase'])
  })

  it('tells a failover from its first sign until writes flow again', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.observed(published(1_000, '+sdown', 'master mymaster 10.0.0.1 6379'))
    expect(recorder.follow(sdown, stable, 1_000, { ...none, held: 5, retried: 1 })).toBe(false)
    recorder.observed(published(1_050, '+odown', 'master mymaster 10.0.0.1 6379 #quorum 2/2'))
    expect(recorder.follow(odown, sdown, 1_050, none)).toBe(true)
    recorder.held(1_051, 'topology', none)
    expect(recorder.follow(failover, odown, 1_100, none)).toBe(false)
    recorder.observed({ kind: 'node-error', at: 1_150, address: A, error: 'link-lost' })
    recorder.observed({ kind: 'role', at: 1_200, address: B, role: 'primary' })
    expect(recorder.follow(early, failover, 1_200, none)).toBe(false)
    recorder.did(1_204, 'connected', '10.0.0.2:6379')
    recorder.released(1_205, 9)
    expect(recorder.running).toBe(true)
    const counts = { held: 14, longestHoldMs: 154, retried: 4, unknown: 2 }
    expect(recorder.finish(moved, 1_205, counts)).toEqual({
      name: 'mymaster',
      outcome: 'moved',
      from: A,
      to: B,
      epoch: 2,
      startedAt: 1_000,
      endedAt: 1_205,
      held: 9,
      longestHoldMs: 154,
      retried: 3,
      unknown: 2,
      entries: [
        { at: 1_000, afterMs: 0, who: `sentinel ${S1}`, what: '+sdown', detail: 'primary 10.0.0.1:6379' },
        { at: 1_000, afterMs: 0, who: 'client', what: 'phase', detail: 'suspect (sdown)' },
        { at: 1_050, afterMs: 50, who: `sentinel ${S1}`, what: '+odown', detail: 'primary 10.0.0.1:6379 #quorum 2/2' },
        { at: 1_050, afterMs: 50, who: 'client', what: 'phase', detail: 'suspect (odown)' },
        { at: 1_051, afterMs: 51, who: 'client', what: 'hold', detail: 'topology' },
        { at: 1_100, afterMs: 100, who: 'client', what: 'phase', detail: 'failover' },
        { at: 1_150, afterMs: 150, who: 'node 10.0.0.1:6379', what: 'link-lost' },
        { at: 1_200, afterMs: 200, who: 'node 10.0.0.2:6379', what: 'role primary' },
        { at: 1_200, afterMs: 200, who: 'client', what: 'phase', detail: 'stable' },
        {
          at: 1_200,
          afterMs: 200,
          who: 'client',
          what: 'moved',
          detail: '10.0.0.2:6379 by epoch 2, not yet confirmed'
        },
        { at: 1_204, afterMs: 204, who: 'client', what: 'connected', detail: '10.0.0.2:6379' },
        { at: 1_205, afterMs: 205, who: 'client', what: 'release', detail: '9 calls' }
      ]
    })
    expect(recorder.running).toBe(false)
    expect(recorder.finish(moved, 1_300, counts)).toBeUndefined()
  })

  it('tells one that was called off', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.follow(odown, stable, 1_000, none)
    recorder.follow(stable, odown, 3_000, none)
    expect(recorder.finish(stable, 3_000, none)).toMatchObject({ outcome: 'aborted', from: A, to: A, epoch: 1 })
  })

  it('tells nothing of a doubt that came to nothing, nor of a start', () => {
    const recorder = new TimelineRecorder('mymaster')
    const before = emptyTopology('mymaster')
    const verifying = { ...before, phase: { kind: 'verifying', since: 1, candidate: A, epoch: 1 } } as const
    expect(recorder.follow(verifying, before, 1_000, none)).toBe(false)
    expect(recorder.follow(stable, verifying, 1_001, none)).toBe(false)
    expect(recorder.running).toBe(false)
    expect(recorder.follow(sdown, stable, 2_000, none)).toBe(false)
    expect(recorder.running).toBe(true)
    expect(recorder.follow(stable, sdown, 2_500, none)).toBe(false)
    expect(recorder.finish(stable, 2_500, none)).toBeUndefined()
    expect(recorder.running).toBe(false)
  })

  it('says once that a failover began', () => {
    const recorder = new TimelineRecorder('mymaster')
    const began = [
      recorder.follow(odown, stable, 1, none),
      recorder.follow(failover, odown, 2, none),
      recorder.follow(moved, failover, 3, none)
    ]
    expect(began).toEqual([true, false, false])
  })

  it('sees a move that nothing announced', () => {
    const recorder = new TimelineRecorder('mymaster')
    expect(recorder.follow(moved, stable, 1_000, none)).toBe(true)
    expect(recorder.finish(moved, 1_010, none)).toMatchObject({
      outcome: 'moved',
      entries: [{ what: 'moved', detail: '10.0.0.2:6379 by epoch 2, confirmed' }]
    })
  })

  it('begins with what was seen up to 100 ms before, and not with older news', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.observed({ kind: 'sentinel-lost', at: 800, from: S1, reason: 'long ago' })
    recorder.observed({ kind: 'node-error', at: 900, address: A, error: 'link-lost' })
    recorder.follow(odown, stable, 1_000, none)
    const story = recorder.finish(moved, 1_100, none)
    expect(story?.startedAt).toBe(900)
    expect(story?.entries[0]).toMatchObject({ what: 'link-lost', afterMs: 0 })
  })

  it('begins with the first call that had to wait, however long before anybody doubted the primary', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.observed({ kind: 'sentinel-lost', at: 50, from: S1, reason: 'older news' })
    recorder.held(200, 'silence', { ...none, held: 3 })
    for (let i = 0; i < 200; i++) recorder.did(201 + i, 'between')
    recorder.follow(odown, stable, 1_300, { ...none, held: 90 })
    const story = recorder.finish(moved, 1_400, { ...none, held: 93 })
    expect(story).toMatchObject({ startedAt: 200, held: 90 })
    expect(story?.entries[0]).toMatchObject({ what: 'hold', detail: 'silence', afterMs: 0 })
    expect(story?.entries).toHaveLength(202)
  })

  it('leaves out a wait that was over before', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.held(200, 'silence', none)
    recorder.released(300, 4)
    recorder.held(400, 'silence', none)
    recorder.released(500, 0)
    recorder.follow(odown, stable, 1_300, none)
    const story = recorder.finish(moved, 1_400, none)
    expect([story?.startedAt, story?.entries[0]?.what]).toEqual([1_300, 'phase'])
  })

  it('does not tell the story before in the next', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.follow(odown, stable, 1_000, none)
    recorder.finish(moved, 1_010, none)
    recorder.follow(topology({ kind: 'suspect', since: 1_020, by: 'odown' }, B, 2), moved, 1_020, none)
    expect(recorder.finish(stable, 1_030, none)?.entries).toEqual([
      { at: 1_020, afterMs: 0, who: 'client', what: 'phase', detail: 'suspect (odown)' }
    ])
  })

  it('leaves out answers and the passing of time', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.follow(odown, stable, 1_000, none)
    recorder.observed({ kind: 'tick', at: 1_001 })
    recorder.observed({ kind: 'sentinel-added', at: 1_001, from: S1 })
    recorder.observed({ kind: 'sentinel-removed', at: 1_001, from: S1 })
    recorder.observed({ kind: 'snapshot', at: 1_001, from: S1, snapshot: { known: false, id: 'a' } })
    expect(recorder.finish(moved, 1_010, none)?.entries.map(({ what }) => what)).toEqual(['phase'])
  })

  it('keeps the beginning and the latest of a failover that does not end', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.follow(odown, stable, 1_000, none)
    for (let i = 0; i < 10_000; i++) recorder.did(1_000 + i, `step ${i}`)
    const entries = recorder.finish(moved, 20_000, none)?.entries ?? []
    expect(entries).toHaveLength(2_000)
    expect(entries[0]).toMatchObject({ what: 'phase' })
    expect(entries[1]).toMatchObject({ what: 'step 0' })
    expect(entries.at(-1)).toMatchObject({ what: 'step 9999' })
  })

  it('remembers little while all is well, also after a long doubt that came to nothing', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.follow(sdown, stable, 1_000, none)
    for (let i = 0; i < 1_000; i++) recorder.did(1_000, 'doubt')
    recorder.finish(stable, 1_000, none)
    for (let i = 0; i < 3; i++) recorder.did(1_000, 'later')
    recorder.follow(odown, stable, 1_000, none)
    const entries = recorder.finish(moved, 1_000, none)?.entries ?? []
    expect(entries).toHaveLength(65)
    expect(entries.slice(-4).map(({ what }) => what)).toEqual(['later', 'later', 'later', 'phase'])
  })

  it('tells once a second what a node or a sentinel says again and again', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.follow(odown, stable, 1_000, none)
    for (let at = 1_000; at < 3_000; at += 20) {
      recorder.observed({ kind: 'role', at, address: B, role: at < 1_500 ? 'replica' : 'primary' })
      recorder.observed({ kind: 'node-error', at, address: A, error: 'link-lost' })
      recorder.observed({ kind: 'sentinel-lost', at, from: S1, reason: 'it is silent' })
    }
    recorder.observed({ kind: 'sentinel-lost', at: 3_000, from: S1, reason: 'it refuses' })
    const told = recorder.finish(moved, 3_001, none)?.entries.filter(({ who }) => who !== 'client')
    expect(told?.map(({ afterMs, who, what, detail }) => [afterMs, who, detail ?? what])).toEqual([
      [0, 'node 10.0.0.2:6379', 'role replica'],
      [0, 'node 10.0.0.1:6379', 'link-lost'],
      [0, `sentinel ${S1}`, 'it is silent'],
      [500, 'node 10.0.0.2:6379', 'role primary'],
      [1_000, 'node 10.0.0.1:6379', 'link-lost'],
      [1_000, `sentinel ${S1}`, 'it is silent'],
      [1_500, 'node 10.0.0.2:6379', 'role primary'],
      [2_000, `sentinel ${S1}`, 'it refuses']
    ])
  })

  it('puts every event into words', () => {
    const recorder = new TimelineRecorder('mymaster')
    recorder.follow(odown, stable, 1_000, none)
    for (const [channel, message] of [
      ['+switch-master', 'mymaster 10.0.0.1 6379 10.0.0.2 6379'],
      ['+new-epoch', '2'],
      ['+vote-for-leader', '3f1c 2'],
      ['+tilt', '#tilt mode entered'],
      ['+sdown', 'nonsense']
    ] as const) {
      recorder.observed({ kind: 'event', at: 1_001, from: S1, event: parseEvent(channel, message) })
    }
    expect(
      recorder
        .finish(moved, 1_002, none)
        ?.entries.slice(1)
        .map(({ what, detail }) => [what, detail])
    ).toEqual([
      ['+switch-master', '10.0.0.1:6379 -> 10.0.0.2:6379'],
      ['+new-epoch', 'epoch 2'],
      ['+vote-for-leader', 'leader 3f1c, epoch 2'],
      ['+tilt', undefined],
      ['+sdown', 'nonsense']
    ])
  })
})

describe('describePhase', () => {
  it.each<readonly [Phase, string]>([
    [{ kind: 'unknown' }, 'unknown'],
    [{ kind: 'stable' }, 'stable'],
    [{ kind: 'suspect', since: 1, by: 'refused' }, 'suspect (refused)'],
    [{ kind: 'failover', since: 1 }, 'failover'],
    [{ kind: 'failover', since: 1, candidate: { address: B, leader: S1 } }, 'failover, candidate 10.0.0.2:6379'],
    [{ kind: 'verifying', since: 1, candidate: B, epoch: 2 }, 'verifying 10.0.0.2:6379 by epoch 2']
  ])('%j', (phase, words) => {
    expect(describePhase(phase)).toBe(words)
  })
})
