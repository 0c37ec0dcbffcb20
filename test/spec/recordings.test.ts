import { describe, expect, it } from 'vitest'
import { formatAddress, sameAddress } from '../../src/protocol/address.js'
import type { SentinelChannel } from '../../src/protocol/channels.js'
import { isSentinelChannel, SENTINEL_CHANNELS } from '../../src/protocol/channels.js'
import { parseEvent } from '../../src/protocol/parse-event.js'
import { parseSnapshot } from '../../src/protocol/parse-reply.js'
import type { PromotionMode } from '../../src/topology/reduce.js'
import type { Played, Recording } from './recording.js'
import { answersIn, play, readRecordings } from './recording.js'

const recordings = readRecordings()
const A = '127.0.1.1:6379'

/** Where the primary is, one after the other. */
const PRIMARIES: Readonly<Record<string, readonly string[]>> = {
  automatic: [A, newPrimaryIn('automatic')],
  manual: [A, newPrimaryIn('manual')],
  'abort-no-good-replica': [A],
  'abort-not-elected': [A],
  'abort-replica-timeout': [A],
  members: [A],
  tilt: [A]
}
const RARE: readonly SentinelChannel[] = [
  '-failover-abort-master-is-back',
  '+failover-end-for-timeout',
  '+sentinel-address-switch',
  '+fix-slave-config',
  '+reboot',
  '-slave-restart-as-master'
]
const MODES: readonly PromotionMode[] = ['fast', 'confirmed', 'strict']

describe('the recordings', () => {
  it('are those that scripts/record-sentinel.ts makes', () => {
    expect(recordings.map(({ scenario }) => scenario).sort()).toEqual(Object.keys(PRIMARIES).sort())
  })

  it('show every channel but those of rare or old events', () => {
    const heard = new Set(recordings.flatMap(({ entries }) => entries.flatMap((one) => channelOf(one))))
    expect(SENTINEL_CHANNELS.filter((channel) => !heard.has(channel) && !RARE.includes(channel))).toEqual([])
  })
})

describe.each(recordings.map((recording) => [recording.scenario, recording] as const))('%s', (scenario, recording) => {
  it('has only channels that are subscribed to', () => {
    expect(recording.entries.flatMap(channelOf).filter((channel) => !isSentinelChannel(channel))).toEqual([])
  })

  it('has only messages that are understood', () => {
    for (const entry of recording.entries) {
      if (!('channel' in entry) || !isSentinelChannel(entry.channel)) continue
      expect(parseEvent(entry.channel, entry.message)).not.toMatchObject({ kind: 'unparsed' })
    }
  })

  it('has only answers that are understood', () => {
    for (const { replies } of answersIn(recording)) {
      expect(parseSnapshot(replies)).toMatchObject({ known: true, tilt: expect.any(Boolean) as boolean })
    }
    expect(parseSnapshot(recording.raw)).toMatchObject({
      known: true,
      primary: { host: '127.0.1.1', port: 6379 },
      judged: { host: '127.0.1.1', port: 6379 },
      configEpoch: 0,
      others: 2,
      tilt: false,
      replicas: expect.arrayContaining([
        expect.objectContaining({ linkUp: true, announced: true, priority: expect.any(Number) as number })
      ]) as unknown[]
    })
  })

  it.each(MODES)('ends at the right primary, by way of no other, when %s', (mode) => {
    const played = play(recording, mode)
    expect(primariesOf(played)).toEqual(PRIMARIES[scenario])
    const last = played.at(-1)?.state.topology
    expect(last).toMatchObject({ phase: { kind: 'stable' }, primary: { confirmed: true } })
    expect(last?.configEpoch).toBe(Math.max(...answersIn(recording).map(({ replies }) => epochOf(replies))))
  })

  it.each(MODES)(
    'never lowers an epoch, and moves only to a node that has just said that it is the primary, when %s',
    (mode) => {
      let before: Played | undefined
      for (const now of play(recording, mode)) {
        const [then, topology] = [before?.state, now.state.topology]
        expect(topology.configEpoch).toBeGreaterThanOrEqual(then?.topology.configEpoch ?? -1)
        expect(now.state.confirmedEpoch).toBeGreaterThanOrEqual(then?.confirmedEpoch ?? -1)
        if (!sameAddress(topology.primary?.address, then?.topology.primary?.address)) {
          expect(now.observation).toMatchObject({ kind: 'role', role: 'primary', address: topology.primary?.address })
        }
        before = now
      }
    }
  )
})

describe('a promotion', () => {
  it.each(['automatic', 'manual'])('%s: fast follows it at once, the others when it is published', (scenario) => {
    const recording = recordingOf(scenario)
    const promotedAt =
      recording.entries.find((one) => 'node' in one && one.node !== A && one.role === 'primary')?.at ?? NaN
    const [fast, confirmed, strict] = MODES.map(
      (mode) =>
        play(recording, mode).find(({ state }) => keyOfPrimary(state) === newPrimaryIn(scenario))?.observation.at
    )
    expect(fast).toBe(promotedAt)
    expect(confirmed).toBeGreaterThan(promotedAt)
    expect(strict).toBeGreaterThan(confirmed ?? NaN)
  })
})

describe('tilt', () => {
  it('is seen from the event and from the answer, until it ends', () => {
    const tilts = play(recordingOf('tilt'), 'fast').map(
      ({ state }) => state.topology.sentinels.filter((view) => view.tilt).length
    )
    expect(tilts.filter((count, index) => count !== tilts[index - 1])).toEqual([0, 1, 0])
  })
})

function channelOf(entry: Recording['entries'][number]): readonly string[] {
  return 'channel' in entry ? [entry.channel] : []
}

function recordingOf(scenario: string): Recording {
  const found = recordings.find((one) => one.scenario === scenario)
  if (found === undefined) throw new Error(`there is no recording "${scenario}"`)
  return found
}

/** What the leader published at last: chance decides which replica it is. */
function newPrimaryIn(scenario: string): string {
  const switched = recordingOf(scenario).entries.findLast((one) => 'channel' in one && one.channel === '+switch-master')
  const [, , , host, port] = switched !== undefined && 'message' in switched ? switched.message.split(' ') : []
  return `${host ?? ''}:${port ?? ''}`
}

function primariesOf(played: readonly Played[]): readonly string[] {
  const all = played.flatMap(({ state }) => keyOfPrimary(state) ?? [])
  return all.filter((key, index) => key !== all[index - 1])
}

function keyOfPrimary({ topology }: Played['state']): string | undefined {
  return topology.primary === undefined ? undefined : formatAddress(topology.primary.address)
}

function epochOf(replies: Recording['raw']): number {
  const snapshot = parseSnapshot(replies)
  return snapshot.known ? snapshot.configEpoch : -1
}
