import { DurabilityError } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { Ledger } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flows } from '../support/acknowledged.js'
import { nextFailover } from '../support/client-view.js'
import { clientOf, failOver, startQuickTopology } from '../support/clients.js'

const PLANNED = 3

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 1_000 })
})
afterAll(() => topology.stop())

test(`${PLANNED} planned failovers under load: nothing that was acknowledged is lost, doubled or out of order`, async () => {
  await using client = clientOf(topology)
  await client.ping()
  const appended = new Ledger({ write: (id) => client.rpush('planned', id), everyMs: 2 })
  const transacted = new Ledger({ write: (id) => client.multi().rpush('transacted', id).exec() })
  await flows(50, appended)
  for (let failover = 0; failover < PLANNED; failover += 1) {
    await failOver(topology, client)
    await flows(50, appended)
  }
  await Promise.all([appended.stop(), transacted.stop()])
  await topology.settled()
  const primary = await topology.primary()
  for (const [key, ledger] of Object.entries({ planned: appended, transacted })) {
    const report = ledger.compare((await primary.command('LRANGE', key, 0, -1)) as string[])
    const clean = { lost: [], doubled: [], foreign: [], reordered: 0, failed: 0, unknown: 0, hung: 0 }
    expect(report, key).toMatchObject(clean)
    expect(report.acked).toBe(report.issued)
  }
})

test('a primary that dies with what its replicas do not have: those that replicas confirmed are never lost', async () => {
  await topology.settled()
  await using client = clientOf(topology)
  await client.ping()
  const durable = client.with({ durability: { replicas: 1, timeoutMs: 300 } })
  const confirmed = new Ledger({ write: (id) => durable.rpush('confirmed', id) })
  const plain = new Ledger({ write: (id) => client.rpush('plain', id) })
  await flows(50, confirmed)

  const primary = await topology.primary()
  // Replication stops, and nothing else: the replicas may not ask for it any more.
  await primary.command('ACL', 'SETUSER', 'default', '-psync', '-sync', '-replconf')
  await primary.command('CLIENT', 'KILL', 'TYPE', 'replica')
  await flows(100, plain)
  const moved = nextFailover(client)
  await primary.kill()
  await moved
  await flows(50, confirmed)
  await Promise.all([confirmed.stop(), plain.stop()])
  await topology.settled()

  const next = await topology.primary()
  expect(next).not.toBe(primary)
  const list = async (key: string): Promise<string[]> => (await next.command('LRANGE', key, 0, -1)) as string[]
  const report = confirmed.compare(await list('confirmed'))
  expect(report).toMatchObject({ lost: [], doubled: [], foreign: [], reordered: 0, hung: 0 })
  const refused = confirmed.entries.filter(({ outcome }) => outcome === 'failed')
  expect(refused.length).toBeGreaterThan(0)
  for (const { error } of refused) expect(error).toBeInstanceOf(DurabilityError)
  // The same without durability, so that this test is known to lose something.
  expect(plain.compare(await list('plain')).lost.length).toBeGreaterThan(20)
})
