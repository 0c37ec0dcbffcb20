import { DeadlineError, UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { Ledger } from 'ioredis-sentinel/testkit'
import { afterEach, expect, test } from 'vitest'
import { ByteProxy } from '../support/byte-proxy.js'
import { clientOf, failOver, outcome } from '../support/clients.js'
import { patiently } from '../support/patience.js'
import { useQuietTopology } from '../support/quiet-topology.js'
import { eventually } from '../support/server-view.js'

const quiet = useQuietTopology()

afterEach(() => requireReplicas(0))

/** Every node refuses writes while it has fewer replicas that keep up. */
async function requireReplicas(replicas: number): Promise<void> {
  const words = ['CONFIG', 'SET', 'min-replicas-to-write', String(replicas)]
  await Promise.all(quiet.topology.nodes.map((node) => node.command(...words)))
}

/** How often a node has answered NOREPLICAS. */
async function refusals(node: LocalNode): Promise<number> {
  const info = String(await node.command('INFO', 'errorstats'))
  return Number(/errorstat_NOREPLICAS:count=(\d+)/.exec(info)?.[1] ?? 0)
}

const client = (): SentinelRedis => clientOf(quiet.topology, { readFrom: 'primary' })

test('the new primary has no replicas yet: what it refuses is sent again until it takes it, once, in order', async () => {
  await using redis = client()
  await redis.ping()
  await requireReplicas(1)
  const ledger = new Ledger({ write: (id) => redis.rpush('ledger', id) })
  const loops: Promise<unknown>[] = []
  let stop = false
  const often = (call: () => Promise<unknown>): void => {
    loops.push(
      (async () => {
        while (!stop) await call()
      })()
    )
  }
  let counted = 0
  often(async () => {
    expect(await redis.incr('n')).toBe((counted += 1))
  })
  let transactions = 0
  often(async () => {
    transactions += 1
    expect(await redis.multi().incr('m').rpush('members', transactions).exec()).toEqual([
      [null, transactions],
      [null, transactions]
    ])
  })
  let scripts = 0
  often(async () => {
    expect(await redis.eval("return redis.call('INCR', KEYS[1])", 1, 'scripted')).toBe((scripts += 1))
  })
  await failOver(quiet.topology, redis)
  const acked = counted
  await eventually(() => {
    expect(counted).toBeGreaterThan(acked + 20)
  })
  stop = true
  await Promise.all(loops)
  await ledger.stop()

  const next = await quiet.topology.primary()
  expect(next).not.toBe(quiet.primary)
  expect(await refusals(next)).toBeGreaterThan(0)
  const report = ledger.compare((await next.command('LRANGE', 'ledger', 0, -1)) as string[])
  expect(report).toMatchObject({ lost: [], doubled: [], foreign: [], reordered: 0, failed: 0, unknown: 0, hung: 0 })
  expect(report.acked).toBe(report.issued)
  const counters = await next.command('MGET', 'n', 'm', 'scripted')
  expect(counters).toEqual([counted, transactions, scripts].map(String))
})

test('held, and acknowledged when there are enough again', async () => {
  await using redis = client()
  await redis.ping()
  await requireReplicas(9)
  const results = Promise.all([redis.incr('n'), redis.multi().incr('n').incr('n').exec(), redis.rpush('l', 'x')])
  await eventually(() => {
    expect(redis.stats().retried).toBeGreaterThan(20)
  })
  expect(await quiet.primary.command('GET', 'n')).toBeNull()
  await requireReplicas(0)
  expect(await results).toEqual([
    1,
    [
      [null, 2],
      [null, 3]
    ],
    1
  ])
})

test('one that refuses late is sent a few of those that wait, and not all of them each time', async () => {
  await using wire = await ByteProxy.to(quiet.primary.address)
  await using redis = clientOf(quiet.topology, { readFrom: 'primary', addressMap: wire.asPrimary })
  await redis.ping()
  await requireReplicas(9)
  wire.lateMs = 50
  const all = 500
  const results = Promise.all(Array.from({ length: all }, () => redis.incr('n')))
  await eventually(() => {
    expect(redis.stats().retried).toBeGreaterThan(all + 40)
  })
  expect(redis.stats().retried).toBeLessThan(2 * all)
  wire.lateMs = 0
  await requireReplicas(0)
  expect(await results).toEqual(Array.from({ length: all }, (_, index) => index + 1))
})

test('reads are answered meanwhile, issued before the first refusal or after it, alone or in a pipeline of reads', async () => {
  await using redis = client()
  await requireReplicas(9)
  // All of these wait for the first connection.
  const writes = Promise.all(Array.from({ length: 10 }, () => redis.incr('n')))
  const reads = redis.with({ deadlineMs: 10_000 })
  const early = reads.get('other')
  expect(await early).toBeNull()
  const inOrder = redis.pipeline().set('other', 'ours').get('other').exec()
  expect(await reads.get('other')).toBeNull()
  expect(await reads.pipeline().get('other').exists('n').exec()).toEqual([
    [null, null],
    [null, 0]
  ])
  expect(await reads.dbsize()).toBe(0)
  expect(redis.stats().held).toBeGreaterThan(0)
  await requireReplicas(0)
  expect(await writes).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(await inOrder).toEqual([
    [null, 'OK'],
    [null, 'ours']
  ])
})

test('what a transaction on watched keys is decided by stays behind its WATCH', async () => {
  await using redis = client()
  await redis.ping()
  await requireReplicas(9)
  const writes = Promise.all(Array.from({ length: 10 }, () => redis.incr('n')))
  await eventually(() => {
    expect(redis.stats().retried).toBeGreaterThan(10)
  })
  let isRead = false
  const watched = redis.watch('other')
  const read = redis.get('other').finally(() => (isRead = true))
  expect(await outcome(redis.with({ deadlineMs: 500 }).incr('late'))).toBeInstanceOf(DeadlineError)
  expect(isRead).toBe(false)
  await requireReplicas(0)
  await writes
  expect([await watched, await read]).toEqual(['OK', null])
})

test('while a transaction is built: it goes on, and is executed once', async () => {
  await using redis = client()
  await redis.multi({ pipeline: false })
  await requireReplicas(9)
  expect(await redis.incr('n')).toBe('QUEUED')
  const result = redis.exec()
  await eventually(() => {
    expect(redis.stats().retried).toBeGreaterThan(0)
  })
  await requireReplicas(0)
  expect(await result).toEqual([[null, 1]])
  expect(await redis.incr('n')).toBe(2)
})

test('refused while a transaction is being built behind it: sent again after that, never into it', async () => {
  await using redis = client()
  await redis.ping()
  await requireReplicas(9)
  const refused = redis.incr('n')
  expect(await redis.multi({ pipeline: false })).toBe('OK')
  expect(await redis.get('other')).toBe('QUEUED')
  await eventually(() => {
    expect(redis.stats().retried).toBeGreaterThan(0)
  })
  await requireReplicas(0)
  await eventually(() => {
    expect(redis.stats().holdReasons).toEqual([])
  })
  expect(await redis.incr('m')).toBe('QUEUED')
  const results = Promise.all([redis.exec(), refused, redis.incr('n')])
  expect(await results).toEqual([
    [
      [null, null],
      [null, 1]
    ],
    1,
    2
  ])
})

test('never enough: each call ends at its deadline, and none is executed', async () => {
  await using redis = client()
  await redis.ping()
  await requireReplicas(9)
  const hurried = redis.with({ deadlineMs: 300 })
  const began = performance.now()
  const errors = await Promise.all([hurried.incr('n'), hurried.multi().incr('n').exec()].map(outcome))
  expect(performance.now() - began).toBeLessThan(patiently(1_500))
  // One that is on the wire at that moment, to be refused once more, has an unknown outcome; one that waits has none.
  for (const error of errors) expect([DeadlineError, UnknownOutcomeError]).toContain((error as Error).constructor)
  await requireReplicas(0)
  expect(await redis.incr('n')).toBe(1)
})
