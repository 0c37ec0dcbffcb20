import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf, failOver, startQuickTopology } from './support/clients.js'
import { eventually, killConnections } from './support/server-view.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())

/** Resolves when the primary that `publisher` is connected to has a subscriber of the channel and one of the pattern. */
async function subscribed(publisher: SentinelRedis, channel: string): Promise<void> {
  await eventually(async () => {
    expect(await publisher.call('PUBSUB', 'NUMSUB', channel)).toEqual([channel, 1])
    expect(await publisher.call('PUBSUB', 'NUMPAT')).toBe(1)
  })
}

describe.each([2, 3] as const)('RESP%i', (protocol) => {
  test('messages arrive, each once, before and after failovers and cuts', async () => {
    await topology.settled()
    await using publisher = clientOf(topology)
    await using subscriber = clientOf(topology, { protocol, connectionName: 'subscriber' })
    const messages: string[] = []
    const patterns: string[] = []
    const buffers: Buffer[] = []
    subscriber.on('message', (channel, message) => messages.push(`${channel} ${message}`))
    subscriber.on('pmessage', (pattern, channel, message) => patterns.push(`${pattern} ${channel} ${message}`))
    subscriber.on('messageBuffer', (_channel, message) => buffers.push(message))
    expect(await subscriber.subscribe('news')).toBe(1)
    expect(await subscriber.psubscribe('weather.*')).toBe(2)

    let sent = 0
    const publish = async (): Promise<void> => {
      for (let index = 0; index < 10; index += 1) {
        expect(await publisher.publish('news', String(sent))).toBe(1)
        expect(await publisher.publish('weather.today', String(sent))).toBe(1)
        sent += 1
      }
      const ids = Array.from({ length: sent }, (_, index) => index)
      await eventually(() => {
        expect(messages).toHaveLength(sent)
        expect(patterns).toHaveLength(sent)
      })
      expect(messages).toEqual(ids.map((id) => `news ${id}`))
      expect(patterns).toEqual(ids.map((id) => `weather.* weather.today ${id}`))
      expect(buffers.map(String)).toEqual(ids.map(String))
    }

    await publish()
    await failOver(topology, publisher)
    await subscribed(publisher, 'news')
    await publish()
    for (let round = 0; round < 5; round += 1) {
      await topology.settled()
      expect(await killConnections(await topology.primary(), 'subscriber')).toBe(1)
      await subscribed(publisher, 'news')
      await publish()
    }
    await subscriber.unsubscribe('news')
    await subscriber.punsubscribe()
    expect(await publisher.publish('news', 'nobody')).toBe(0)
  })
})

test('RESP3: commands go on beside subscriptions, and through a failover', async () => {
  await topology.settled()
  await using client = clientOf(topology, { readFrom: 'primary' })
  const heard: string[] = []
  client.on('message', (_channel, message) => heard.push(message))
  await client.subscribe('self')
  await client.set('beside', '1')
  await client.publish('self', 'one')
  await failOver(topology, client)
  expect(await client.incr('beside')).toBe(2)
  await eventually(async () => {
    expect(await client.call('PUBSUB', 'NUMSUB', 'self')).toEqual(['self', 1])
  })
  await client.publish('self', 'two')
  await eventually(() => {
    expect(heard).toEqual(['one', 'two'])
  })
})

test('RESP2: a subscribed client refuses other commands in ioredis’s words, and takes them again later', async () => {
  await using client = clientOf(topology, { protocol: 2 })
  await client.subscribe('mode')
  await expect(client.set('a', 'b')).rejects.toThrow(/subscriber mode/)
  expect(client.mode).toBe('subscriber')
  await client.unsubscribe('mode')
  expect(await client.set('a', 'b')).toBe('OK')
})

test('a subscription given while there is no connection is made on the next, once', async () => {
  await using client = clientOf(topology)
  await using publisher = clientOf(topology)
  const heard: string[] = []
  client.on('message', (_channel, message) => heard.push(message))
  const counts = await Promise.all([client.subscribe('early', 'earlier'), client.subscribe('early')])
  expect(counts).toEqual([2, 2])
  client.disconnect(true)
  expect(await client.subscribe('late')).toBeGreaterThan(0)
  await eventually(async () => {
    const [, early, , late] = (await publisher.call('PUBSUB', 'NUMSUB', 'early', 'late')) as unknown[]
    expect([early, late]).toEqual([1, 1])
  })
  await publisher.publish('early', 'one')
  await publisher.publish('late', 'two')
  await eventually(() => {
    expect(heard).toEqual(['one', 'two'])
  })
})

test('without an offline queue a subscription comes back too', async () => {
  await using client = clientOf(topology, { enableOfflineQueue: false, lazyConnect: true, connectionName: 'impatient' })
  await using publisher = clientOf(topology)
  await client.connect()
  await client.subscribe('impatient')
  expect(await killConnections(await topology.primary(), 'impatient')).toBe(1)
  await eventually(async () => {
    expect(client.status).toBe('ready')
    expect(await publisher.call('PUBSUB', 'NUMSUB', 'impatient')).toEqual(['impatient', 1])
  })
})
