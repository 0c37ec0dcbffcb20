import { SentinelRedis } from 'ioredis-sentinel'
import type { FailoverTimeline } from 'ioredis-sentinel'
import type { Fault, LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { FAULTS, injectFault, startTopology } from 'ioredis-sentinel/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { preciseNow } from '../../src/time-origin.js'
import { nextFailover } from './support/client-view.js'
import { hasten } from './support/clients.js'
import { needsPartitions } from './support/partitions.js'
import { Traffic } from './support/traffic.js'

interface Expectation {
  /** How many appends may be unknown: those on the wire when the node died or fell silent. */
  readonly unknown: number
  readonly moves: boolean
}

/** What may be on the wire before 100 ms of silence are noticed, at a write every 5 ms. */
const MOST_UNKNOWN_IN_SILENCE = 40
/** The rate of the ledger's appends. */
const WRITE_EVERY_MS = 5

/** The budgets of the issue, with the client at its defaults. */
const EXPECTED: Readonly<Partial<Record<Fault, Expectation>>> = {
  kill: { unknown: 5, moves: true },
  freeze: { unknown: MOST_UNKNOWN_IN_SILENCE, moves: true },
  partition: { unknown: MOST_UNKNOWN_IN_SILENCE, moves: true },
  manual: { unknown: 0, moves: true },
  restart: { unknown: 0, moves: false },
  'replica-kill': { unknown: 0, moves: false },
  'replica-freeze': { unknown: 0, moves: false },
  'replica-partition': { unknown: 0, moves: false },
  'all-sentinels': { unknown: 0, moves: false }
}

describe.each(Object.entries(EXPECTED) as [Fault, Expectation][])('%s', (fault, expected) => {
  let topology: LocalTopology
  let client: SentinelRedis

  beforeEach(async () => {
    topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 1_000, failoverTimeoutMs: 10_000 })
    client = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses })
    await client.set('constant', 'here')
  })

  afterEach(async () => {
    client.disconnect()
    await topology.stop()
  })

  test(`${FAULTS[fault]}: nothing doubled, reordered, hung or lost after it, and every read answered`, async (context) => {
    if (fault.endsWith('partition')) await needsPartitions(context)
    const reports: FailoverTimeline[] = []
    client.on('failover', (timeline) => reports.push(timeline))
    const before = await topology.primary()
    const promotions = topology.watchPromotions()
    const traffic = new Traffic(client, topology)
    await traffic.flows(100)

    const moved = expected.moves ? nextFailover(client) : undefined
    const injectedAt = preciseNow()
    const injected =
      fault === 'restart' ? await restartBetweenWrites(before, client, traffic) : await injectFault(topology, fault)
    const goneAt = preciseNow()
    await moved
    await traffic.flows(200)
    await injected.heal()
    await hasten(topology)
    await topology.settled(45_000)
    await traffic.flows(100)
    await traffic.stop()
    promotions.stop()

    const { appended, sets, hashes, reads } = await traffic.report()
    const summary = { appended: { ...appended, lost: appended.lost.length }, reads: { ...reads, latencies: [] } }
    expect(appended.hung, JSON.stringify(summary)).toBe(0)
    expect(appended.doubled).toEqual([])
    expect(appended.reordered).toBe(0)
    expect(appended.failed, JSON.stringify(appended.errors)).toBe(0)
    expect(appended.failedButPresent).toEqual([])
    const unknown = traffic.unknownAfter(-Infinity)
    // Until it is gone, a process that is killed while it waits for a disk or a core is a frozen one: the writes of that time add to the budget.
    const dyingMs = goneAt - injectedAt
    const told = `${appended.unknown} unknown; the process was gone after ${dyingMs.toFixed(1)} ms`
    if (fault === 'kill') {
      expect(traffic.unknownAfter(goneAt), told).toBeLessThanOrEqual(expected.unknown)
      expect(unknown, told).toBeLessThanOrEqual(
        Math.min(MOST_UNKNOWN_IN_SILENCE, expected.unknown + Math.ceil(dyingMs / WRITE_EVERY_MS))
      )
    } else expect(unknown, told).toBeLessThanOrEqual(expected.unknown)
    for (const idempotent of [sets, hashes]) {
      expect([idempotent.hung, idempotent.failed, idempotent.unknown], JSON.stringify(idempotent.errors)).toEqual([
        0, 0, 0
      ])
    }
    expect([reads.failed, reads.hung], JSON.stringify(reads.errors)).toEqual([0, 0])

    const after = await topology.primary()
    expect(client.topology.primary?.address).toEqual(after.address)
    expect(client.topology.phase.kind).toBe('stable')
    if (!expected.moves) {
      expect(after).toBe(before)
      expect(appended.lost).toEqual([])
      expect([...sets.lost, ...hashes.lost]).toEqual([])
      return
    }
    expect(after).not.toBe(before)
    // A busy machine may make the sentinels promote once more.
    const promotion = promotions.promotions.at(-1)
    expect(promotion?.node).toBe(after)
    for (const report of [appended, sets, hashes]) expect(report.lostAfter(promotion?.at ?? 0)).toEqual([])
    if (fault === 'manual') expect([...appended.lost, ...sets.lost, ...hashes.lost]).toEqual([])

    // What was begun and given up has a report of its own.
    const moves = reports.filter(({ outcome }) => outcome === 'moved')
    const [timeline] = moves
    expect(timeline).toMatchObject({ from: before.address })
    expect(moves.at(-1)).toMatchObject({ to: after.address })
    expect(moves.length).toBeLessThanOrEqual(promotions.promotions.length)
    expect(reports.reduce((sum, { unknown }) => sum + unknown, 0)).toBe(appended.unknown)
    expect(timeline?.held).toBeGreaterThan(0)
    const story = timeline?.entries.map((entry) => entry.what) ?? []
    expect(story).toEqual(expect.arrayContaining(['+try-failover', '+selected-slave', 'moved', 'connected', 'release']))
  })
})

async function restartBetweenWrites(
  node: LocalNode,
  client: SentinelRedis,
  traffic: Traffic
): Promise<{ heal: () => Promise<void> }> {
  await traffic.between(async () => {
    const noticed = new Promise<void>((resolve) =>
      client.once('close', () => {
        resolve()
      })
    )
    await node.kill()
    await noticed
  })
  await node.start()
  return { heal: () => Promise.resolve() }
}
