import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { usable } from '../support/client-view.js'
import { clientOf, outcome } from '../support/clients.js'
import { eventually, executed, killConnections, resetStatistics } from '../support/server-view.js'

let topology: LocalTopology
let primary: LocalNode
let replicas: readonly LocalNode[]

beforeAll(async () => {
  topology = await startTopology({ downAfterMs: 60_000 })
  primary = await topology.primary()
  replicas = await topology.replicas()
})
afterAll(() => topology.stop())

/** Sentinels that neither hear of it nor mend it: what a node is, only the node itself can tell. */
async function withoutSentinels(act: () => Promise<void>): Promise<void> {
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.freeze()))
  try {
    await act()
  } finally {
    await Promise.all(topology.sentinels.map((sentinel) => sentinel.thaw()))
  }
}

test('a replica that was promoted is not read from as a replica any more, and is again when it is one', async () => {
  const [promoted, other] = replicas
  if (promoted === undefined || other === undefined) throw new Error('there are not two replicas')
  await using client = clientOf(topology, { readFrom: 'replica', connectionName: 'reader' })
  await usable(client, 2)
  await withoutSentinels(async () => {
    await promoted.command('REPLICAOF', 'NO', 'ONE')
    await promoted.command('SET', 'whose', 'its own')
    expect(await killConnections(promoted, 'reader')).toBe(1)
    await usable(client, 1)
    await resetStatistics(topology.nodes)
    for (let round = 0; round < 30; round += 1) expect(await client.get('whose')).toBeNull()
    await eventually(async () => {
      // It goes on asking what the node is, and no more than that.
      expect(await executed(promoted, 'hello')).toBeGreaterThan(2)
    })
    expect([await executed(promoted, 'get'), await executed(other, 'get'), await executed(primary, 'get')]).toEqual([
      0, 30, 0
    ])
    await promoted.command('REPLICAOF', primary.address.host, primary.address.port)
    await usable(client, 2)
    await eventually(async () => {
      expect(await client.get('whose')).toBeNull()
      expect(await executed(promoted, 'get')).toBeGreaterThan(0)
    })
  })
})

test('a primary that was demoted is sent no write any more, and is again when it is one', async () => {
  const [next] = replicas
  if (next === undefined) throw new Error('there are no replicas')
  await using client = clientOf(topology, { readFrom: 'primary', connectionName: 'writer' })
  await client.set('before', 'yes')
  await withoutSentinels(async () => {
    await primary.command('REPLICAOF', next.address.host, next.address.port)
    const lost = once(client, 'close')
    await killConnections(primary, 'writer')
    await lost
    await resetStatistics(topology.nodes)
    expect(await outcome(client.with({ deadlineMs: 500 }).set('during', 'yes'))).toMatchObject({
      code: 'DEADLINE',
      stage: 'queued'
    })
    const waiting = client.set('after', 'yes')
    await eventually(async () => {
      expect(await executed(primary, 'hello')).toBeGreaterThan(2)
    })
    // A write that is refused is counted here too.
    expect(String(await primary.command('INFO', 'commandstats'))).not.toContain('cmdstat_set')
    await primary.command('REPLICAOF', 'NO', 'ONE')
    expect(await waiting).toBe('OK')
    expect(await primary.command('GET', 'after')).toBe('yes')
  })
})
