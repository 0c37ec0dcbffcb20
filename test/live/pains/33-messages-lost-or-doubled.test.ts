import type { SubscriptionGap } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf, failOver, startQuickTopology } from '../support/clients.js'
import { isInOrder, Listener, Publisher } from '../support/feed-publisher.js'
import { failOverAgain } from '../support/fail-over-again.js'
import { failoversOrElse } from '../support/long-form.js'
import { eventually, killConnections } from '../support/server-view.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ replicas: 1, downAfterMs: 60_000 })
})
afterAll(() => topology.stop())

const FAILOVERS = failoversOrElse(6)

test(`${FAILOVERS} failovers and some cuts: what a listener misses lies in a gap that it is told of, and all else arrives once, in order`, async () => {
  await using publishing = clientOf(topology)
  await publishing.ping()
  const listeners = ([2, 3] as const).map(
    (protocol) => new Listener(clientOf(topology, { protocol, connectionName: 'listener' }))
  )
  for (const { client } of listeners) {
    await client.subscribe('news', 'left')
    await client.psubscribe('new?')
  }
  const publisher = new Publisher((id) => publishing.publish('news', id))
  let breaks = 0
  const whole = async (): Promise<void> => {
    const last = publisher.taken.length + 20
    await eventually(() => {
      expect(publisher.taken.length).toBeGreaterThan(last)
      for (const { gaps } of listeners) expect(gaps).toHaveLength(breaks)
    })
  }
  try {
    for (let round = 0; round < FAILOVERS; round += 1) {
      await failOverAgain(topology, publishing)
      breaks += 1
      await whole()
    }
    await Promise.all(listeners.map(({ client }) => client.unsubscribe('left')))
    for (let round = 0; round < 3; round += 1) {
      expect(await killConnections(await topology.primary(), 'listener')).toBe(2)
      breaks += 1
      await whole()
    }
  } finally {
    await publisher.stop()
    await publishing.publish('news', 'last')
    await eventually(() => {
      for (const { heard } of listeners) expect([heard.channel.at(-1), heard.pattern.at(-1)]).toEqual(['last', 'last'])
    }).finally(() => {
      for (const { client } of listeners) client.disconnect()
    })
  }
  for (const listener of listeners) {
    const { gaps, heard } = listener
    for (const received of [heard.channel, heard.pattern]) {
      expect(isInOrder(received.slice(0, -1))).toBe(true)
      expect(listener.unexplained(publisher.taken, received)).toEqual([])
    }
    const nodes = topology.nodes.map(({ address }) => address)
    expect(nodes).toEqual(expect.arrayContaining([gaps[0]?.from, gaps[0]?.to]))
    expect(gaps[0]?.to).not.toEqual(gaps[0]?.from)
    expect(gaps.at(-1)?.to).toEqual(gaps.at(-1)?.from)
    expect(gaps[0]).toMatchObject({ channels: ['news', 'left'], patterns: ['new?'], shardChannels: [] })
    expect(gaps.at(-1)).toMatchObject({ channels: ['news'], patterns: ['new?'] })
    for (const { fromAt, untilAt, lengthMs } of gaps) expect(untilAt - fromAt).toBe(lengthMs)
    const starts = gaps.map(({ fromAt }) => fromAt)
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
  }
})

describe('subscription-gap', () => {
  test('is told of a shard channel too, and not of what was left meanwhile', async () => {
    await topology.settled()
    await using client = clientOf(topology, { connectionName: 'sharded' })
    const gaps: SubscriptionGap[] = []
    client.on('subscription-gap', (gap) => gaps.push(gap))
    await client.ssubscribe('shard')
    await client.subscribe('kept', 'dropped')
    client.disconnect(true)
    await once(client, 'close')
    await client.unsubscribe('dropped')
    await eventually(() => {
      expect(gaps).toHaveLength(1)
    })
    expect(gaps[0]).toMatchObject({ channels: ['kept'], patterns: [], shardChannels: ['shard'] })
  })

  test('is not told when nothing was subscribed to, or nothing will be again', async () => {
    await using idle = clientOf(topology)
    await using loose = clientOf(topology, { autoResubscribe: false })
    const gaps: SubscriptionGap[] = []
    for (const client of [idle, loose]) client.on('subscription-gap', (gap) => gaps.push(gap))
    await Promise.all([idle.ping(), loose.subscribe('loose')])
    idle.disconnect(true)
    loose.disconnect(true)
    await Promise.all([idle.ping(), loose.ping()])
    await loose.subscribe('loose')
    expect(gaps).toEqual([])
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

test.each([2, 3] as const)(
  'RESP%i: a shard channel is heard when the last channel was left, and the other way round',
  async (protocol) => {
    await topology.settled()
    await using client = clientOf(topology, { protocol })
    await using publisher = clientOf(topology)
    const heard: unknown[] = []
    for (const event of ['message', 'smessage'])
      client.on(event, (...[, message]: string[]) => heard.push(message ?? ''))
    client.on('subscription-gap', (gap) => heard.push(gap))
    await client.subscribe('channel')
    await client.ssubscribe('shard')
    await client.unsubscribe('channel')
    await publisher.spublish('shard', 'one')
    await client.subscribe('channel')
    await client.sunsubscribe('shard')
    await publisher.publish('channel', 'two')
    await eventually(() => {
      expect(heard).toEqual(['one', 'two'])
    })
  }
)

test('RESP2: a subscribed client refuses other commands in ioredis’s words, and takes them again later', async () => {
  await using client = clientOf(topology, { protocol: 2 })
  await client.subscribe('mode')
  await expect(client.set('a', 'b')).rejects.toThrow(/subscriber mode/)
  expect(client.mode).toBe('subscriber')
  await client.unsubscribe('mode')
  expect(await client.set('a', 'b')).toBe('OK')
})

test('a subscription given while there is no connection is made on the next, once', async () => {
  await topology.settled()
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
  // A sentinel that has not heard of the last failover yet may name the old primary: calls wait while that is found out.
  await topology.settled()
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
