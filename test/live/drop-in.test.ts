import type { Command } from 'ioredis'
import { Redis } from 'ioredis'
import { ConfigurationError, DeadlineError, SentinelRedis } from 'ioredis-sentinel'
import type { CallOptions } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { holds } from './support/client-view.js'
import { clientOf, failOver, startQuickTopology } from './support/clients.js'
import { eventually, executed, resetStatistics } from './support/server-view.js'

let topology: LocalTopology

/** What a starved replica does not answer is not asked of another node too. */
const ASKED_ONCE = { hedge: false, suspectAfterMs: 60_000 }

beforeAll(async () => {
  topology = await startQuickTopology()
})
afterAll(() => topology.stop())

test('is an ioredis Redis, and made from a URL too', async () => {
  await using client = new SentinelRedis(topology.url)
  expect(client).toBeInstanceOf(Redis)
  expect(await client.ping()).toBe('PONG')
  expect(client.status).toBe('ready')
  expect(client.topology.primary?.address).toEqual((await topology.primary()).address)
})

test('createClient() makes one of these, as ioredis’s makes one of its own', async () => {
  await using client = SentinelRedis.createClient({ name: topology.name, sentinels: topology.sentinelAddresses })
  expect(client).toBeInstanceOf(SentinelRedis)
  await using byUrl = SentinelRedis.createClient(topology.url, { readFrom: 'primary' })
  expect(await byUrl.ping()).toBe('PONG')
})

test('removeAllListeners() takes those of the application, and the client goes on', async () => {
  await using client = clientOf(topology, { readFrom: 'primary', lazyConnect: true })
  const heard: string[] = []
  client.on('ready', () => heard.push('ready'))
  client.removeAllListeners('ready')
  expect(await client.ping()).toBe('PONG')
  client.on('select', () => heard.push('select'))
  client.removeAllListeners()
  await client.select(1)
  await failOver(topology, client)
  expect(await client.set('after', 'it')).toBe('OK')
  expect(heard).toEqual([])
})

test('typed commands, buffers, callbacks, call() and info()', async () => {
  await using client = clientOf(topology, { readFrom: 'primary' })
  expect(await client.set('typed', 'one', 'EX', 100)).toBe('OK')
  expect(await client.get('typed')).toBe('one')
  expect(await client.getBuffer('typed')).toEqual(Buffer.from('one'))
  await client.set(Buffer.from([0xff, 1]), Buffer.from([0, 0xfe]))
  expect(await client.getBuffer(Buffer.from([0xff, 1]))).toEqual(Buffer.from([0, 0xfe]))
  expect(await client.hset('typed:hash', { a: 1, b: 'two' })).toBe(2)
  expect(await client.hgetall('typed:hash')).toEqual({ a: '1', b: 'two' })
  const called = await new Promise<unknown[]>((resolve) => {
    void client.get('typed', (...result) => {
      resolve(result)
    })
  })
  expect(called).toEqual([null, 'one'])
  const failed = await new Promise<Error | null | undefined>((resolve) => {
    client.incr('typed', resolve).catch(() => undefined)
  })
  expect(failed?.message).toMatch(/not an integer/)
  expect(await client.call('SET', 'typed', 'two')).toBe('OK')
  expect(await client.call('get', ['typed'])).toBe('two')
  expect(await client.callBuffer('GET', 'typed')).toEqual(Buffer.from('two'))
  expect(await client.info('replication')).toMatch(/role:master/)
  await expect(client.call('NOSUCH', 'thing')).rejects.toThrow(/unknown command/)
})

test('keyPrefix is put before keys on the primary and on replicas', async () => {
  await using plain = clientOf(topology, { readFrom: 'primary' })
  await using prefixed = clientOf(topology, { keyPrefix: 'app:', readFrom: 'replica' })
  await plain.set('app:prefixed', 'yes')
  await plain.wait(2, 5_000)
  expect(await prefixed.get('prefixed')).toBe('yes')
  expect(prefixed.stats().readsOnReplicas).toBe(1)
  await prefixed.set('other', 'too')
  expect(await plain.get('app:other')).toBe('too')
})

