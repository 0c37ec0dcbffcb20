import { DeadlineError, UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clientOf, failOver, outcome, startQuickTopology } from './support/clients.js'
import { ReplyCutter } from './support/reply-cutter.js'
import { eventually, killConnections } from './support/server-view.js'

const NAME = 'transactions'

let topology: LocalTopology
let primary: LocalNode

beforeAll(async () => {
  // Nobody is held to be down: a failover happens only when a test asks for one.
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())
beforeEach(async () => {
  primary = await topology.primary()
  await primary.command('FLUSHALL')
})

const client = (): SentinelRedis => clientOf(topology, { connectionName: NAME, readFrom: 'primary' })

/** Until healed, the primary refuses writes as a replica does; it keeps its data, since it finds nobody to copy. */
async function demote(node: LocalNode): Promise<() => Promise<unknown>> {
  await node.command('REPLICAOF', '127.0.0.1', '1')
  return () => node.command('REPLICAOF', 'NO', 'ONE')
}

/** Resolves when the client has written something that the primary does not answer. */
async function unanswered(redis: SentinelRedis): Promise<void> {
  await eventually(() => {
    expect(redis.stats().holdReasons).toContain('silence')
  })
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
    await expect(redis.multi().set('a').exec()).rejects.toThrow(/EXECABORT/)
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
    await failOver(topology, redis)
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
    await failOver(topology, redis)
    expect(await redis.multi().set('w', 'mine').incr('n').exec()).toBeNull()
    expect(await redis.multi().set('w', 'mine').exec()).toEqual([[null, 'OK']])
    expect(await redis.get('n')).toBeNull()
  })

  test('is lost with its connection, wherever the transaction is', async () => {
    await using redis = client()
    await redis.watch('w')
    await redis.multi({ pipeline: false })
    await redis.incr('n')
    expect(await killConnections(primary, NAME)).toBe(1)
    await redis.incr('n')
    expect(await redis.exec()).toBeNull()
    expect(await redis.multi().incr('n').exec()).toEqual([[null, 1]])
  })

  test('aborts the rest of a pipeline correctly', async () => {
    await using redis = client()
    await redis.watch('w')
    await killConnections(primary, NAME)
    await redis.ping()
    expect(await redis.pipeline().multi().incr('n').exec().set('after', 'yes').get('after').exec()).toEqual([
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
    const heal = await demote(primary)
    const result = redis.multi().set('w', 'mine').exec()
    await eventually(() => {
      expect(redis.stats().holdReasons).toContain('connection')
    })
    await heal()
    expect(await result).toBeNull()
  })
})

describe('refused by a primary that has become a replica (READONLY)', () => {
  test('a transaction is sent again as a whole', async () => {
    await using redis = client()
    await redis.set('n', '10')
    const heal = await demote(primary)
    const results = Promise.all([redis.multi().incr('n').get('n').exec(), redis.multi().incr('n').exec()])
    await eventually(() => {
      expect(redis.stats().holdReasons).toContain('connection')
    })
    await heal()
    expect(await results).toEqual([
      [
        [null, 11],
        [null, '11']
      ],
      [[null, 12]]
    ])
    expect(await primary.command('GET', 'n')).toBe('12')
  })

  test('one that is being built goes on', async () => {
    await using redis = client()
    await redis.multi({ pipeline: false })
    await redis.incr('n')
    const heal = await demote(primary)
    const queued = redis.incr('n')
    await eventually(() => {
      expect(redis.stats().holdReasons).toContain('connection')
    })
    await heal()
    expect(await queued).toBe('QUEUED')
    expect(await redis.exec()).toEqual([
      [null, 1],
      [null, 2]
    ])
  })

  test('a pipeline is executed once, in order', async () => {
    await using redis = client()
    await redis.ping()
    const heal = await demote(primary)
    const result = redis.pipeline().rpush('l', '1').rpush('l', '2').lrange('l', 0, -1).exec()
    await eventually(() => {
      expect(redis.stats().holdReasons).toContain('connection')
    })
    await heal()
    expect((await result)?.slice(0, 2)).toEqual([
      [null, 1],
      [null, 2]
    ])
    expect(await primary.command('LRANGE', 'l', 0, -1)).toEqual(['1', '2'])
  })
})

describe('the connection is cut after execution and before the reply', () => {
  const cutBeforeReply = async (
    call: (redis: SentinelRedis) => Promise<unknown>,
    check: (result: unknown) => unknown
  ): Promise<void> => {
    await using wire = await ReplyCutter.to(primary.address)
    await using redis = clientOf(topology, { readFrom: 'primary', addressMap: () => wire.address, sentinels: [] })
    await redis.ping()
    wire.cutAfter(0)
    await check(await outcome(call(redis)))
    expect(await redis.ping()).toBe('PONG')
  }
  void cutBeforeReply
})
