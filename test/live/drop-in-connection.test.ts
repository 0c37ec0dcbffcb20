import type { SentinelRedis } from 'ioredis-sentinel'
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

/** Calls disconnect(), which gives answers half a second, and waits for the end: false when a busy machine may have needed more than that. */
async function disconnectedInTime(client: SentinelRedis): Promise<boolean> {
  const began = performance.now()
  const ended = once(client, 'end')
  client.disconnect()
  await ended
  return performance.now() - began < 450
}

describe('disconnect()', () => {
  test('lets the servers answer what was issued before it, in the same tick too', async () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index)
    let answers: unknown
    let inTime = false
    while (!inTime) {
      const client = clientOf(topology)
      await client.del('issued')
      await client.with({ readFrom: 'replica' }).get('nothing')
      const calls = numbers.map((number) => client.rpush('issued', number))
      const read = client.with({ readFrom: 'replica' }).get('nothing')
      const ended = disconnectedInTime(client)
      const late = outcome(client.ping())
      answers = await outcome(Promise.all([...calls, read]))
      expect(await late).toMatchObject({ message: 'Connection is closed.' })
      inTime = await ended
    }
    expect(answers).toEqual([...numbers.map((number) => number + 1), null])
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
    let answer: unknown
    let inTime = false
    while (!inTime) {
      await client.ping()
      const call = outcome(client.incr('issued:count'))
      inTime = await disconnectedInTime(client)
      answer = await call
      await client.connect()
    }
    expect(answer).toBeTypeOf('number')
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

describe('quit() lets what was called before it be done:', () => {
  test('calls that wait for a connection', async () => {
    const client = clientOf(topology)
    const calls = [client.set('quit', 'before'), client.get('quit')]
    expect(await client.quit()).toBe('OK')
    expect(await Promise.all(calls)).toEqual(['OK', 'before'])
    await expect(client.ping()).rejects.toThrow('Connection is closed')
  })

  test('a call that takes longer than half a second', async () => {
    const client = clientOf(topology)
    await client.ping()
    const slow = client.call('DEBUG', 'SLEEP', '1')
    expect(await client.quit()).toBe('OK')
    expect(await slow).toBe('OK')
  })

  test('calls that wait for a primary that is away for a moment', async () => {
    const primary = await topology.primary()
    const client = clientOf(topology)
    await client.ping()
    await primary.freeze()
    const calls = [client.set('quit', 'frozen'), client.pipeline().incr('quit:n').get('quit:n').exec()]
    const quit = client.quit()
    await primary.thaw()
    expect([await quit, await Promise.all(calls)]).toEqual([
      'OK',
      [
        'OK',
        [
          [null, 1],
          [null, '1']
        ]
      ]
    ])
  })

  test('calls whose own deadline is longer than that of the client', async () => {
    const client = clientOf(topology, { deadlineMs: 300 })
    await client.ping()
    const slow = client.with({ deadlineMs: 20_000 }).call('DEBUG', 'SLEEP', '3')
    expect(await client.quit()).toBe('OK')
    expect(await slow).toBe('OK')
  })

  test('transactions', async () => {
    const client = clientOf(topology)
    await client.ping()
    const ran = client.transaction(async (tx) => {
      await tx.get('quit')
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      return tx.multi().set('quit', 'by transaction').exec()
    })
    expect(await client.quit()).toBe('OK')
    expect(await ran).toEqual([[null, 'OK']])
  })

  test('and a transaction in whose callback it is asked does not wait for itself', async () => {
    const client = clientOf(topology)
    await client.ping()
    const ran = outcome(client.transaction(async () => client.quit()))
    expect(await ran).toMatchObject({ message: 'Connection is closed.' })
  })

  test('what enableAutoPipelining has collected', async () => {
    const client = clientOf(topology, { enableAutoPipelining: true })
    await client.ping()
    const calls = [client.set('quit', 'collected'), client.get('quit')]
    expect(await client.quit()).toBe('OK')
    expect(await Promise.all(calls)).toEqual(['OK', 'collected'])
    const closed = clientOf(topology, { enableAutoPipelining: true })
    await closed.ping()
    const last = closed.get('quit')
    await closed.close()
    expect(await last).toBe('collected')
  })

  test('a slow call from before a MULTI that nobody ends', async () => {
    const client = clientOf(topology)
    await client.ping()
    const slow = client.call('DEBUG', 'SLEEP', '1')
    const multi = outcome(client.multi({ pipeline: false }))
    expect(await client.quit()).toBe('OK')
    expect(await slow).toBe('OK')
    await multi
  })

  test('and not a blocking call, nor calls past their deadlines', async () => {
    const client = clientOf(topology, { sentinels: ['127.99.99.99:1'], deadlineMs: 300 })
    const calls = [outcome(client.set('quit', 'never')), outcome(client.blpop('quit:none', 0))]
    expect(await client.quit()).toBe('OK')
    expect(await Promise.all(calls)).toMatchObject([{ code: 'DEADLINE' }, {}])
    const blocked = clientOf(topology)
    await blocked.ping()
    const pop = outcome(blocked.blpop('quit:none', 0))
    expect(await blocked.quit()).toBe('OK')
    expect(await pop).toMatchObject({ message: 'Connection is closed.' })
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
