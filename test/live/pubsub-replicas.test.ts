import { Redis } from 'ioredis'
import type { SentinelRedisOptions, SubscriptionGap } from 'ioredis-sentinel'
import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import type { Socket } from 'node:net'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { clientOf, failOver, outcome } from './support/clients.js'
import { isInOrder, Listener, Publisher } from './support/feed-publisher.js'
import { holdBack } from './support/held-back.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually, killConnections, replicated } from './support/server-view.js'

const quiet = useQuietTopology({ replicas: 2 })

/** A replica that is behind would tell what was published before. */
beforeEach(() => replicated(quiet.primary, quiet.replicas))

let clients = 0

/** Reads go elsewhere than subscriptions, so that connections by the name are those of the primary and of the subscriptions. */
const subscriber = (options: Partial<SentinelRedisOptions> = {}): SentinelRedis =>
  clientOf(quiet.topology, {
    subscribeTo: 'replica',
    readFrom: 'primary',
    connectionName: `subscriber-${(clients += 1)}`,
    ...options
  })

const nodeAt = (client: SentinelRedis): LocalNode | undefined =>
  quiet.topology.nodes.find(({ address }) => `${address.host}:${address.port}` === client.stats().subscribedTo)

/** Resolves with the node that the subscriptions are at. */
async function where(client: SentinelRedis): Promise<LocalNode> {
  await eventually(() => {
    expect(nodeAt(client)).toBeDefined()
  })
  return nodeAt(client) as LocalNode
}

async function subscribers(node: LocalNode, channel: string): Promise<unknown> {
  return ((await node.command('PUBSUB', 'NUMSUB', channel)) as unknown[])[1]
}

/** Publishes to all three that a Listener hears, all the time. */
function publishing(client: SentinelRedis): Publisher {
  return new Publisher((id) => client.multi().publish('news', id).spublish('shard', id).exec())
}

describe.each([2, 3] as const)('RESP%i: at a replica', (protocol) => {
  test('channels, patterns and shard channels are heard there, and nothing of them is at the primary', async () => {
    await using client = subscriber({ protocol })
    const listener = new Listener(client)
    expect(
      await Promise.all([client.subscribe('news', 'more'), client.psubscribe('new?'), client.ssubscribe('shard')])
    ).toEqual([2, 3, 1])
    const node = await where(client)
    expect(quiet.replicas).toContain(node)
    expect(await subscribers(node, 'news')).toBe(1)
    expect(await subscribers(quiet.primary, 'news')).toBe(0)
    const buffers: unknown[] = []
    client.on('messageBuffer', (...parts) => buffers.push(parts))
    await quiet.primary.command('PUBLISH', 'news', 'one')
    await quiet.primary.command('SPUBLISH', 'shard', 'two')
    await eventually(() => {
      expect(listener.heard).toEqual({ channel: ['one'], pattern: ['one'], shard: ['two'] })
    })
    expect(buffers).toEqual([[Buffer.from('news'), Buffer.from('one')]])
    // Also under RESP2: it is another connection that is subscribed.
    expect(await client.set('beside', 'it')).toBe('OK')
    expect(client.mode).toBe('normal')
  })

  test('what is left is not heard, and the rest is, whatever the kinds', async () => {
    await using client = subscriber({ protocol })
    const listener = new Listener(client)
    await listener.listen()
    expect(await client.unsubscribe('news')).toBe(1)
    expect(await client.punsubscribe()).toBe(0)
    await client.subscribe('later')
    expect(await client.unsubscribe()).toBe(0)
    await quiet.primary.command('PUBLISH', 'news', 'unheard')
    await quiet.primary.command('SPUBLISH', 'shard', 'heard')
    await eventually(() => {
      expect(listener.heard).toEqual({ channel: [], pattern: [], shard: ['heard'] })
    })
    expect(await client.sunsubscribe()).toBe(0)
    expect(await client.sunsubscribe('shard')).toBe(0)
    expect(await client.subscribe('news')).toBe(1)
    await quiet.primary.command('PUBLISH', 'news', 'again')
    await eventually(() => {
      expect(listener.heard.channel).toEqual(['again'])
    })
  })

  test('a connection that is lost: at a replica again, the gap is told, and nothing is heard twice', async () => {
    const name = `lost-${protocol}`
    await using client = subscriber({ protocol, connectionName: name })
    await using other = clientOf(quiet.topology)
    const listener = new Listener(client)
    await listener.listen()
    const publisher = publishing(other)
    try {
      for (let cut = 0; cut < 5; cut += 1) {
        const node = await where(client)
        const least = publisher.taken.length + 20
        await eventually(() => {
          expect(publisher.taken.length).toBeGreaterThan(least)
        })
        expect(await killConnections(node, name)).toBe(1)
        await eventually(() => {
          expect(listener.gaps).toHaveLength(cut + 1)
        })
      }
      const last = publisher.taken.length + 20
      await eventually(() => {
        expect(publisher.taken.length).toBeGreaterThan(last)
      })
    } finally {
      await publisher.stop()
    }
    const lastId = publisher.taken.at(-1)?.id
    await eventually(() => {
      for (const heard of Object.values(listener.heard)) expect(heard.at(-1)).toBe(lastId)
    })
    for (const heard of Object.values(listener.heard)) {
      expect(isInOrder(heard)).toBe(true)
      expect(listener.unexplained(publisher.taken, heard)).toEqual([])
    }
    for (const gap of listener.gaps) {
      expect(gap).toMatchObject({ channels: ['news'], patterns: ['new?'], shardChannels: ['shard'] })
      expect(gap.untilAt - gap.fromAt).toBe(gap.lengthMs)
      expect(gap.lengthMs).toBeLessThan(5_000)
    }
  })
})

