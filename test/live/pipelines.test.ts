import { AbortedError, UnknownOutcomeError } from 'ioredis-sentinel'
import { beforeEach, expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf, failOver } from './support/clients.js'
import { ByteProxy } from './support/byte-proxy.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { executed, eventually, killConnections, replicated, resetStatistics } from './support/server-view.js'

const quiet = useQuietTopology()

beforeEach(async () => {
  await quiet.primary.command('MSET', 'a', 'value of a', 'b', 'value of b', 'text', 'no number')
  await replicated(quiet.primary, quiet.replicas)
  await resetStatistics(quiet.topology.nodes)
})

test('a mixed one goes to the primary, in order, each with its own outcome', async () => {
  await using client = clientOf(quiet.topology)
  const results = await client
    .pipeline()
    .set('n', 1)
    .incr('n')
    .get('n')
    .incr('text')
    .getBuffer('a')
    .hset('h', { f: 1 })
    .hgetall('h')
    .exec()
  expect(results?.map(([error]) => error?.message)).toEqual([
    undefined,
    undefined,
    undefined,
    expect.stringMatching(/not an integer/),
    undefined,
    undefined,
    undefined
  ])
  expect(results?.map(([, value]) => value)).toEqual([
    'OK',
    2,
    '2',
    undefined,
    Buffer.from('value of a'),
    1,
    { f: '1' }
  ])
  expect(await executed(quiet.primary, 'get')).toBe(2)
})

test('one of reads goes to one replica as a whole', async () => {
  await using client = clientOf(quiet.topology, { hedge: false, suspectAfterMs: 60_000 })
  await client.ping()
  await usable(client, 2)
  const pipeline = client.pipeline()
  for (let index = 0; index < 20; index += 1) pipeline.get(index % 2 === 0 ? 'a' : 'b')
  const results = await pipeline.exec()
  expect(results?.map(([, value]) => value)).toEqual(
    Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'value of a' : 'value of b'))
  )
  expect(await executed(quiet.primary, 'get')).toBe(0)
  const counts = await Promise.all(quiet.replicas.map((node) => executed(node, 'get')))
  expect(counts.sort((a, b) => a - b)).toEqual([0, 20])
})

test('one of reads sees the database that was selected', async () => {
  await using client = clientOf(quiet.topology)
  await client.select(5)
  await quiet.primary.command('SELECT', '0')
  expect(await client.pipeline().get('a').get('b').exec()).toEqual([
    [null, null],
    [null, null]
  ])
  await client.select(0)
  expect(await client.pipeline().get('a').get('b').exec()).toEqual([
    [null, 'value of a'],
    [null, 'value of b']
  ])
  expect(await client.pipeline().select(5).get('a').select(0).get('a').exec()).toEqual([
    [null, 'OK'],
    [null, null],
    [null, 'OK'],
    [null, 'value of a']
  ])
})

test('an empty one, one of a thousand, and one with a callback', async () => {
  await using client = clientOf(quiet.topology)
  expect(await client.pipeline().exec()).toEqual([])
  const large = client.pipeline()
  for (let index = 0; index < 1_000; index += 1) large.rpush('list', index)
  const results = await large.exec()
  expect(results?.map(([, length]) => length)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1))
  const heard: unknown[] = []
  await new Promise<void>((resolve) => {
    void client
      .pipeline()
      .incr('n', (_error, value) => heard.push(value))
      .exec((_error, all) => {
        heard.push(all)
        resolve()
      })
  })
  expect(heard).toEqual([1, [[null, 1]]])
})

test('one that waits for a connection is executed once, in order', async () => {
  await using client = clientOf(quiet.topology)
  const waiting = client.pipeline().rpush('list', 1).rpush('list', 2).get('a').rpush('list', 3).exec()
  expect(client.stats().held).toBeGreaterThan(0)
  expect((await waiting)?.map(([, value]) => value)).toEqual([1, 2, 'value of a', 3])
  expect(await quiet.primary.command('LRANGE', 'list', 0, -1)).toEqual(['1', '2', '3'])
})

test('cut before the replies: each command has the outcome that it would have alone', async () => {
  await using wire = await ByteProxy.to(quiet.primary.address)
  await using client = clientOf(quiet.topology, { addressMap: wire.asPrimary })
  await client.ping()
  void wire.arm('cut', 'replies', 0)
  const results = await client.pipeline().set('s', 'x').incr('n').get('a').sadd('set', 'm').rpush('list', 'x').exec()
  expect(results?.map(([error, value]) => (error === null ? value : error.constructor))).toEqual([
    'OK',
    UnknownOutcomeError,
    'value of a',
    0,
    UnknownOutcomeError
  ])
  expect([await quiet.primary.command('GET', 'n'), await quiet.primary.command('LLEN', 'list')]).toEqual(['1', 1])
})

test('one of reads is answered though its replica falls silent or closes the connection', async () => {
  await using client = clientOf(quiet.topology, { connectionName: 'reader' })
  await client.ping()
  await usable(client, 2)
  const read = async (): Promise<void> => {
    expect(await client.pipeline().get('a').get('b').exec()).toEqual([
      [null, 'value of a'],
      [null, 'value of b']
    ])
  }
  await Promise.all(quiet.replicas.map((node) => node.freeze()))
  try {
    await Promise.all(Array.from({ length: 10 }, read))
  } finally {
    await Promise.all(quiet.replicas.map((node) => node.thaw()))
  }
  const reads = Promise.all(Array.from({ length: 200 }, read))
  await Promise.all(quiet.replicas.map((node) => killConnections(node, 'reader')))
  await reads
})

test('automatic pipelines go on through a failover', async () => {
  await using client = clientOf(quiet.topology, { enableAutoPipelining: true })
  await client.set('id', '0')
  let stop = false
  let count = 0
  const writer = (async () => {
    while (!stop) {
      const ids = Array.from({ length: 10 }, () => `id:${count++}`)
      expect(await Promise.all(ids.map((id) => client.set(id, id)))).toEqual(ids.map(() => 'OK'))
      expect(await Promise.all(ids.map((id) => client.get(id)))).toEqual(ids)
    }
  })()
  await failOver(quiet.topology, client)
  const until = count + 200
  await eventually(() => {
    expect(count).toBeGreaterThan(until)
  })
  stop = true
  await writer
})

test('a pipeline of reads whose signal is aborted already ends in its errors, also where no primary was ever connected', async () => {
  await using client = clientOf(quiet.topology, {
    readFrom: 'replicaPreferred',
    addressMap: (_address, kind) => (kind === 'primary' ? { host: '127.0.0.1', port: 1 } : undefined)
  })
  await usable(client, quiet.replicas.length)
  const results = await client.with({ signal: AbortSignal.abort() }).pipeline().get('a').get('b').exec()
  expect(results?.map(([error]) => error)).toEqual([expect.any(AbortedError), expect.any(AbortedError)])
})
