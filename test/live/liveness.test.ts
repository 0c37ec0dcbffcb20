import { UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis, SubscriptionGap } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { encodeGreeting } from '../../src/protocol/handshake.js'
import { ByteProxy } from './support/byte-proxy.js'
import { holds } from './support/client-view.js'
import { clientOf, hasten, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { connectionsNamed, eventually, killConnections } from './support/server-view.js'

const DOWN_AFTER_MS = 3_000

const quiet = useQuietTopology({ replicas: 1, downAfterMs: DOWN_AFTER_MS })
let wire: ByteProxy

/** A client whose connection to the primary can be made to lead nowhere, while others to the same node work. */
async function through(act: (client: SentinelRedis, losses: () => number) => Promise<void>): Promise<void> {
  await using proxy = await ByteProxy.to(quiet.primary.address)
  wire = proxy
  await using client = clientOf(quiet.topology, {
    addressMap: wire.asPrimary,
    readFrom: 'primary',
    connectionName: 'watched'
  })
  let lost = 0
  client.on('close', () => (lost += 1))
  await client.ping()
  await act(client, () => lost)
  expect(await quiet.topology.primary()).toBe(quiet.primary)
}

describe('a connection that leads nowhere is replaced', () => {
  test('an idle one, before anybody needs it', async () => {
    await through(async (client, losses) => {
      void wire.arm('swallow', 'requests', 0)
      await eventually(() => {
        expect(losses()).toBe(1)
      })
      expect(await client.set('k', 'v')).toBe('OK')
    })
  })

  test('one with a write in flight, whose outcome is then unknown; what comes behind waits and is written', async () => {
    await through(async (client, losses) => {
      void wire.arm('swallow', 'replies', 0)
      const flying = outcome(client.incr('hits'))
      const behind = holds(client, 'silence').then(() => client.incr('hits'))
      expect(await flying).toBeInstanceOf(UnknownOutcomeError)
      expect(await behind).toBe(2)
      expect(losses()).toBe(1)
    })
  })

  test('one with a blocking call that never arrived: it is made anew', async () => {
    await through(async (client, losses) => {
      void wire.arm('swallow', 'requests', 0)
      const popping = client.blpop('jobs', 0)
      await eventually(() => {
        expect(losses()).toBe(1)
      })
      await quiet.primary.command('RPUSH', 'jobs', 'one')
      expect(await popping).toEqual(['jobs', 'one'])
    })
  })

  test.each([2, 3] as const)('RESP%i: one that the node has forgotten while a call blocks on it', async (protocol) => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    const options = { addressMap: proxy.asPrimary, readFrom: 'primary', connectionName: 'worker', protocol } as const
    await using client = clientOf(quiet.topology, options)
    await client.ping()
    const popping = client.blpop('jobs', 0)
    await eventually(async () => {
      expect((await connectionsNamed(quiet.primary, 'worker'))[0]?.['flags']).toContain('b')
    })
    proxy.lose()
    expect(await killConnections(quiet.primary, 'worker')).toBe(1)
    await quiet.primary.command('RPUSH', 'jobs', 'one')
    expect(await popping).toEqual(['jobs', 'one'])
  })

  test('one that the node has forgotten, after it once gave no answer about it', async () => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    const options = { addressMap: proxy.asPrimary, readFrom: 'primary', connectionName: 'worker' } as const
    await using client = clientOf(quiet.topology, options)
    await client.ping()
    const popping = client.blpop('jobs', 0)
    await eventually(async () => {
      expect((await connectionsNamed(quiet.primary, 'worker'))[0]?.['flags']).toContain('b')
    })
    // The connection on which the node is asked is greeted, and leads nowhere from then on.
    await proxy.arm('swallow', 'requests', encodeGreeting(3, {}).length)
    proxy.lose()
    expect(await killConnections(quiet.primary, 'worker')).toBe(1)
    await quiet.primary.command('RPUSH', 'jobs', 'one')
    expect(await popping).toEqual(['jobs', 'one'])
  })

  test.each([2, 3] as const)('RESP%i: one that only subscribes', async (protocol) => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    await using client = clientOf(quiet.topology, { addressMap: proxy.asPrimary, readFrom: 'primary', protocol })
    const gaps: SubscriptionGap[] = []
    client.on('subscription-gap', (gap) => gaps.push(gap))
    await client.subscribe('news')
    // The node goes on holding it for whole: nothing of what it sends arrives.
    proxy.lose()
    await eventually(() => {
      expect(gaps).toMatchObject([{ channels: ['news'] }])
    })
    const heard = once(client, 'message')
    await quiet.primary.command('PUBLISH', 'news', 'hello')
    expect(await heard).toEqual(['news', 'hello'])
  })

  test.each([2, 3] as const)('RESP%i: that of subscriptions at a replica', async (protocol) => {
    const [replica] = (await quiet.topology.replicas()) as [LocalNode]
    await using proxy = await ByteProxy.to(replica.address)
    await using client = clientOf(quiet.topology, {
      addressMap: (_address, kind) => (kind === 'replica' ? proxy.address : undefined),
      readFrom: 'primary',
      subscribeTo: 'replica',
      protocol
    })
    const gaps: SubscriptionGap[] = []
    client.on('subscription-gap', (gap) => gaps.push(gap))
    await client.subscribe('news')
    proxy.lose()
    await eventually(() => {
      expect(gaps).toMatchObject([{ channels: ['news'], from: replica.address, to: replica.address }])
    })
    expect(proxy.accepted).toBeGreaterThan(1)
    const heard = once(client, 'message')
    await quiet.primary.command('PUBLISH', 'news', 'hello')
    expect(await heard).toEqual(['news', 'hello'])
  })

  test('a connection to a replica: it is read from again', async () => {
    const [replica] = (await quiet.topology.replicas()) as [LocalNode]
    await using proxy = await ByteProxy.to(replica.address)
    await using client = clientOf(quiet.topology, {
      addressMap: (_address, kind) => (kind === 'replica' ? proxy.address : undefined)
    })
    await eventually(async () => {
      await client.get('k')
      expect(client.stats().replicas[0]?.usable).toBe(true)
    })
    const before = proxy.accepted
    void proxy.arm('swallow', 'requests', 0)
    await eventually(() => {
      expect(proxy.accepted).toBeGreaterThan(before)
      expect(client.stats().replicas[0]?.usable).toBe(true)
    }, 30_000)
    const { readsOnReplicas } = client.stats()
    await client.get('k')
    expect(client.stats().readsOnReplicas).toBe(readsOnReplicas + 1)
  })
})