/** The next so many connections that are no client's own break as soon as they are greeted, before anything is asked on them. */
function breakingNext(count: number): Disposable & { readonly broken: () => number } {
  let left = count
  const connect = Reflect.get(Redis.prototype, 'connect')
  const spy = vi.spyOn(Redis.prototype, 'connect').mockImplementation(async function (this: Redis, ...args) {
    await connect.apply(this, args)
    if (this instanceof SentinelRedis || left === 0) return
    left -= 1
    ;(this as unknown as { readonly stream: Socket }).stream.destroy()
  })
  return {
    broken: () => count - left,
    [Symbol.dispose]: () => {
      spy.mockRestore()
    }
  }
}

test('connections that break while everything is subscribed to anew on them cost no subscription', async () => {
  const name = 'breaks-again'
  await using client = subscriber({ connectionName: name })
  const listener = new Listener(client)
  await listener.listen()
  using breaking = breakingNext(3)
  expect(await killConnections(await where(client), name)).toBe(1)
  await eventually(() => {
    expect(breaking.broken()).toBe(3)
  })
  await where(client)
  await quiet.primary.command('PUBLISH', 'news', 'one')
  await quiet.primary.command('SPUBLISH', 'shard', 'two')
  await eventually(() => {
    expect(listener.heard).toEqual({ channel: ['one'], pattern: ['one'], shard: ['two'] })
  })
  expect(listener.gaps).toMatchObject([{ channels: ['news'], patterns: ['new?'], shardChannels: ['shard'] }])
})

