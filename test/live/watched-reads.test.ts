import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { usable } from './support/client-view.js'
import { clientOf, startQuickTopology } from './support/clients.js'
import { eventually, executed, replicated, resetStatistics } from './support/server-view.js'

// A transaction that was decided by what a replica said writes over what others wrote: the replica may lag behind the WATCH.

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())

test('what is read between WATCH and EXEC or UNWATCH is read from the primary', async () => {
  const primary = await topology.primary()
  const replicas = await topology.replicas()
  await primary.command('SET', 'balance', '10')
  await replicated(primary, replicas)
  await using redis = clientOf(topology)
  await usable(redis, 2)
  const readOnReplicas = async (): Promise<number> => {
    const counts = await Promise.all(replicas.map((node) => executed(node, 'get')))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  await resetStatistics(topology.nodes)
  await redis.watch('balance')
  expect(await redis.get('balance')).toBe('10')
  expect(await redis.pipeline().get('balance').get('balance').exec()).toEqual([
    [null, '10'],
    [null, '10']
  ])
  expect(await redis.multi().set('balance', 11).exec()).toEqual([[null, 'OK']])
  expect([await executed(primary, 'get'), await readOnReplicas()]).toEqual([3, 0])

  await redis.watch('balance')
  await redis.get('balance')
  await redis.unwatch()
  expect([await executed(primary, 'get'), await readOnReplicas()]).toEqual([4, 0])

  await replicated(primary, replicas)
  await eventually(async () => {
    await redis.get('balance')
    expect(await readOnReplicas()).toBeGreaterThan(0)
  })
})
