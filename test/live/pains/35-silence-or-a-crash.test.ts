import type { FailoverTimeline } from 'ioredis-sentinel'
import type { Fault, LocalTopology } from 'ioredis-sentinel/testkit'
import { FAULTS, injectFault, partitionSupport } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Child } from '../child.js'
import { nextFailover } from '../support/client-view.js'
import { clientOf, hasten, settleSoon, startQuickTopology } from '../support/clients.js'
import { connectionsLeft } from '../support/leftovers.js'
import { connectionsNamed, eventually, executed } from '../support/server-view.js'

const NAME = 'deaf'
/** They need the right to drop packets. */
const PARTITIONS: readonly string[] = ['partition', 'peers', 'replica-partition']

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 500 })
})
afterAll(() => topology.stop())

test('a program that listens to nothing lives through every fault, and is not told of them on its console', async () => {
  const options = {
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    connectionName: NAME,
    deadlineMs: 2_000
  }
  const { available } = await partitionSupport()
  const faults = (Object.keys(FAULTS) as Fault[]).filter((fault) => available || !PARTITIONS.includes(fault))
  await using child = new Child('test/live/support/listens-to-nothing.ts', [JSON.stringify(options)])
  await working()
  for (const fault of faults) {
    const { heal } = await injectFault(topology, fault)
    await working()
    await heal()
    await hasten(topology)
    await topology.settled()
    await working()
    expect(child.process.exitCode, fault).toBeNull()
  }
  child.process.kill('SIGTERM')
  expect([await child.ended(), child.stderr]).toEqual([0, ''])
  const [, calls, failed] = /calls (\d+) failed (\d+)/.exec(child.stdout) ?? []
  expect(Number(calls)).toBeGreaterThan(1_000)
  expect(Number(failed)).toBeLessThan(Number(calls) / 10)
  await eventually(async () => {
    expect(await connectionsLeft(topology, NAME)).toBe(0)
  })
}, 120_000)

/** Resolves when the primary of now has been worked with for a while by the three clients of the program. */
async function working(): Promise<void> {
  let primary = await topology.primary()
  let before = await executed(primary, 'incr')
  await eventually(async () => {
    const now = await topology.primary()
    if (now !== primary) [primary, before] = [now, await executed(now, 'incr')]
    const connections = await connectionsNamed(primary, NAME)
    expect(connections).toHaveLength(3)
    expect(connections.map((connection) => connection['cmd'])).toContain('blpop')
    expect(await executed(primary, 'incr')).toBeGreaterThan(before + 30)
  }, 30_000)
}

describe('events tell an ordered story of', () => {
  const DIES = ['+sdown', '+odown', '+try-failover', '+selected-slave', 'moved', 'connected', 'release'] as const
  test.each([
    ['freeze', ['hold', ...DIES], 'silence'],
    ['kill', ['hold', ...DIES], 'connection']
  ] as const)('%s', async (fault, expected, why) => {
    await settleSoon(topology)
    await using client = clientOf(topology)
    await client.set('story', 'begins')
    const heard: string[] = []
    client.on('failover-started', ({ phase }) => heard.push(`failover-started ${phase.kind}`))
    client.on('primary-changed', ({ from, to }) =>
      heard.push(`primary-changed ${from?.address.host} ${to.address.host}`)
    )
    client.on('failover', () => heard.push('failover'))
    const writes = setInterval(() => void client.set('story', 'goes on').catch(() => undefined), 10)
    let timeline: FailoverTimeline
    let story: string[]
    try {
      const over = nextFailover(client)
      const { heal } = await injectFault(topology, fault)
      timeline = await over
      // What was suspected before, or begun and given up, has a report of its own.
      story = heard.slice(heard.lastIndexOf('failover', -2) + 1)
      await heal()
    } finally {
      clearInterval(writes)
    }
    const { entries, startedAt, endedAt, from, to } = timeline
    const [began, ...changes] = story.slice(0, -1)
    expect(began).toMatch(/^failover-started (suspect|failover|verifying)$/)
    // A busy machine may make the sentinels promote once more.
    expect(changes.at(0)).toMatch(`primary-changed ${from?.host} `)
    expect(changes.at(-1)).toMatch(new RegExp(`^primary-changed \\S+ ${to?.host}$`))
    const times = entries.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect([times[0], endedAt >= (times.at(-1) ?? 0)]).toEqual([startedAt, true])
    for (const { at, afterMs } of entries) expect(afterMs).toBe(at - startedAt)
    // The client's own start may be told first.
    const places = entries.map(({ what }) => what)
    // On a starved machine a sentinel may be silent for so long that its link is renewed, and what it says meanwhile is not heard.
    const missed = entries.some(({ who, what }) => who.startsWith('sentinel') && what === 'lost')
    const firsts = expected.map((what) => {
      if (what === 'connected' || what === 'release') return places.lastIndexOf(what)
      const at = places.indexOf(what)
      return at === -1 && missed && what === '+try-failover' ? places.indexOf('+elected-leader') : at
    })
    expect(firsts, JSON.stringify(entries)).not.toContain(-1)
    if (fault === 'kill') expect(places).toContain('link-lost')
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
    expect(entries.find(({ what }) => what === 'hold')?.detail).toBe(why)
    expect(timeline.held).toBeGreaterThan(0)
  })
})