/** Longer than it takes to look at a silent connection (half of down-after), to give it up (as long again), and to look twice more. */
const LONG_MS = 2 * DOWN_AFTER_MS

describe('a connection that has reason to be silent is left alone', () => {
  test('blocking calls, for ever and for a while, and subscribers that hear nothing', async () => {
    await quiet.primary.command('XADD', 'stream', '*', 'n', '0')
    await using forEver = clientOf(quiet.topology)
    await using awhile = clientOf(quiet.topology)
    await using stream = clientOf(quiet.topology)
    await using resp2 = clientOf(quiet.topology, { protocol: 2 })
    await using resp3 = clientOf(quiet.topology, { protocol: 3 })
    let lost = 0
    for (const one of [forEver, awhile, stream, resp2, resp3]) one.on('close', () => (lost += 1))
    await Promise.all([resp2.subscribe('news'), resp3.subscribe('news')])
    const heard = [resp2, resp3].map(
      (one) =>
        new Promise((resolve) =>
          one.on('message', (_channel, message) => {
            resolve(message)
          })
        )
    )
    const popping = forEver.blpop('jobs', 0)
    expect(
      await Promise.all([
        awhile.brpop('nothing', LONG_MS / 1000),
        stream.xread('BLOCK', LONG_MS, 'STREAMS', 'stream', '$')
      ])
    ).toEqual([null, null])
    await quiet.primary.command('RPUSH', 'jobs', 'one')
    await quiet.primary.command('PUBLISH', 'news', 'hello')
    expect(await popping).toEqual(['jobs', 'one'])
    expect(await Promise.all(heard)).toEqual(['hello', 'hello'])
    expect(lost).toBe(0)
  })

  test('a write during CLIENT PAUSE WRITE', async () => {
    // A greeting is a write: what sentinels ask behind it would go without an answer, and they would hold the node to be down.
    await Promise.all(
      quiet.topology.sentinels.map((one) => one.command('SENTINEL', 'DEBUG', 'publish-period', '60000'))
    )
    try {
      await through(async (client, losses) => {
        await quiet.primary.command('CLIENT', 'PAUSE', String(LONG_MS), 'WRITE')
        expect(await client.incr('hits')).toBe(1)
        expect(losses()).toBe(0)
      })
    } finally {
      await hasten(quiet.topology)
    }
  })

  test('a slow command', async () => {
    await through(async (client, losses) => {
      const started = Date.now()
      const [answer, behind] = await Promise.all([client.call('DEBUG', 'SLEEP', '2'), client.incr('hits')])
      expect([answer, behind]).toEqual(['OK', 1])
      expect(Date.now() - started).toBeGreaterThan(1_900)
      expect(losses()).toBe(0)
    })
  })
})
