import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let topology: LocalTopology

beforeEach(async () => {
  topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 1_000 })
})

afterEach(async () => {
  await topology.stop()
})

/** A failover by hand, and a write that reaches the new primary through the client. */
async function followsFailover(client: SentinelRedis): Promise<void> {
  await client.set('key', 'before')
  const before = await topology.primary()
  await topology.sentinelFailover()
  await vi.waitFor(
    async () => {
      expect(await topology.primary()).not.toBe(before)
      await client.set('key', 'after')
      expect(await (await topology.primary()).command('GET', 'key')).toBe('after')
    },
    { timeout: 30_000, interval: 50 }
  )
  expect(client.topology.primary?.address).toEqual((await topology.primary()).address)
}

test('polling alone is enough: a sentinel user that may not subscribe', async () => {
  for (const sentinel of topology.sentinels) {
    await sentinel.command('ACL', 'SETUSER', 'poller', 'on', '>pw', '+@all', '~*', 'resetchannels')
  }
  await using client = new SentinelRedis({
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    sentinelUsername: 'poller',
    sentinelPassword: 'pw'
  })
  await followsFailover(client)
})

test('events alone are enough: nobody is polled', async () => {
  await using client = new SentinelRedis({
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    pollIntervalMs: 3_600_000
  })
  await followsFailover(client)
})

test('the later promotion signals are enough: confirmed and strict', async () => {
  const options = { name: topology.name, sentinels: topology.sentinelAddresses }
  await using confirmed = new SentinelRedis({ ...options, promotion: 'confirmed' })
  await using strict = new SentinelRedis({ ...options, promotion: 'strict' })
  await strict.set('other', 'before')
  await followsFailover(confirmed)
  await strict.set('other', 'after')
  await vi.waitFor(
    () => {
      expect(strict.topology.primary).toMatchObject({ address: confirmed.topology.primary?.address, confirmed: true })
    },
    { timeout: 10_000 }
  )
})

test('READONLY alone is enough: the sentinels are away while the primary is demoted, and name the new one later', async () => {
  await using client = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses })
  await client.set('key', 'before')
  const before = await topology.primary()
  const [chosen] = await topology.replicas()
  for (const sentinel of topology.sentinels) await sentinel.freeze()
  await chosen?.command('REPLICAOF', 'NO', 'ONE')
  await before.command('REPLICAOF', chosen?.address.host ?? '', String(chosen?.address.port))
  const write = client.set('key', 'after')
  await vi.waitFor(() => {
    expect(client.stats().held).toBe(1)
  })
  for (const sentinel of topology.sentinels) {
    await sentinel.thaw()
    await sentinel.command('SENTINEL', 'REMOVE', topology.name)
    await sentinel.command(
      'SENTINEL',
      'MONITOR',
      topology.name,
      chosen?.address.host ?? '',
      String(chosen?.address.port),
      '2'
    )
  }
  expect(await write).toBe('OK')
  expect(await chosen?.command('GET', 'key')).toBe('after')
})