describe('where subscriptions are', () => {
  test('replicaPreferred: at the primary while no replica can be had, then at a replica, without a gap', async () => {
    for (const replica of quiet.replicas) await replica.kill()
    try {
      await using client = subscriber({ subscribeTo: 'replicaPreferred' })
      await using other = clientOf(quiet.topology, { readFrom: 'primary' })
      const listener = new Listener(client)
      await listener.listen()
      expect(await where(client)).toBe(quiet.primary)
      const publisher = publishing(other)
      try {
        await quiet.replicas[0]?.start()
        await eventually(() => {
          expect(nodeAt(client)).toBe(quiet.replicas[0])
        }, 30_000)
        const last = publisher.taken.length + 20
        await eventually(() => {
          expect(publisher.taken.length).toBeGreaterThan(last)
        })
      } finally {
        await publisher.stop()
      }
      await heardAll(listener, publisher)
      expect(listener.gaps).toEqual([])
      expect(await subscribers(quiet.primary, 'news')).toBe(0)
    } finally {
      for (const replica of quiet.replicas) if (!replica.alive) await replica.start()
    }
  })

  test('replica: without one a subscription waits up to its deadline, and is made when there is one', async () => {
    for (const replica of quiet.replicas) await replica.kill()
    try {
      await using client = subscriber()
      const listener = new Listener(client)
      const late = await outcome(client.with({ deadlineMs: 300 }).subscribe('never'))
      expect(late).toMatchObject({ code: 'NO_REPLICA', command: 'subscribe' })
      const abort = new AbortController()
      const aborted = outcome(client.with({ signal: abort.signal }).subscribe('neither'))
      abort.abort()
      expect(await aborted).toMatchObject({ code: 'ABORTED' })
      expect(await client.unsubscribe('never')).toBe(0)
      const waits = client.subscribe('news')
      await quiet.replicas[1]?.start()
      expect(await waits).toBe(1)
      expect(await where(client)).toBe(quiet.replicas[1])
      // It answers before it follows its primary; what is published by then is missed, and told.
      await using other = clientOf(quiet.topology, { readFrom: 'primary' })
      const publisher = publishing(other)
      await eventually(() => {
        expect(listener.heard.channel.length).toBeGreaterThan(0)
      })
      await publisher.stop()
      expect(isInOrder(listener.heard.channel)).toBe(true)
      await eventually(() => {
        expect(listener.unexplained(publisher.taken, listener.heard.channel)).toEqual([])
      })
    } finally {
      for (const replica of quiet.replicas) if (!replica.alive) await replica.start()
    }
  })

  test.each<[what: string, options: Partial<SentinelRedisOptions>]>([
    ['lags', { maxLagMs: 3_000 }],
    ['is killed', {}],
    // The sentinels make it one again, 4 s after they have seen it (redis `sentinel.c` sentinelRefreshInstanceInfo()).
    ['is no replica of this primary any more', { pollIntervalMs: 200 }]
  ])('a replica that %s is left for another; nothing is heard twice, and the gap is told', async (what, options) => {
    await using client = subscriber(options)
    await using other = clientOf(quiet.topology, { readFrom: 'primary' })
    const listener = new Listener(client)
    await listener.listen()
    const node = await where(client)
    const publisher = publishing(other)
    let next: LocalNode | undefined
    let heal = async (): Promise<void> => {
      await node.command('REPLICAOF', quiet.primary.address.host, quiet.primary.address.port)
    }
    try {
      if (what === 'lags') heal = await holdBack(node)
      else if (what === 'is killed') {
        await node.kill()
        heal = () => node.start()
      } else await node.command('REPLICAOF', '127.0.0.1', '1')
      await eventually(() => {
        expect(nodeAt(client)).toBeDefined()
        expect(nodeAt(client)).not.toBe(node)
      }, 20_000)
      next = await where(client)
      const last = publisher.taken.length + 20
      await eventually(() => {
        expect(publisher.taken.length).toBeGreaterThan(last)
      })
    } finally {
      await publisher.stop()
      await heal()
    }
    await heardAll(listener, publisher)
    expect(listener.gaps.map(({ from, to }) => [from, to])).toContainEqual([node.address, next?.address])
  })

  test('a replica that is behind the one that was lost: what that one has told is not told again', async () => {
    await using client = subscriber()
    const listener = new Listener(client)
    await listener.listen()
    const node = await where(client)
    const other = quiet.replicas.find((one) => one !== node) as LocalNode
    const goOn = await holdBack(other)
    try {
      await quiet.primary.command('PUBLISH', 'news', '1')
      await eventually(() => {
        expect(listener.heard.channel).toEqual(['1'])
      })
      await node.kill()
      await eventually(async () => {
        expect(await subscribers(other, 'news')).toBe(1)
      })
      expect(listener.gaps).toEqual([])
      await goOn()
      expect(await where(client)).toBe(other)
      await quiet.primary.command('PUBLISH', 'news', '2')
      await eventually(() => {
        expect(listener.heard.channel.at(-1)).toBe('2')
      })
      expect(listener.heard).toEqual({ channel: ['1', '2'], pattern: ['1', '2'], shard: [] })
      expect(listener.gaps).toMatchObject([{ from: node.address, to: other.address }])
    } finally {
      await goOn()
      await node.start()
    }
  })

  test('duplicate() and with() keep it, a call in a pipeline too', async () => {
    await using first = subscriber()
    await using client = first.duplicate()
    expect(await client.pipeline().subscribe('news').ping().exec()).toEqual([
      [null, 1],
      [null, 'PONG']
    ])
    expect(quiet.replicas).toContain(await where(client))
    expect(await client.with({ deadlineMs: 5_000 }).subscribe('more')).toBe(2)
  })

  test('autoResubscribe: false: what is lost stays so', async () => {
    await using client = subscriber({ autoResubscribe: false, connectionName: 'loose' })
    const listener = new Listener(client)
    await listener.listen()
    expect(await killConnections(await where(client), 'loose')).toBe(1)
    await eventually(() => {
      expect(nodeAt(client)).toBeUndefined()
    })
    expect(await client.subscribe('other')).toBe(1)
    expect(listener.gaps).toEqual([])
  })

  test('the client goes to another primary by itself: the subscriptions are where they were, or told to be elsewhere', async () => {
    await using client = subscriber({ subscribeTo: 'replicaPreferred' })
    await using other = clientOf(quiet.topology, { readFrom: 'primary' })
    const listener = new Listener(client)
    await listener.listen()
    const before = await where(client)
    const publisher = publishing(other)
    try {
      await failOver(quiet.topology, other)
      await eventually(() => {
        expect(listener.gaps.length).toBeGreaterThan(0)
      }, 20_000)
      const last = publisher.taken.length + 50
      await eventually(() => {
        expect(publisher.taken.length).toBeGreaterThan(last)
      })
    } finally {
      await publisher.stop()
    }
    await heardAll(listener, publisher)
    expect(listener.gaps[0]?.from).toEqual(before.address)
  })

  test('keyspace notifications are those of the replica: it is told DEL of what has expired', async () => {
    for (const node of quiet.topology.nodes) await node.command('CONFIG', 'SET', 'notify-keyspace-events', 'KEA')
    await using client = subscriber()
    await using atPrimary = clientOf(quiet.topology)
    const events: string[][] = [[], []]
    for (const [index, one] of [client, atPrimary].entries()) {
      one.on('message', (_channel, event: string) => events[index]?.push(event))
      await one.subscribe('__keyspace@0__:k')
    }
    await quiet.primary.command('SET', 'k', 'v', 'PX', '50')
    await eventually(() => {
      expect(events).toEqual([
        ['set', 'expire', 'del'],
        ['set', 'expire', 'expired']
      ])
    })
  })
})

/** All that was published is heard by each of the three, in order and once, but for what lies in a gap that was told. */
async function heardAll(listener: Listener, { taken }: Publisher): Promise<void> {
  // The last ones may lie in a gap too, which is told when it is over.
  await eventually(() => {
    for (const heard of Object.values(listener.heard)) expect(listener.unexplained(taken, heard)).toEqual([])
  }, 20_000)
  for (const heard of Object.values(listener.heard)) expect(isInOrder(heard)).toBe(true)
}

test('a primary that is another process at its address: what its replicas may have missed is told', async () => {
  await using client = subscriber()
  const gaps: SubscriptionGap[] = []
  client.on('subscription-gap', (gap) => gaps.push(gap))
  await client.subscribe('news')
  await where(client)
  await client.ping()
  await eventually(() => expect(client.stats().inFlight).toBe(0))
  await quiet.primary.restart()
  await eventually(() => expect(gaps).toMatchObject([{ channels: ['news'] }]), 20_000)
  await replicated(quiet.primary, quiet.replicas)
})