test('stringNumbers, and RESP2 as well as RESP3', async () => {
  await using strings = clientOf(topology, { stringNumbers: true, readFrom: 'primary' })
  await strings.set('number', '9007199254740993')
  expect(await strings.incr('number')).toBe('9007199254740994')
  await using two = clientOf(topology, { protocol: 2, readFrom: 'primary' })
  expect(await two.zadd('resp2', 1.5, 'member')).toBe(1)
  expect(await two.zscore('resp2', 'member')).toBe('1.5')
  expect(await two.hset('resp2:hash', 'field', 'value')).toBe(1)
  expect(await two.hgetall('resp2:hash')).toEqual({ field: 'value' })
})

test('automatic pipelining: writes in one batch, and each answer to its caller', async () => {
  await using client = clientOf(topology, { enableAutoPipelining: true, readFrom: 'primary' })
  const ids = Array.from({ length: 50 }, (_, index) => `auto:${index}`)
  expect(await Promise.all(ids.map((id) => client.set(id, id)))).toEqual(ids.map(() => 'OK'))
  expect(await Promise.all(ids.map((id) => client.get(id)))).toEqual(ids)
})

test('scanStream, hscanStream and sscanStream see all', async () => {
  await using client = clientOf(topology)
  const keys = Array.from({ length: 300 }, (_, index) => `scan:${index}`)
  await client.mset(Object.fromEntries(keys.map((key) => [key, '1'])))
  await client.sadd('scanned', ...keys)
  await client.hset('scanned:hash', Object.fromEntries(keys.map((key) => [key, '1'])))
  const collect = async (stream: AsyncIterable<string[]>): Promise<string[]> => {
    const found: string[] = []
    for await (const batch of stream) found.push(...batch)
    return [...new Set(found)].sort()
  }
  expect(await collect(client.scanStream({ match: 'scan:*', count: 20 }))).toEqual([...keys].sort())
  expect(await collect(client.sscanStream('scanned', { count: 20 }))).toEqual([...keys].sort())
  expect(await collect(client.hscanStream('scanned:hash', { count: 20 }))).toEqual([...keys, '1'].sort())
})

test('monitor() shows what the primary executes, however busy it is', async () => {
  await using client = clientOf(topology)
  let busy = true
  const traffic = Promise.all(
    Array.from({ length: 20 }, async () => {
      while (busy) await client.set('busy', 'yes')
    })
  )
  try {
    for (let round = 0; round < 10; round += 1) {
      await using monitor = (await client.monitor()) as SentinelRedis
      const seen: string[][] = []
      monitor.on('monitor', (_time: string, args: string[]) => seen.push(args))
      await client.set('monitored', round)
      await eventually(() => {
        expect(seen).toContainEqual(['set', 'monitored', String(round)])
      })
    }
  } finally {
    busy = false
    await traffic
  }
})

test('duplicate() is another client of the same kind, with options of its own', async () => {
  await using client = clientOf(topology, { connectionName: 'first', db: 2 })
  await using copy = client.duplicate({ connectionName: 'second' })
  expect(copy).toBeInstanceOf(SentinelRedis)
  expect([await client.client('GETNAME'), await copy.client('GETNAME')]).toEqual(['first', 'second'])
  await client.set('duplicated', 'yes')
  expect(await copy.with({ readFrom: 'primary' }).get('duplicated')).toBe('yes')
})

test('its options say of lazyConnect what was given: libraries connect() a copy of a lazy client, and of no other', async () => {
  await using client = clientOf(topology)
  await using lazy = clientOf(topology, { lazyConnect: true })
  expect([client.options.lazyConnect, lazy.options.lazyConnect]).toEqual([false, true])
})

