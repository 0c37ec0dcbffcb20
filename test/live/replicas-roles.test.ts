import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { ReadProbe } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf, failOver, settleSoon, startQuickTopology } from './support/clients.js'
import { eventually, executed, replicated, resetStatistics } from './support/server-view.js'

let topology: LocalTopology
let primary: LocalNode

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())
beforeEach(async () => {
  await settleSoon(topology)
  primary = await topology.primary()
  await primary.command('SET', 'shared', 'value')
  await replicated(primary, await topology.replicas())
})

test('a promoted replica is not read from as one, the demoted primary is, and no read fails', async () => {
  await using client = clientOf(topology)
  await usable(client, 2)
  const probe = readShared(client)
  await failOver(topology, client)
  await settleSoon(topology)
  const promoted = await topology.primary()
  const replicas = await topology.replicas()
  expect(promoted).not.toBe(primary)
  expect(replicas).toContain(primary)
  await usable(client, 2)
  await resetStatistics(topology.nodes)
  await eventually(async () => {
    for (const replica of replicas) expect(await executed(replica, 'get')).toBeGreaterThan(10)
  }, 20_000)
  // What went there before all replicas were read from again is not counted.
  await resetStatistics(topology.nodes)
  await eventually(async () => {
    expect(await executed(primary, 'get')).toBeGreaterThan(50)
  }, 20_000)
  expect(await executed(promoted, 'get')).toBe(0)
  await probe.stop()
  expect(probe.report()).toMatchObject({ failed: 0, hung: 0, errors: {} })
})

test('with maxLagMs too: the new history is known soon', async () => {
  await using client = clientOf(topology, { maxLagMs: 1_000 })
  await usable(client, 2)
  const probe = readShared(client)
  await failOver(topology, client)
  await settleSoon(topology)
  await usable(client, 2)
  const [replica] = await topology.replicas()
  if (replica === undefined) throw new Error('there are no replicas')
  await resetStatistics([replica])
  await eventually(async () => {
    expect(await executed(replica, 'get')).toBeGreaterThan(10)
  }, 20_000)
  await probe.stop()
  expect(probe.report()).toMatchObject({ failed: 0, hung: 0, errors: {} })
})

function readShared(client: SentinelRedis): ReadProbe {
  return new ReadProbe({
    read: async () => {
      expect(await client.get('shared')).toBe('value')
    }
  })
}
