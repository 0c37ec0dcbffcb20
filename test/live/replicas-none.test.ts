import type { ReadPolicy, SentinelRedisOptions } from 'ioredis-sentinel'
import { NoReplicaError } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { ReadProbe } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf, outcome, startQuickTopology } from './support/clients.js'
import { ReplicaEvents } from './support/replica-events.js'
import { eventually, executed, resetStatistics } from './support/server-view.js'

describe('a topology without replicas', () => {
  let topology: LocalTopology

  beforeAll(async () => {
    topology = await startQuickTopology({ replicas: 0 })
  })
  afterAll(() => topology.stop())

  const settings: readonly (readonly [string, Partial<SentinelRedisOptions>])[] = [
    ...(['replicaPreferred', 'primary', 'primaryPreferred', 'nearest', 'any'] as const).map(
      (readFrom: ReadPolicy) => [readFrom, { readFrom }] as const
    ),
    ['maxLagMs', { maxLagMs: 200 }],
    ['a zone', { zone: 'a' }],
    ['automatic pipelining', { enableAutoPipelining: true }]
  ]

  test.each(settings)('everything works from the primary: %s', async (_, options) => {
    await using client = clientOf(topology, options)
    await client.flushall()
    expect(await client.get('none')).toBeNull()
    expect(await client.set('key', 'value')).toBe('OK')
    expect(await Promise.all([client.get('key'), client.strlen('key'), client.exists('key')])).toEqual(['value', 5, 1])
    expect(await client.pipeline().get('key').strlen('key').exec()).toEqual([
      [null, 'value'],
      [null, 5]
    ])
    expect(await client.pipeline().incr('count').get('count').exec()).toEqual([
      [null, 1],
      [null, '1']
    ])
    expect(await client.multi().incr('count').get('count').exec()).toEqual([
      [null, 2],
      [null, '2']
    ])
    expect(await client.eval("return redis.call('GET', KEYS[1])", 1, 'count')).toBe('2')
    const keys = (await client.scanStream().toArray()) as string[][]
    expect(keys.flat().sort()).toEqual(['count', 'key'])
    expect(client.stats()).toMatchObject({ replicas: [], readsOnReplicas: 0, unknown: 0 })
  })

  test('only a replica may answer: NoReplicaError', async () => {
    await using client = clientOf(topology, { readFrom: 'replica' })
    expect(await client.set('key', 'value')).toBe('OK')
    expect(await outcome(client.with({ deadlineMs: 300 }).get('key'))).toBeInstanceOf(NoReplicaError)
    expect(await client.set('key', 'value')).toBe('OK')
  })

  test('a replica that joins is read from; when it goes, the primary answers again', async () => {
    await using client = clientOf(topology)
    const primary = await topology.primary()
    await client.set('key', 'value')
    const probe = new ReadProbe({
      read: async () => {
        expect(await client.get('key')).toBe('value')
      }
    })
    const joined = await topology.addReplica()
    await reads(joined)
    const events = new ReplicaEvents(client)
    await topology.removeReplica(joined)
    expect((await events.out(joined)).reason).toMatch(/lost|removed|silent/)
    await reads(primary)
    await probe.stop()
    expect(probe.report()).toMatchObject({ failed: 0, hung: 0, errors: {} })
  })
})

test('all replicas gone and back: no read fails, the primary answers meanwhile, and then nothing is read from it', async () => {
  await using topology = await startQuickTopology({ downAfterMs: 60_000 })
  // A replica that is silent because the machine is busy would be out for that.
  await using client = clientOf(topology, { suspectAfterMs: 60_000 })
  const primary = await topology.primary()
  const replicas = await topology.replicas()
  await primary.command('SET', 'key', 'value')
  await usable(client, 2)
  const events = new ReplicaEvents(client)
  const probe = new ReadProbe({
    read: async () => {
      expect(await client.get('key')).toBe('value')
    }
  })
  await Promise.all(replicas.map((replica) => replica.kill()))
  for (const replica of replicas) expect(await events.out(replica)).toMatchObject({ reason: 'lost' })
  await reads(primary)
  await Promise.all(replicas.map((replica) => replica.start()))
  for (const replica of replicas) expect(await events.back(replica)).toMatchObject({ reason: 'lost' })
  await usable(client, 2)
  await Promise.all(replicas.map(reads))
  await eventually(async () => {
    await resetStatistics(topology.nodes)
    await Promise.all(replicas.map(reads))
    expect(await executed(primary, 'get')).toBe(0)
  }, 20_000)
  await probe.stop()
  expect(probe.report()).toMatchObject({ failed: 0, hung: 0, errors: {} })
})

/** Resolves when the node has executed more reads than now. */
async function reads(node: LocalNode): Promise<void> {
  const before = await executed(node, 'get')
  await eventually(async () => {
    expect(await executed(node, 'get')).toBeGreaterThan(before)
  }, 20_000)
}
