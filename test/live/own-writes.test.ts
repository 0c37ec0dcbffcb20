import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { needsPartitions } from './support/partitions.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

let topology: LocalTopology

beforeAll(async () => {
  // Sentinels that look away: the replicas stay listed as healthy while their replication stands still.
  topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 120_000 })
})

afterAll(async () => {
  await topology.stop()
})

/** Writes and reads random keys, through single commands, pipelines, MULTI and scripts; gives the reads that missed a write. */
async function misses(client: SentinelRedis, rounds: number): Promise<number> {
  let missed = 0
  const expected = new Map<string, string>()
  client.defineCommand('put', { numberOfKeys: 1, lua: "return redis.call('set', KEYS[1], ARGV[1])" })
  const scripted = client as unknown as { put: (key: string, value: string) => Promise<string> }
  for (let round = 0; round < rounds; round++) {
    const key = `key-${round % 17}`
    const value = `value-${round}`
    switch (round % 4) {
      case 0:
        await client.set(key, value)
        break
      case 1:
        await client.pipeline().set(key, value).set(`other-${round}`, value).exec()
        break
      case 2:
        await client.multi().set(key, value).exec()
        break
      default:
        await scripted.put(key, value)
    }
    expected.set(key, value)
    const wanted = `key-${(round * 7) % 17}`
    if (!expected.has(wanted)) continue
    const single = await client.get(wanted)
    const [piped] = (await client.pipeline().get(wanted).exec()) ?? []
    if (single !== expected.get(wanted)) missed += 1
    if (piped?.[1] !== expected.get(wanted)) missed += 1
  }
  return missed
}

test('no read misses an own acknowledged write while replication stands still; without the rule they do', async (context) => {
  await needsPartitions(context)
  const options = { name: topology.name, sentinels: topology.sentinelAddresses }
  await using client = new SentinelRedis(options)
  await using careless = new SentinelRedis({ ...options, consistency: 'eventual' })
  await Promise.all([client.set('warm', '1'), careless.set('warm', '1')])
  await vi.waitFor(() => {
    expect(careless.stats().replicas.filter((one) => one.usable)).toHaveLength(2)
  })
  const replicas = await topology.replicas()
  const heals = await Promise.all(replicas.map((replica) => replica.partition('peers')))
  try {
    expect(await misses(client, 200)).toBe(0)
    expect(await misses(careless, 50)).toBeGreaterThan(0)
  } finally {
    await Promise.all(heals.map((heal) => heal()))
  }
}, 60_000)

test('replicas serve a written key again once they hold the write', async () => {
  await using client = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses })
  await client.set('caught-up', 'yes')
  const before = client.stats().readsOnReplicas
  await vi.waitFor(
    async () => {
      expect(await client.get('caught-up')).toBe('yes')
      expect(client.stats().readsOnReplicas).toBeGreaterThan(before)
    },
    { timeout: 20_000, interval: 10 }
  )
})

test('a client that wrote nothing reads from replicas at once', async () => {
  await using client = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses })
  await client.connect().catch(() => undefined)
  await vi.waitFor(() => {
    expect(client.stats().replicas.filter((one) => one.usable)).toHaveLength(2)
  })
  await client.get('anything')
  expect(client.stats().readsOnReplicas).toBe(1)
})

test('a read that only replicas may answer waits until one holds the own write, with no other read to nudge it', async () => {
  await using client = new SentinelRedis({
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    readFrom: 'replica'
  })
  for (let round = 0; round < 20; round++) {
    await client.set('lonely', String(round))
    expect(await client.get('lonely')).toBe(String(round))
  }
})

test('a deadline ends a read that replicas do not answer', async () => {
  await using client = new SentinelRedis({
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    readFrom: 'replica'
  })
  await client.get('any')
  const replicas = await topology.replicas()
  await Promise.all(replicas.map((replica) => replica.freeze()))
  try {
    await expect(client.with({ deadlineMs: 300 }).get('any')).rejects.toMatchObject({
      code: expect.stringMatching(/^(DEADLINE|NO_REPLICA)$/) as string
    })
  } finally {
    await Promise.all(replicas.map((replica) => replica.thaw()))
  }
})

test('a client made with lazyConnect connects at its first command', async () => {
  await using client = new SentinelRedis({
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    lazyConnect: true
  })
  expect(client.status).toBe('wait')
  expect(await client.set('lazy', 'woken')).toBe('OK')
})
