import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { injectFault } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, failOver, hasten, startQuickTopology } from './support/clients.js'
import { eventually, linksPerSentinel } from './support/server-view.js'

let topology: LocalTopology

beforeAll(async () => {
  // Each sentinel listens on 127.0.0.1 too, on the same port: it has two addresses.
  topology = await startQuickTopology({ sentinelConfig: { bind: '0.0.0.0' } })
})
afterAll(() => topology.stop())

async function oneLinkEach(): Promise<void> {
  await eventually(async () => {
    expect(await linksPerSentinel(topology)).toEqual(topology.sentinels.map(() => 1))
  })
}

test('seeds given twice count once', async () => {
  const sentinels = [...topology.sentinelAddresses, ...topology.sentinelAddresses]
  await using client = clientOf(topology, { sentinels })
  await client.ping()
  await oneLinkEach()
  expect(client.topology.sentinels).toHaveLength(3)
})

test('one seed is enough: the others are discovered', async () => {
  await using client = clientOf(topology, { sentinels: topology.sentinelAddresses.slice(0, 1) })
  await client.ping()
  await oneLinkEach()
  await eventually(() => {
    expect(client.topology.sentinels.filter((sentinel) => sentinel.reachable)).toHaveLength(3)
  })
})

test('two addresses of one sentinel get one link, and a failover is followed', async () => {
  const sentinels = topology.sentinelAddresses.map(({ port }) => `localhost:${port}`)
  await using client = clientOf(topology, { sentinels })
  await client.ping()
  await oneLinkEach()
  const before = client.topology.primary?.address
  await failOver(topology, client)
  expect(client.topology.primary?.address).not.toEqual(before)
  expect(await client.set('followed', 'yes')).toBe('OK')
  await oneLinkEach()
})

test('all sentinels gone: commands go on, links come back, and a later failover is followed', async () => {
  await topology.settled()
  await using client = clientOf(topology)
  await client.set('alone', 'before')
  await oneLinkEach()
  const heard: string[] = []
  client.on('sentinel-down', (sentinel) => heard.push(`down ${sentinel.key}`))
  client.on('sentinel-up', (sentinel) => heard.push(`up ${sentinel.key}`))
  const keys = topology.sentinelAddresses.map(({ host, port }) => `${host}:${port}`)
  const { heal } = await injectFault(topology, 'all-sentinels')
  await eventually(() => {
    expect([...heard].sort()).toEqual(keys.map((key) => `down ${key}`).sort())
  })
  const id = await client.client('ID')
  expect(await client.set('alone', 'during')).toBe('OK')
  expect(await client.get('alone')).toBe('during')
  expect(client.topology.phase.kind).toBe('stable')
  await heal()
  await hasten(topology)
  await oneLinkEach()
  await eventually(() => {
    expect(heard.slice(3).sort()).toEqual(keys.map((key) => `up ${key}`).sort())
  })
  expect(await client.client('ID')).toBe(id)
  await failOver(topology, client)
  expect(await client.set('alone', 'after')).toBe('OK')
})

test('a sentinel that joins is discovered, and one that is killed comes back', async () => {
  await topology.settled()
  await using client = clientOf(topology)
  await client.ping()
  const added = await topology.addSentinel()
  await oneLinkEach()
  await eventually(() => {
    expect(client.topology.sentinels.filter((sentinel) => sentinel.reachable)).toHaveLength(4)
  })
  await added.restart({ downMs: 200 })
  await oneLinkEach()
})