describe('with()', () => {
  test('gives its options to each call made through it, and to no other', async () => {
    await using client = clientOf(topology, { readFrom: 'primary', ...ASKED_ONCE })
    await client.set('view', 'here')
    await client.wait(2, 5_000)
    await resetStatistics(topology.nodes)
    const primary = await topology.primary()
    const replicas = await topology.replicas()
    const onReplicas = async (): Promise<number> =>
      (await Promise.all(replicas.map((node) => executed(node, 'get')))).reduce((a, b) => a + b)
    const view = client.with({ readFrom: 'replica' })
    expect(view).toBeInstanceOf(SentinelRedis)
    expect(await view.get('view')).toBe('here')
    expect([await executed(primary, 'get'), await onReplicas()]).toEqual([0, 1])
    expect(await view.pipeline().get('view').get('view').exec()).toEqual([
      [null, 'here'],
      [null, 'here']
    ])
    expect([await executed(primary, 'get'), await onReplicas()]).toEqual([0, 3])
    expect(await client.get('view')).toBe('here')
    expect([await executed(primary, 'get'), await onReplicas()]).toEqual([1, 3])
    expect(await view.with({ readFrom: 'primary' }).get('view')).toBe('here')
    expect([await executed(primary, 'get'), await onReplicas()]).toEqual([2, 3])
  })

  test('keeps them apart from those of other calls in automatic pipelines', async () => {
    await using client = clientOf(topology, { readFrom: 'primary', enableAutoPipelining: true, ...ASKED_ONCE })
    await client.set('view', 'here')
    await client.wait(2, 5_000)
    await resetStatistics(topology.nodes)
    const view = client.with({ readFrom: 'replica' })
    expect(await Promise.all([client.get('view'), view.get('view'), client.get('view')])).toEqual([
      'here',
      'here',
      'here'
    ])
    expect(await executed(await topology.primary(), 'get')).toBe(2)
  })

  test('shares listeners and life with its client', async () => {
    await using client = clientOf(topology)
    await client.ping()
    const heard: string[] = []
    client.on('select', () => heard.push('client'))
    const view = client.with({ idempotent: true })
    view.on('select', () => heard.push('view'))
    view.once('message', () => heard.push('message'))
    view.removeAllListeners('message')
    await view.select(1)
    await client.select(2)
    expect(heard).toEqual(['client', 'view', 'client', 'view'])
    const listener = (): void => undefined
    for (const event of ['a', 'b', 'c', 'd', 'e']) {
      view.on(event as 'end', listener)
      client.off(event, listener)
    }
    expect([client.listenerCount('ready'), client.listenerCount('end')]).toEqual([1, 1])
    await view.close()
    expect(client.status).toBe('end')
  })

  test('may be wrapped: by a Proxy that binds methods, as BullMQ does, and by putting another method in the place of one', async () => {
    await using client = clientOf(topology)
    const view = client.with({ exactlyOnce: true })
    const bound = new Proxy(view, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      }
    })
    for (const method of ['on', 'off', 'setMaxListeners', 'connect', 'disconnect', 'with', 'multi'] as const)
      expect(typeof bound[method]).toBe('function')
    expect(await bound.multi().incr('wrapped').exec()).toEqual([[null, 1]])
    const sent: string[] = []
    const sendCommand = view.sendCommand.bind(view)
    view.sendCommand = (command: Command, stream?: unknown) => {
      sent.push(command.name)
      return sendCommand(command, stream)
    }
    expect(await view.incr('wrapped')).toBe(2)
    expect(sent).toEqual(['incr'])
  })

  test('ends a call by its deadline', async () => {
    await using client = clientOf(topology)
    await client.ping()
    const error = await client
      .with({ deadlineMs: 100 })
      .call('DEBUG', 'SLEEP', '1.0')
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'UNKNOWN_OUTCOME', command: 'DEBUG', stage: 'in-flight' })
    const read = await client
      .with({ deadlineMs: 50, readFrom: 'primary' })
      .get('x')
      .catch((reason: unknown) => reason)
    expect(read).toBeInstanceOf(DeadlineError)
  })

  test.each([
    [{ idempotnet: true }, /no option "idempotnet".*Did you mean "idempotent"\?/],
    [{ idempotent: 'yes' }, /with\(\{ idempotent \}\) is yes; allowed: true, false/],
    [{ deadlineMs: 0 }, /with\(\{ deadlineMs \}\) is 0; allowed is a number of milliseconds from 1/],
    [{ readFrom: 'replicas' }, /with\(\{ readFrom \}\) is "replicas".*Did you mean "replica"\?/]
  ])('refuses %j', async (wrong, message) => {
    await using client = clientOf(topology, { lazyConnect: true })
    expect(() => client.with(wrong as CallOptions)).toThrow(ConfigurationError)
    expect(() => client.with(wrong as CallOptions)).toThrow(message)
  })
})

