import type { SentinelRedis } from 'ioredis-sentinel'
import type { Heal, LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { ReadProbe } from 'ioredis-sentinel/testkit'
import type { TestContext } from 'vitest'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { usable } from '../support/client-view.js'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { needsPartitions } from '../support/partitions.js'
import { eventually, executed, replicated, resetStatistics } from '../support/server-view.js'

/** So many reads, one every 5 ms, are made while a replica is harmed: a read that waited for it to be healed takes 2.5 s. */
const READS = 500
/** The figure itself is measured where nothing else runs; here no read waited for that. */
const LONGEST_MS = 2_000
const BACK_WITHIN_MS = 10_000

let topology: LocalTopology
let client: SentinelRedis
let replicas: readonly LocalNode[]

beforeAll(async () => {
  // The sentinels have no time to notice.
  topology = await startQuickTopology({ replicas: 3, downAfterMs: 10_000 })
})
afterAll(() => topology.stop())
beforeEach(async () => {
  await topology.settled()
  const primary = await topology.primary()
  replicas = await topology.replicas()
  await primary.command('SET', 'shared', 'value')
  await replicated(primary, replicas)
})

/** Harms one replica after the other while reads are made; each must be read from again when it is healed. */
async function eachInTurn(context: TestContext, harm: (replica: LocalNode) => Promise<Heal>): Promise<void> {
  client = clientOf(topology)
  await using _closed = client
  await usable(client, replicas.length)
  const probe = new ReadProbe({
    read: async () => {
      expect(await client.get('shared')).toBe('value')
    }
  })
  const flows = async (more: number): Promise<void> => {
    const until = probe.entries.length + more
    await eventually(() => {
      expect(probe.entries.length - probe.outstanding).toBeGreaterThanOrEqual(until)
    }, 20_000)
  }
  for (const replica of replicas) {
    const heal = await harm(replica)
    try {
      await usable(client, replicas.length - 1)
      await flows(READS)
    } finally {
      await heal()
    }
    await resetStatistics([replica])
    await eventually(async () => {
      expect(await executed(replica, 'get')).toBeGreaterThan(0)
    }, BACK_WITHIN_MS)
    await usable(client, replicas.length)
  }
  await probe.stop()
  const { ok, failed, hung, errors, latencies } = probe.report()
  expect({ failed, hung, errors }).toEqual({ failed: 0, hung: 0, errors: {} })
  expect(ok).toBeGreaterThan(1_000)
  await context.annotate(`the longest of ${ok} reads took ${(latencies.at(-1) ?? 0).toFixed(1)} ms`)
  expect(latencies.at(-1)).toBeLessThan(LONGEST_MS)
}

test('killed', async (context) => {
  await eachInTurn(context, async (replica) => {
    const inFlight = Promise.all(Array.from({ length: 100 }, () => client.get('shared')))
    await replica.kill()
    expect(new Set(await inFlight)).toEqual(new Set(['value']))
    return () => replica.start()
  })
})

test('frozen', async (context) => {
  await eachInTurn(context, async (replica) => {
    await replica.freeze()
    return () => replica.thaw()
  })
})

test('cut off', async (context) => {
  await needsPartitions(context)
  await eachInTurn(context, (replica) => replica.partition('everything'))
})
