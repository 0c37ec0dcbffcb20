import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nextFailover } from '../support/client-view.js'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { eventually, linkedOnce, linksPerSentinel } from '../support/server-view.js'

let topology: LocalTopology
let other: LocalTopology

beforeAll(async () => {
  ;[topology, other] = await Promise.all([
    startQuickTopology(),
    startTopology({ name: 'apart', replicas: 1, sentinels: 1 })
  ])
  const { host, port } = (await other.primary()).address
  for (const sentinel of topology.sentinels) {
    await sentinel.command('SENTINEL', 'MONITOR', 'other', host, port, '1')
    await sentinel.command('SENTINEL', 'SET', 'other', 'failover-timeout', '10000')
  }
})
afterAll(() => Promise.all([topology.stop(), other.stop()]))

test('clients of both share the links, and the failover of one does not disturb those of the other', async () => {
  await topology.settled()
  await using one = clientOf(topology)
  await using two = clientOf(topology, { name: 'other' })
  await one.set('group', 'one')
  await two.set('group', 'two')
  expect([await one.get('group'), await two.get('group')]).toEqual(['one', 'two'])
  await linkedOnce(topology)

  const disturbed: string[] = []
  for (const event of ['failover-started', 'failover', 'primary-changed', 'close'] as const) {
    one.on(event as 'close', () => disturbed.push(event))
  }
  const id = await one.client('ID')
  const held = one.stats().heldTotal
  const moved = nextFailover(two)
  const [sentinel] = topology.sentinels
  await eventually(async () => {
    const replicas = (await sentinel?.command('SENTINEL', 'REPLICAS', 'other')) as unknown[]
    expect(replicas).toHaveLength(1)
    expect(String(replicas[0])).toContain('master-link-status,ok')
  })
  await sentinel?.command('SENTINEL', 'FAILOVER', 'other')
  await moved
  expect(await two.set('group', 'two')).toBe('OK')
  expect(await one.client('ID')).toBe(id)
  expect(disturbed).toEqual([])
  expect(one.topology.phase.kind).toBe('stable')
  expect(one.stats().heldTotal).toBe(held)
})

test('when all are closed, no connection is left', async () => {
  const clients = [clientOf(topology), clientOf(topology, { name: 'other' }), clientOf(topology)]
  await Promise.all(clients.map((client) => client.ping()))
  await linkedOnce(topology)
  await clients[0]?.close()
  await clients[1]?.close()
  await linkedOnce(topology)
  await clients[2]?.close()
  await eventually(async () => {
    expect(await linksPerSentinel(topology)).toEqual([0, 0, 0])
  })
})
