import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf, outcome } from './support/clients.js'
import { patiently } from './support/patience.js'
import { eventually } from './support/server-view.js'

/** What ioredis's own suite expects of a connection's end and its next beginning; see docs/compatibility-ioredis.md. */
let topology: LocalTopology

beforeAll(async () => {
  topology = await startTopology({ replicas: 1, downAfterMs: 60_000 })
})
afterAll(() => topology.stop())

describe('disconnect()', () => {
  test('lets the servers answer what was issued before it, in the same tick too', async () => {
    const client = clientOf(topology)
    await client.del('issued')
    await client.with({ readFrom: 'replica' }).get('nothing')
    const calls = Array.from({ length: 100 }, (_, index) => client.rpush('issued', index))
    const read = client.with({ readFrom: 'replica' }).get('nothing')
    client.disconnect()
    const late = outcome(client.ping())
    expect(await Promise.all([...calls, read])).toEqual([...calls.map((_, index) => index + 1), null])
    expect(await late).toMatchObject({ message: 'Connection is closed.' })
    if (client.status !== 'end') await once(client, 'end')
    expect(await (await topology.primary()).command('LLEN', 'issued')).toBe(100)
  })

  test('lets the primary answer what a connect listener issued, before the client is ready', async () => {
    const client = clientOf(topology, { db: 1 })
    const issued = new Promise((resolve) => {
      client.once('connect', () => {
        expect(client.status).toBe('connect')
        resolve(outcome(client.info('server')))
        client.disconnect()
      })
    })
    expect(String(await issued)).toContain('redis_version')
    await eventually(() => {
      expect(client.status).toBe('end')
    })
  })

  test('ends a blocking call without waiting for it', async () => {
    const client = clientOf(topology)
    await client.ping()
    const started = performance.now()
    const pop = outcome(client.blpop('issued:none', 0))
    client.disconnect()
    expect(await pop).toMatchObject({ message: 'Connection is closed.' })
    expect(performance.now() - started).toBeLessThan(patiently(400))
  })

  test('waits half a second at most for a primary that does not answer', async () => {
    const primary = await topology.primary()
    const client = clientOf(topology)
    await client.ping()
    await primary.freeze()
    try {
      const call = outcome(client.incr('issued:count'))
      const started = performance.now()
      client.disconnect()
      expect(await call).toMatchObject({ code: 'UNKNOWN_OUTCOME' })
      expect(performance.now() - started).toBeGreaterThan(400)
      expect(performance.now() - started).toBeLessThan(patiently(900))
    } finally {
      await primary.thaw()
    }
  })

  test('does not end a connection that was made after it', async () => {
    await using client = clientOf(topology)
    await client.ping()
    const call = client.incr('issued:count')
    client.disconnect()
    await Promise.all([call, once(client, 'end')])
    await client.connect()
    const pop = client.blpop('issued:later', 0)
    await client.duplicate().rpush('issued:later', 'yes')
    expect(await pop).toEqual(['issued:later', 'yes'])
    expect(client.status).toBe('ready')
  })
})

describe('disconnect(true)', () => {
  test('while a connection is being made leaves it at that', async () => {
    await using client = clientOf(topology)
    expect(client.status).toBe('connecting')
    client.disconnect(true)
    expect(await client.ping()).toBe('PONG')
  })

  test('in a listener of reconnecting comes to a connection', async () => {
    await using client = clientOf(topology)
    await client.ping()
    client.once('reconnecting', () => {
      client.disconnect(true)
    })
    client.disconnect(true)
    await once(client, 'reconnecting')
    expect(await client.ping()).toBe('PONG')
  })
})

describe('quit()', () => {
  test('is over before end is told: callback and promise', async () => {
    const client = clientOf(topology)
    await client.ping()
    const heard: string[] = []
    client.on('end', () => heard.push('end'))
    await client.with({ idempotent: true }).quit(() => heard.push('callback'))
    heard.push('promise')
    await once(client, 'end')
    expect(heard).toEqual(['callback', 'promise', 'end'])
  })

  test('has a Buffer variant, before there is a connection too', async () => {
    const waiting = clientOf(topology, { sentinels: ['127.99.99.99:1'] })
    expect(await waiting.quitBuffer()).toEqual(Buffer.from('OK'))
    const ready = clientOf(topology)
    await ready.ping()
    const given = new Promise(
      (resolve) =>
        void ready.quitBuffer((...result) => {
          resolve(result)
        })
    )
    expect(await given).toEqual([null, Buffer.from('OK')])
  })
})

test('unsubscribe() without a connection comes after what is subscribed anew', async () => {
  const primary = await topology.primary()
  await using client = clientOf(topology)
  await client.subscribe('kept', 'left')
  await client.psubscribe('left:*')
  client.disconnect(true)
  await Promise.all([client.unsubscribe('left'), client.punsubscribe('left:*')])
  const channels = ['kept', 'left']
  const subscribers = (await primary.command('PUBSUB', 'NUMSUB', ...channels)) as unknown[]
  expect(subscribers).toEqual(['kept', 1, 'left', 0])
  expect(await primary.command('PUBSUB', 'NUMPAT')).toBe(0)
})

test('blockingTimeout counts the wait for a primary too', async () => {
  await using client = clientOf(topology, { sentinels: ['127.99.99.99:1'], blockingTimeout: 100 })
  const started = performance.now()
  expect(await client.blpop('issued:none', 0)).toBeNull()
  expect(performance.now() - started).toBeLessThan(patiently(1_000))
  await eventually(() => {
    expect(client.stats().holdReasons).toContain('connection')
  })
})

test('a transaction of a connect listener holds together, with commands that ioredis greets with', async () => {
  await using client = clientOf(topology, { lazyConnect: true })
  const results = new Promise((resolve, reject) => {
    client.once('connect', () => {
      client.multi().info().client('GETNAME').select(0).exec().then(resolve, reject)
    })
  })
  await client.connect()
  expect(await results).toEqual([
    [null, expect.stringContaining('redis_version')],
    [null, null],
    [null, 'OK']
  ])
})

test('without an offline queue calls that would wait are rejected in ioredis’s words', async () => {
  await using client = clientOf(topology, { enableOfflineQueue: false })
  const error = await outcome(client.get('early'))
  expect(error).toMatchObject({
    message: "Stream isn't writeable and enableOfflineQueue options is false",
    cause: 'calls would wait: connection'
  })
})
