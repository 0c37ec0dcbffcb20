import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatAddress } from '../../src/protocol/address.js'
import { nextFailover, usable } from './support/client-view.js'
import { clientOf, startQuickTopology } from './support/clients.js'
import { ReplicaEvents } from './support/replica-events.js'
import { eventually, replicated } from './support/server-view.js'

const DOWN_AFTER_MS = 2_000
/** Longer than the links of all replicas may be down before anybody notices that the primary is gone. */
const LONG_MS = DOWN_AFTER_MS + 8_000

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: DOWN_AFTER_MS })
})
afterAll(() => topology.stop())

/** A password that its primary does not know of. */
async function cutOff(replica: LocalNode): Promise<void> {
  await replica.command('CONFIG', 'SET', 'masterauth', 'of another group')
  await replica.command('CLIENT', 'KILL', 'TYPE', 'master')
}

test('a replica whose link was down long before the primary died is not read from in its absence', async () => {
  const primary = await topology.primary()
  const [old, good] = (await topology.replicas()) as [LocalNode, LocalNode]
  await using client = clientOf(topology, { consistency: 'eventual' })
  await usable(client, 2)
  const events = new ReplicaEvents(client)
  await primary.command('SET', 'value', 'old')
  await replicated(primary, [old, good])
  await cutOff(old)
  expect(await events.out(old)).toMatchObject({ reason: 'link-down' })
  await primary.command('SET', 'value', 'new')
  await replicated(primary, [good])
  await eventually(() => {
    const seen = client.topology.replicas.find(({ address }) => formatAddress(address) === formatAddress(old.address))
    expect(seen?.linkDownMs).toBeGreaterThan(LONG_MS)
  }, 30_000)

  const moved = nextFailover(client)
  await primary.freeze()
  let isOver = false
  void moved.finally(() => (isOver = true))
  const values = new Map<string | null, number>()
  while (!isOver) {
    const value = await client.get('value')
    values.set(value, (values.get(value) ?? 0) + 1)
  }
  await moved
  expect([...values.keys()]).toEqual(['new'])
  expect(values.get('new')).toBeGreaterThan(10)
})
