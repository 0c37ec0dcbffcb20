import { DeadlineError, UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { holds } from './support/client-view.js'
import { clientOf, failOver, outcome } from './support/clients.js'
import { ByteProxy } from './support/byte-proxy.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually, killConnections, replicated } from './support/server-view.js'

const NAME = 'transactions'

const quiet = useQuietTopology()

let heal: (() => Promise<void>) | undefined

afterEach(() => heal?.())

const client = (): SentinelRedis => clientOf(quiet.topology, { connectionName: NAME, readFrom: 'primary' })

/** Until healed, the primary refuses writes as a replica does; it keeps its data, since it finds nobody to copy. */
async function demote(node: LocalNode): Promise<() => Promise<void>> {
  heal = async () => {
    heal = undefined
    await node.command('REPLICAOF', 'NO', 'ONE')
  }
  await node.command('REPLICAOF', '127.0.0.1', '1')
  return heal
}

/** Resolves when the client has noticed that the primary does not answer. */
async function silent(redis: SentinelRedis): Promise<void> {
  await holds(redis, 'silence')
}

describe('MULTI', () => {
  test('as an array, as a pipeline, and command by command', async () => {
    await using redis = client()
    expect(
      await redis
        .multi([
          ['set', 'a', '1'],
          ['incr', 'a']
        ])
        .exec()
    ).toEqual([
      [null, 'OK'],
      [null, 2]
    ])
    expect(await redis.multi().incr('a').hset('h', 'f', 'v').hgetall('h').exec()).toEqual([
      [null, 3],
      [null, 1],
      [null, { f: 'v' }]
    ])
    expect(await redis.multi({ pipeline: false })).toBe('OK')
    expect(await redis.incr('a')).toBe('QUEUED')
    expect(await redis.get('a')).toBe('QUEUED')
    expect(await redis.exec()).toEqual([
      [null, 4],
      [null, '4']
    ])
    await redis.multi({ pipeline: false })
    await redis.incr('a')
    expect(await redis.discard()).toBe('OK')
    expect(await redis.get('a')).toBe('4')
    await expect(redis.multi().call('SET', 'a').exec()).rejects.toThrow(/EXECABORT/)
  })

  test('is sent as a whole, after a wait for a primary too', async () => {
    await using redis = client()
    const [one, two] = await Promise.all([redis.multi().incr('n').get('n').exec(), redis.incr('n')])
    expect(one).toEqual([
      [null, 1],
      [null, '1']
    ])
    expect(two).toBe(2)
  })

  test('goes on after a failover', async () => {
    await using redis = client()
    await redis.multi().incr('moved').exec()
    await redis.wait(2, 5_000)
    await redis.multi({ pipeline: false })
    await redis.incr('moved')
    await failOver(quiet.topology, redis)
    await redis.incr('moved')
    expect(await redis.exec()).toEqual([
      [null, 2],
      [null, 3]
    ])
  })
})

describe('WATCH', () => {
  test('aborts when a watched key was changed, and only then', async () => {
    await using redis = client()
    await using other = client()
    await redis.watch('w')
    await other.set('w', 'theirs')
    expect(await redis.multi().set('w', 'mine').exec()).toBeNull()
    await redis.watch('w')
    expect(await redis.multi().set('w', 'mine').exec()).toEqual([[null, 'OK']])
    await redis.watch('w')
    await other.set('w', 'theirs')
    await redis.unwatch()
    expect(await redis.multi().set('w', 'mine').exec()).toEqual([[null, 'OK']])
  })

  test('given before a failover aborts the transaction after it, and that one alone', async () => {
    await using redis = client()
    await redis.watch('w')
    await failOver(quiet.topology, redis)
    expect(await redis.multi().set('w', 'mine').incr('n').exec()).toBeNull()
    expect(await redis.multi().set('w', 'mine').exec()).toEqual([[null, 'OK']])
    expect(await redis.get('n')).toBeNull()
  })

  test('is lost with its connection, wherever the transaction is', async () => {
    await using redis = client()
    await redis.watch('w')
    await redis.multi({ pipeline: false })
    await redis.incr('n')
    expect(await killConnections(quiet.primary, NAME)).toBe(1)
    await redis.incr('n')
    expect(await redis.exec()).toBeNull()
    expect(await redis.multi().incr('n').exec()).toEqual([[null, 1]])
  })

  test('aborts the rest of a pipeline correctly', async () => {
    await using redis = client()
    await redis.watch('w')
    await killConnections(quiet.primary, NAME)
    await redis.ping()
    const pipeline = redis.pipeline([['multi'], ['incr', 'n'], ['exec'], ['set', 'after', 'yes'], ['get', 'after']])
    expect(await pipeline.exec()).toEqual([
      [null, 'OK'],
      [null, 'QUEUED'],
      [null, null],
      [null, 'OK'],
      [null, 'yes']
    ])
  })

  test('given while there is no connection watches on the next one', async () => {
    await using other = client()
    await other.ping()
    await using redis = client()
    const watched = redis.watch('w')
    expect(redis.stats().held).toBe(1)
    await watched
    await other.set('w', 'theirs')
    expect(await redis.multi().set('w', 'mine').exec()).toBeNull()
    const again = Promise.all([redis.watch('w'), redis.multi().set('w', 'mine').exec()])
    expect(await again).toEqual(['OK', [[null, 'OK']]])
  })

  test('is not forgotten when the transaction is refused: it is aborted, not repeated', async () => {
    await using redis = client()
    await redis.watch('w')
    const promote = await demote(quiet.primary)
    const result = redis.multi().set('w', 'mine').exec()
    await holds(redis, 'connection')
    await promote()
    expect(await result).toBeNull()
  })
})

describe('refused by a primary that has become a replica (READONLY)', () => {
  test('a transaction is sent again as a whole', async () => {
    await using redis = client()
    await redis.set('n', '10')
    const promote = await demote(quiet.primary)
    const results = Promise.all([redis.multi().incr('n').get('n').exec(), redis.multi().incr('n').exec()])
    await holds(redis, 'connection')
    await promote()
    expect(await results).toEqual([
      [
        [null, 11],
        [null, '11']
      ],
      [[null, 12]]
    ])
    expect(await quiet.primary.command('GET', 'n')).toBe('12')
  })

  test('what was on its way to it is refused as well, and executed once by the next: nothing is of unknown outcome', async () => {
    await using redis = client()
    await redis.set('n', '0')
    const promote = await demote(quiet.primary)
    const calls = Promise.all(Array.from({ length: 5_000 }, () => redis.incr('n')))
    await holds(redis, 'connection')
    await promote()
    expect(await calls).toEqual(Array.from({ length: 5_000 }, (_, index) => index + 1))
    expect(redis.stats().unknown).toBe(0)
  })

  test('one that is being built goes on', async () => {
    await using redis = client()
    await redis.multi({ pipeline: false })
    await redis.incr('n')
    const promote = await demote(quiet.primary)
    const queued = redis.incr('n')
    await holds(redis, 'connection')
    await promote()
    expect(await queued).toBe('QUEUED')
    expect(await redis.exec()).toEqual([
      [null, 1],
      [null, 2]
    ])
  })

  test('one whose last answer is lost is known not to have been executed', async () => {
    await using wire = await ByteProxy.to(quiet.primary.address)
    await using redis = clientOf(quiet.topology, { readFrom: 'primary', addressMap: wire.asPrimary })
    await redis.ping()
    const promote = await demote(quiet.primary)
    void wire.arm('cut', 'replies', "+OK\r\n-READONLY You can't write against a read only replica.\r\n".length)
    const result = redis.multi().incr('n').exec()
    await eventually(() => {
      expect(redis.stats().retried).toBeGreaterThan(0)
    })
    await promote()
    expect(await result).toEqual([[null, 1]])
  })

  test('a pipeline is executed once, in order', async () => {
    await using redis = client()
    await redis.ping()
    const promote = await demote(quiet.primary)
    const result = redis.pipeline().rpush('l', '1').rpush('l', '2').lrange('l', 0, -1).exec()
    await holds(redis, 'connection')
    await promote()
    expect((await result)?.slice(0, 2)).toEqual([
      [null, 1],
      [null, 2]
    ])
    expect(await quiet.primary.command('LRANGE', 'l', 0, -1)).toEqual(['1', '2'])
  })
})

type Call = (redis: SentinelRedis) => Promise<unknown>

describe('the connection breaks before the reply', () => {
  /** The call is executed, and its reply is cut off. */
  const executedUnheard = async (call: Call, first: Call = (redis) => redis.ping()): Promise<unknown> => {
    await using wire = await ByteProxy.to(quiet.primary.address)
    await using redis = clientOf(quiet.topology, { readFrom: 'primary', addressMap: wire.asPrimary })
    await first(redis)
    void wire.arm('cut', 'replies', 0)
    const result = await outcome(call(redis))
    expect(await redis.ping()).toBe('PONG')
    return result
  }

  test.each<[string, Call]>([
    ['INCR', (redis) => redis.incr('n')],
    ['MULTI with INCR', (redis) => redis.multi().incr('n').exec()],
    ['MULTI with INCR among harmless ones', (redis) => redis.multi().set('x', '1').incr('n').get('n').exec()],
    ['a script', (redis) => redis.eval('return redis.call("INCR", KEYS[1])', 1, 'n')]
  ])('%s was executed once, and its outcome is said to be unknown', async (_name, call) => {
    const error = await executedUnheard(call)
    expect(error).toBeInstanceOf(UnknownOutcomeError)
    expect(error).toMatchObject({ stage: 'in-flight', endpoint: expect.stringContaining(':') as string })
    expect(await quiet.primary.command('GET', 'n')).toBe('1')
  })

  test('a transaction over a WATCH is not repeated, though its commands are harmless', async () => {
    const error = await executedUnheard(
      (redis) => redis.multi().set('x', '1').exec(),
      (redis) => redis.watch('x')
    )
    expect(error).toBeInstanceOf(UnknownOutcomeError)
    expect(await quiet.primary.command('GET', 'x')).toBe('1')
  })

  test.each<[string, Call, unknown]>([
    ['SET', (redis) => redis.set('x', '1'), 'OK'],
    ['GET', (redis) => redis.get('n'), null],
    [
      'MULTI with SET and SADD',
      (redis) => redis.multi().set('x', '1').sadd('s', 'm').exec(),
      [
        [null, 'OK'],
        [null, 0]
      ]
    ],
    ['INCR that is said to be idempotent', (redis) => redis.with({ idempotent: true }).incr('n'), 2],
    [
      'MULTI that is said to be idempotent',
      (redis) => redis.with({ idempotent: true }).multi().incr('n').exec(),
      [[null, 2]]
    ]
  ])('%s is sent again and answered', async (_name, call, answer) => {
    expect(await executedUnheard(call)).toEqual(answer)
  })

  test('INCR that was not executed is not executed later either', async () => {
    await using redis = client()
    await redis.ping()
    await quiet.primary.command('CLIENT', 'PAUSE', '5000', 'WRITE')
    const results = Promise.all([redis.incr('n'), redis.multi().incr('n').exec()].map(outcome))
    const set = redis.set('x', 'acked')
    await silent(redis)
    await killConnections(quiet.primary, NAME)
    const unknown = await results
    expect(unknown.map((error) => error instanceof UnknownOutcomeError)).toEqual([true, true])
    await quiet.primary.command('CLIENT', 'UNPAUSE')
    expect(await set).toBe('OK')
    expect(await redis.get('n')).toBeNull()
    expect(redis.stats().unknown).toBe(2)
  })
})

describe('refused before execution', () => {
  test('LOADING: held until the data is there', async () => {
    await using redis = client()
    const pairs = Array.from({ length: 3_000 }, (_, index) => [`key:${index}`, 'x'.repeat(100)])
    await redis.mset(Object.fromEntries(pairs) as Record<string, string>)
    await quiet.primary.command('CONFIG', 'SET', 'key-load-delay', '5000')
    await quiet.primary.command('CONFIG', 'SET', 'loading-process-events-interval-bytes', '1024')
    const reloaded = outcome(quiet.primary.command('DEBUG', 'RELOAD'))
    let refused: unknown
    do refused = await outcome(quiet.primary.command('GET', 'key:1'))
    while (!String(refused).includes('LOADING'))
    const results = Promise.all([redis.incr('n'), redis.multi().incr('n').exec(), redis.get('key:1')])
    await eventually(() => {
      expect(redis.stats().retried).toBeGreaterThan(0)
    })
    await quiet.primary.command('CONFIG', 'SET', 'key-load-delay', '0')
    await reloaded
    expect(await results).toEqual([1, [[null, 2]], 'x'.repeat(100)])
  })
})

test('a transaction is sent anew once, whether its commands were answered, on their way or waiting', async () => {
  await using redis = client()
  await redis.multi({ pipeline: false })
  await redis.incr('n')
  await quiet.primary.freeze()
  const queued: Promise<unknown>[] = []
  try {
    queued.push(redis.incr('n'))
    await silent(redis)
    queued.push(redis.incr('n'))
    expect(redis.stats().held).toBe(1)
    redis.disconnect(true)
  } finally {
    await quiet.primary.thaw()
  }
  expect(await Promise.all(queued)).toEqual(['QUEUED', 'QUEUED'])
  expect(await redis.exec()).toEqual([
    [null, 1],
    [null, 2],
    [null, 3]
  ])
})

test('a read that its replica leaves unanswered while a transaction is being built is asked of the primary after that', async () => {
  await quiet.primary.command('SET', 'a', 'value of a')
  await replicated(quiet.primary, quiet.replicas)
  await using redis = clientOf(quiet.topology)
  await redis.ping()
  await eventually(() => {
    expect(redis.stats().replicas.filter((replica) => replica.usable)).toHaveLength(2)
  })
  await Promise.all(quiet.replicas.map((node) => node.freeze()))
  try {
    const read = redis.get('a')
    expect(redis.stats().readsOnReplicas).toBe(1)
    expect(await redis.multi({ pipeline: false })).toBe('OK')
    expect(await redis.incr('n')).toBe('QUEUED')
    await eventually(() => {
      expect(redis.stats()).toMatchObject({ held: 1, holdReasons: [] })
    })
    expect(await redis.exec()).toEqual([[null, 1]])
    expect(await read).toBe('value of a')
  } finally {
    await Promise.all(quiet.replicas.map((node) => node.thaw()))
  }
})

test('a transaction whose end waited for too long is ended on the server too', async () => {
  await using redis = client()
  await redis.multi({ pipeline: false })
  await redis.incr('n')
  await quiet.primary.freeze()
  try {
    const late = redis.with({ deadlineMs: 300 })
    const queued = outcome(redis.incr('n'))
    await silent(redis)
    expect(await outcome(late.incr('n'))).toBeInstanceOf(DeadlineError)
    expect(await outcome(redis.exec())).toBeInstanceOf(DeadlineError)
    await quiet.primary.thaw()
    await queued
  } finally {
    await quiet.primary.thaw()
  }
  expect(await redis.get('n')).toBeNull()
  expect(await redis.incr('n')).toBe(1)
})