test('db and select() hold, also after a failover', async () => {
  await using one = clientOf(topology, { db: 1, readFrom: 'primary' })
  await using chosen = clientOf(topology, { readFrom: 'primary' })
  await one.set('database', 'one')
  await chosen.set('database', 'zero')
  await chosen.select(3)
  await chosen.set('database', 'three')
  await one.wait(2, 5_000)
  await Promise.all([failOver(topology, one), chosen.set('database', 'three')])
  expect([await one.get('database'), await chosen.get('database')]).toEqual(['one', 'three'])
  expect(await one.with({ readFrom: 'replica' }).get('database')).toBe('one')
  await chosen.select(0)
  expect(await chosen.get('database')).toBe('zero')
})

test('SELECT in capitals is a select() too: reads at replicas and the next connection have the database', async () => {
  await using client = clientOf(topology)
  await client.set('capitals', 'zero')
  expect(await client.call('SELECT', 6)).toBe('OK')
  await client.set('capitals', 'six')
  await client.wait(2, 5_000)
  expect(await client.with({ readFrom: 'replica' }).get('capitals')).toBe('six')
  client.disconnect(true)
  await once(client, 'close')
  expect(await client.with({ readFrom: 'primary' }).get('capitals')).toBe('six')
  expect(client.options.db).toBe(0)
})

test('a select() given while there is no connection is the one that counts', async () => {
  await using client = clientOf(topology, { readFrom: 'primary' })
  await client.select(4)
  await client.set('while-away', 'four')
  client.disconnect(true)
  await once(client, 'close')
  expect(client.stats().holdReasons).toContain('connection')
  const answers = await Promise.all([client.select(5), client.set('while-away', 'five')])
  expect(answers).toEqual(['OK', 'OK'])
  expect(await client.get('while-away')).toBe('five')
  expect(await client.select(4)).toBe('OK')
  expect(await client.get('while-away')).toBe('four')
})

test('a select() is told once, when it is issued: without a connection, in silence, and with one', async () => {
  await using client = clientOf(topology, { readFrom: 'primary' })
  const told: number[] = []
  client.on('select', (db: number) => told.push(db))
  const early = client.select(3)
  expect(told).toEqual([3])
  await early
  const primary = await topology.primary()
  await primary.freeze()
  try {
    const answers: Promise<unknown>[] = [client.ping()]
    await holds(client, 'silence')
    answers.push(client.select(4))
    expect(told).toEqual([3, 4])
    await primary.thaw()
    await Promise.all(answers)
  } finally {
    await primary.thaw()
  }
  await client.select(5)
  client.disconnect(true)
  await once(client, 'close')
  const away = Promise.all([client.select(6), client.select(6), client.set('told', 'six')])
  expect(told).toEqual([3, 4, 5, 6])
  await away
  expect(told).toEqual([3, 4, 5, 6])
  expect(await primary.command('GET', 'told')).toBeNull()
  await client.select(0)
  expect(await client.get('told')).toBeNull()
  await client.select(6)
  expect(await client.get('told')).toBe('six')
})

test('a select() given in a connect listener counts too', async () => {
  await using client = clientOf(topology, { readFrom: 'primary' })
  const selected = new Promise((resolve, reject) => {
    client.once('connect', () => {
      client.select(6).then(resolve, reject)
    })
  })
  await selected
  await client.set('listened', 'six')
  await using other = clientOf(topology, { readFrom: 'primary', db: 6 })
  expect(await other.get('listened')).toBe('six')
})
