import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalSentinel, LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { beginFailover } from './support/clients.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 1_000 })
})

afterAll(async () => {
  await topology.stop()
})

/** What an emptied volume does to a sentinel: it knows its configuration, and has neither id, epochs nor acquaintances. */
function forget(sentinel: LocalSentinel, primary: { readonly host: string; readonly port: number }): void {
  const conf = readdirSync(sentinel.directory).find((file) => file.endsWith('.conf')) ?? ''
  const path = join(sentinel.directory, conf)
  const kept = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !/^(sentinel (myid|config-epoch|leader-epoch|current-epoch|known-)|# Generated)/.test(line))
    .map((line) =>
      line.startsWith(`sentinel monitor ${topology.name} `)
        ? `sentinel monitor ${topology.name} ${primary.host} ${primary.port} 2`
        : line
    )
  writeFileSync(path, kept.join('\n'))
}

test('sentinels that were all made anew begin at epoch 0, and are followed through their next failover', async () => {
  await using client = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses })
  await client.set('key', 'first')
  await beginFailover(topology)
  await vi.waitFor(
    () => {
      expect(client.topology.primary?.confirmed).toBe(true)
      expect(client.topology.configEpoch).toBeGreaterThan(0)
    },
    { timeout: 20_000 }
  )
  await client.set('key', 'second')
  await topology.settled(30_000)
  const primary = await topology.primary()

  await Promise.all(topology.sentinels.map((sentinel) => sentinel.kill()))
  for (const sentinel of topology.sentinels) forget(sentinel, primary.address)
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.start()))
  await vi.waitFor(
    () => {
      expect(client.topology.configEpoch).toBe(0)
    },
    { timeout: 30_000 }
  )
  expect(client.topology.primary?.address).toEqual(primary.address)
  await client.set('key', 'third')
  await topology.settled(30_000)

  await beginFailover(topology)
  await vi.waitFor(
    () => {
      expect(client.topology.primary?.address).not.toEqual(primary.address)
    },
    { timeout: 20_000 }
  )
  await client.set('key', 'fourth')
  expect(client.topology.configEpoch).toBeGreaterThan(0)
  await vi.waitFor(
    async () => {
      expect((await topology.primary()).address).toEqual(client.topology.primary?.address)
    },
    { timeout: 20_000 }
  )
  expect(await (await topology.primary()).command('GET', 'key')).toBe('fourth')
}, 120_000)

test('a group that is removed from all sentinels and told to them anew, with another primary, is followed there', async () => {
  await using client = new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses })
  await client.set('key', 'before')
  expect(client.topology.configEpoch).toBeGreaterThan(0)
  const before = await topology.primary()
  const [next, other] = await topology.replicas()
  const { host = '', port = 0 } = next?.address ?? {}

  await Promise.all(topology.sentinels.map((sentinel) => sentinel.command('SENTINEL', 'REMOVE', topology.name)))
  await next?.command('REPLICAOF', 'NO', 'ONE')
  await other?.command('REPLICAOF', host, port)
  // The old primary goes on, and says that it is one: nothing but the sentinels tells that it no longer counts.
  expect((await before.role()).role).toBe('primary')
  for (const sentinel of topology.sentinels) await sentinel.command('SENTINEL', 'MONITOR', topology.name, host, port, 2)

  await vi.waitFor(
    () => {
      expect(client.topology.primary?.address).toEqual(next?.address)
      expect(client.topology.phase.kind).toBe('stable')
    },
    { timeout: 20_000 }
  )
  expect(client.topology.configEpoch).toBe(0)
  await client.set('key', 'after')
  expect(await next?.command('GET', 'key')).toBe('after')
  expect(await before.command('GET', 'key')).toBe('before')
}, 60_000)
