import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

let topology: LocalTopology

beforeAll(async () => {
  // Sentinels that look away: the replicas stay listed as healthy while their replication stands still.
  topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 120_000 })
})

afterAll(async () => {
  await topology.stop()
})

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
  await using client = new SentinelRedis({
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    hedge: false,
    suspectAfterMs: 60_000
  })
  await client.connect().catch(() => undefined)
  await vi.waitFor(
    () => {
      expect(client.stats().replicas.filter((one) => one.usable)).toHaveLength(2)
    },
    { timeout: 20_000 }
  )
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

test('own keys are read from replicas that are connected anew while there is neither a primary nor a sentinel', async () => {
  await using group = await startTopology({ replicas: 2, sentinels: 3 })
  await using client = new SentinelRedis({ name: group.name, sentinels: group.sentinelAddresses, deadlineMs: 20_000 })
  client.on('error', () => undefined)
  await client.set('mine', 'written')
  const replicas = await group.replicas()
  const servedByReplicas = async (): Promise<void> => {
    const before = client.stats().readsOnReplicas
    expect(await client.get('mine')).toBe('written')
    expect(client.stats().readsOnReplicas).toBeGreaterThan(before)
  }
  await vi.waitFor(servedByReplicas, { timeout: 20_000, interval: 10 })
  const primary = await group.primary()
  await Promise.all([primary, ...group.sentinels].map((process) => process.kill()))
  await Promise.all(replicas.map((replica) => replica.command('CLIENT', 'KILL', 'TYPE', 'normal')))
  await vi.waitFor(servedByReplicas, { timeout: 20_000, interval: 10 })
})
