import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nextFailover } from '../support/client-view.js'
import { beginFailover, clientOf, startQuickTopology } from '../support/clients.js'
import { failOverAgain } from '../support/fail-over-again.js'
import { heapUsed } from '../support/heap.js'
import { connectionsLeft, more, resources } from '../support/leftovers.js'
import { connectionsNamed, eventually, linkedOnce } from '../support/server-view.js'

const CLIENTS = 100
const UNHURRIED = { timeout: 240_000 }

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ replicas: 1 })
})
afterAll(() => topology.stop())

function crowd(): SentinelRedis[] {
  return Array.from({ length: CLIENTS }, () => clientOf(topology, { connectionName: 'crowd', readFrom: 'primary' }))
}

test('100 clients hold one connection a sentinel together, and none when all are closed', UNHURRIED, async () => {
  for (let round = 0; round < 2; round += 1) {
    const clients = crowd()
    try {
      expect(await Promise.all(clients.map((client, index) => client.set(`crowd:${index}`, index)))).toEqual(
        clients.map(() => 'OK')
      )
      await linkedOnce(topology)
      expect(await connectionsNamed(await topology.primary(), 'crowd')).toHaveLength(CLIENTS)
      const [last, ...others] = clients
      await Promise.all(others.map((client) => client.close()))
      expect(await last?.ping()).toBe('PONG')
      await linkedOnce(topology)
    } finally {
      await Promise.all(clients.map((client) => client.close()))
    }
    await eventually(async () => {
      expect(await connectionsLeft(topology, 'crowd')).toBe(0)
    })
  }
})

test('a failover reaches each of them', UNHURRIED, async () => {
  const clients = crowd()
  try {
    await Promise.all(clients.map((client) => client.ping()))
    const moved = clients.map((client) => nextFailover(client))
    await beginFailover(topology)
    await Promise.all(moved)
    await Promise.all(clients.map((client, index) => client.set(`crowd:${index}`, 'moved')))
    await linkedOnce(topology)
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
})

const FAILOVERS = 10
/** Failovers after which all that is made once has been made. */
const WARM_AFTER = 3
const HEAP_MAY_GROW_BYTES = 2_000_000

test(`${FAILOVERS} failovers leave no socket, timer, listener or memory behind`, UNHURRIED, async () => {
  await topology.settled()
  await using client = clientOf(topology, { connectionName: 'crowd' })
  await using subscriber = clientOf(topology, { connectionName: 'crowd' })
  await subscriber.subscribe('news')
  const listeners = (): Record<string, number> =>
    Object.fromEntries(
      [client, subscriber].flatMap((one, index) =>
        one.eventNames().map((name) => [`${index} ${String(name)}`, one.listenerCount(name)])
      )
    )
  let warm: { resources: Readonly<Record<string, number>>; listeners: object; heap: number } | undefined
  for (let round = 1; round <= FAILOVERS; round += 1) {
    await failOverAgain(topology, client)
    await topology.settled()
    await Promise.all(Array.from({ length: 200 }, (_, index) => client.set(`leak:${index}`, 'x'.repeat(100))))
    await eventually(() => {
      for (const one of [client, subscriber]) expect(one.stats().replicas.map(({ usable }) => usable)).toEqual([true])
    })
    if (round === WARM_AFTER) warm = { resources: resources(), listeners: listeners(), heap: await heapUsed() }
  }
  if (warm === undefined) throw new Error('there were too few failovers')
  const { resources: before, listeners: listenersBefore, heap } = warm
  expect(listeners()).toEqual(listenersBefore)
  // Not by eventually(), which has timers of its own.
  for (let tries = 0; tries < 200 && more(resources(), before).length > 0; tries += 1) await sleep(20)
  expect(more(resources(), before)).toEqual([])
  expect((await heapUsed()) - heap).toBeLessThan(HEAP_MAY_GROW_BYTES)
  await linkedOnce(topology)
})
