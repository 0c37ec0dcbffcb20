import type { HoldReason, SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { Ledger, startTopology } from 'ioredis-sentinel/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf } from './support/clients.js'
import { eventually } from './support/server-view.js'

/** So long a leader waits for the replica that it promotes. */
const FAILOVER_TIMEOUT_MS = 4_000

let topology: LocalTopology
let primary: LocalNode

beforeEach(async () => {
  topology = await startTopology({ downAfterMs: 60_000, failoverTimeoutMs: FAILOVER_TIMEOUT_MS })
  primary = await topology.primary()
})
afterEach(() => topology.stop())

/**
 * Asks for a failover of which nothing comes: the replicas are stopped before the leader chooses one of them, which it does while their last
 * sign of life is less than 5 s old (redis `sentinel.c` sentinelSelectSlave()). The one that is not chosen goes on afterwards.
 */
async function stallFailover(client: SentinelRedis): Promise<void> {
  const replicas = await topology.replicas()
  await eventually(() => {
    expect(client.topology.sentinels.map(({ reachable }) => reachable)).toEqual([true, true, true])
  })
  let chosen: number | undefined
  client.on('topology', ({ phase }) => {
    if (phase.kind === 'failover') chosen ??= phase.candidate?.address.port
  })
  await eventually(async () => {
    await Promise.all(replicas.map((replica) => replica.freeze()))
    try {
      await topology.sentinelFailover()
    } catch (error) {
      await Promise.all(replicas.map((replica) => replica.thaw()))
      throw error
    }
  }, 20_000)
  await eventually(() => {
    expect(chosen).toBeDefined()
  })
  await replicas.find(({ address }) => address.port !== chosen)?.thaw()
}

test('a failover that is called off: what waited goes to the primary that stays, in order', async () => {
  await using client = clientOf(topology)
  await client.ping()
  const ledger = new Ledger({ everyMs: 5, write: (id) => client.rpush('ledger', id) })
  await stallFailover(client)
  await eventually(() => {
    expect(client.stats().heldTotal).toBeGreaterThan(0)
  })
  expect(client.topology.phase.kind).toBe('failover')
  await eventually(() => {
    expect(client.topology.phase.kind).toBe('stable')
    expect(client.stats().holdReasons).toEqual([])
  }, 20_000)
  await ledger.stop(5_000)
  expect(client.topology.primary?.address).toEqual(primary.address)
  expect(new Set(ledger.entries.map(({ outcome }) => outcome))).toEqual(new Set(['acked']))
  expect(await primary.command('LRANGE', 'ledger', 0, -1)).toEqual(ledger.entries.map(({ id }) => id))
})

test('a failover that takes longer than holdLimitMs: writes go to the old primary again, for as long as it is one', async () => {
  await using client = clientOf(topology, { holdLimitMs: 500 })
  await client.ping()
  let reasons: readonly HoldReason[] = []
  const waited = new Promise<string>((resolve, reject) => {
    client.on('topology', function begun({ phase }) {
      if (phase.kind !== 'failover') return
      client.off('topology', begun)
      client.set('key', 'waited').then(resolve, reject)
      reasons = client.stats().holdReasons
    })
  })
  await stallFailover(client)
  expect(await waited).toBe('OK')
  expect(reasons).toContain('topology')
  expect(client.topology.phase.kind).toBe('failover')
  expect(await primary.command('GET', 'key')).toBe('waited')
  expect(await client.set('key', 'straight')).toBe('OK')
})

test('a connection that holds more than calls is kept until the primary is another node', async () => {
  await using client = clientOf(topology)
  await using subscriber = clientOf(topology)
  await using watching = clientOf(topology)
  const messages: string[] = []
  subscriber.on('message', (_, message) => messages.push(message))
  await subscriber.subscribe('news')
  await watching.watch('watched')
  const blocked = clientOf(topology)
  const popped = blocked.blpop('list', 0)
  await eventually(async () => {
    expect(await primary.command('CLIENT', 'LIST')).toMatch(/flags=b/)
  })
  await client.ping()
  await stallFailover(client)
  await primary.command('PUBLISH', 'news', 'still here')
  await primary.command('RPUSH', 'list', 'popped')
  expect(await popped).toEqual(['list', 'popped'])
  await eventually(() => {
    expect(messages).toEqual(['still here'])
  })
  await eventually(() => {
    expect(client.topology.phase.kind).toBe('stable')
  }, 20_000)
  expect(await watching.multi().set('watched', '1').exec()).toEqual([[null, 'OK']])
  await blocked.close()
})
