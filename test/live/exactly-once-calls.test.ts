import type { SentinelRedis } from 'ioredis-sentinel'
import { ConfigurationError, UnknownOutcomeError } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { describe, expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf, failOver, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually, replicated } from './support/server-view.js'

const quiet = useQuietTopology()

const client = (options: Parameters<typeof clientOf>[1] = {}): SentinelRedis =>
  clientOf(quiet.topology, { readFrom: 'primary', ...options })

const tokens = async (node: LocalNode = quiet.primary, db = 0): Promise<string[]> => {
  const all = (await node.command(
    'EVAL',
    `redis.call('SELECT', ARGV[1]) return redis.call('KEYS', '*')`,
    '0',
    String(db)
  )) as string[]
  return all.filter((key) => key.includes('exactly-once:') || key.includes('mine:'))
}

describe('a token of your own', () => {
  test('holds for another client, after a restart of the program, and after a failover', async () => {
    await using first = client()
    expect(await first.with({ exactlyOnce: { token: 'payment-17' } }).incr('paid')).toBe(1)
    await using second = client()
    expect(await second.with({ exactlyOnce: { token: 'payment-17' } }).incr('paid')).toBe(1)
    await replicated(quiet.primary, quiet.replicas)
    await failOver(quiet.topology, second)
    expect(await second.with({ exactlyOnce: { token: 'payment-17' } }).incr('paid')).toBe(1)
    expect(await second.get('paid')).toBe('1')
  })

  test('names one command with its arguments', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: { token: 'one' } })
    await once.incrby('n', 5)
    await once.incrby('n', '5')
    for (const other of [
      once.incrby('n', 6),
      once.incr('n'),
      once.multi().incrby('n', 5).exec(),
      once.eval('return 1', 0)
    ]) {
      const error = await outcome(other)
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(String(error)).toMatch(/token "one" was used before for another command/)
    }
    expect(await redis.get('n')).toBe('5')
  })

  test('a pipeline of several writes needs one for each; multi() is one call', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: { token: 'some' } })
    const results = await once.pipeline().incr('a').incr('b').exec()
    expect(results?.map(([error]) => error)).toEqual([expect.any(ConfigurationError), expect.any(ConfigurationError)])
    expect(await once.pipeline().get('a').incr('b').exec()).toEqual([
      [null, null],
      [null, 1]
    ])
  })

  test('is kept as long as ttlMs says, and longer than the call may be sent again', async () => {
    await using redis = client()
    await redis.with({ exactlyOnce: { token: 'long', ttlMs: 3_600_000 } }).incr('n')
    await redis.with({ exactlyOnce: { token: 'short', ttlMs: 1_000 }, deadlineMs: 5_000 }).incr('n')
    await redis.with({ exactlyOnce: { token: 'standard' }, deadlineMs: 5_000 }).incr('n')
    const left = (name: string): Promise<number> => redis.pttl(`exactly-once:${name}`)
    expect(await left('long')).toBeGreaterThan(3_500_000)
    expect(await left('short')).toBeGreaterThan(50_000)
    expect(await left('short')).toBeLessThanOrEqual(65_000)
    expect(await left('standard')).toBeGreaterThan(550_000)
    expect(await left('standard')).toBeLessThanOrEqual(605_000)
  })
})

describe('tokens that nobody asks for again', () => {
  test('are forgotten with the next call, in each database', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: true })
    for (let i = 0; i < 100; i++) await once.incr('n')
    await redis.select(3)
    for (let i = 0; i < 100; i++) await once.multi().incr('n').exec()
    expect(await redis.get('n')).toBe('100')
    expect([await tokens(), await tokens(quiet.primary, 3)].map((found) => found.length)).toEqual([1, 1])
  })

  test('after many at once, a few at a time', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: true })
    await Promise.all(Array.from({ length: 160 }, () => once.incr('n')))
    for (let i = 0; i < 12; i++) await once.incr('n')
    expect((await tokens()).length).toBeLessThan(20)
  })

  test('a command that failed leaves none', async () => {
    await using redis = client()
    await redis.set('text', 'x')
    await expect(redis.with({ exactlyOnce: { token: 'failed' } }).incr('text')).rejects.toThrow(/not an integer/)
    expect(await tokens()).toEqual([])
    await redis.del('text')
    expect(await redis.with({ exactlyOnce: { token: 'failed' } }).incr('text')).toBe(1)
  })

  test('a script that wrote and failed is not executed again', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: { token: 'half' } })
    const half = (): Promise<unknown> => once.eval(`redis.call('INCR', KEYS[1]) error('half way')`, 1, 'n')
    const first = await outcome(half())
    expect(String(first)).toMatch(/half way/)
    expect(String(await outcome(half()))).toBe(String(first))
    expect(await redis.get('n')).toBe('1')
  })
})

describe('a server that refuses has executed nothing', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['OOM', ['maxmemory', '1'], ['maxmemory', '0']],
    ['NOREPLICAS', ['min-replicas-to-write', '9'], ['min-replicas-to-write', '0']]
  ])('%s', async (name, set, reset) => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: { token: 'refused' } })
    await redis.ping()
    await quiet.primary.command('CONFIG', 'SET', ...set)
    let done: unknown
    try {
      const call = outcome(once.rpush('list', 'x'))
      if (name === 'OOM') done = await call
      else {
        // Sent again until it is taken.
        await eventually(() => {
          expect(redis.stats().retried).toBeGreaterThan(0)
        })
        await quiet.primary.command('CONFIG', 'SET', ...reset)
        done = await call
      }
    } finally {
      await quiet.primary.command('CONFIG', 'SET', ...reset)
    }
    if (name === 'OOM') {
      expect(String(done)).toMatch(/OOM command not allowed/)
      expect(await tokens()).toEqual([])
      expect(await once.rpush('list', 'x')).toBe(1)
    } else expect(done).toBe(1)
    expect(await redis.lrange('list', 0, -1)).toEqual(['x'])
  })

  test('READONLY: by a primary that has become a replica, a known call too', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: { token: 'demoted' } })
    expect(await once.incr('n')).toBe(1)
    await quiet.primary.command('REPLICAOF', '127.0.0.1', '1')
    try {
      const replies = Promise.all([once.incr('n'), redis.with({ exactlyOnce: true }).incr('n')])
      await eventually(() => {
        expect(redis.stats().retried).toBeGreaterThanOrEqual(2)
      })
      await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
      expect(await replies).toEqual([1, 2])
    } finally {
      await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
    }
  })

  test('a user who may not write tokens: nothing is executed', async () => {
    await quiet.primary.command('ACL', 'SETUSER', 'app', 'on', '>secret', '+@all', '-set', '~*', '&*')
    try {
      await using app = client({ username: 'app', password: 'secret' })
      await expect(app.with({ exactlyOnce: true }).incr('n')).rejects.toThrow(
        /can't run this command|no permissions to run the 'set' command/
      )
      expect(await app.get('n')).toBeNull()
    } finally {
      await quiet.primary.command('ACL', 'DELUSER', 'app')
    }
  })

  test('a user without the right to the token’s key, and one who has it', async () => {
    await quiet.primary.command('ACL', 'SETUSER', 'app', 'on', '>secret', '+@all', '-flushall', '~app:*', '&*')
    try {
      await using app = client({ username: 'app', password: 'secret' })
      await expect(app.with({ exactlyOnce: true }).incr('app:n')).rejects.toThrow(/^NOPERM/)
      expect(await app.get('app:n')).toBeNull()
      expect(await app.with({ exactlyOnce: { tokenPrefix: 'app:mine:' } }).incr('app:n')).toBe(1)
      await using prefixed = client({ username: 'app', password: 'secret', keyPrefix: 'app:' })
      expect(await prefixed.with({ exactlyOnce: true }).incr('n')).toBe(2)
      await expect(app.with({ exactlyOnce: { tokenPrefix: 'app:' } }).incr('other')).rejects.toThrow(
        /NOPERM|permission/
      )
      expect((await tokens()).every((key) => key.startsWith('app:'))).toBe(true)
    } finally {
      await quiet.primary.command('ACL', 'DELUSER', 'app')
    }
  })
})

describe('scripts', () => {
  const ADD = `return redis.call('INCRBY', KEYS[1], ARGV[1])`
  type Scripted = SentinelRedis & { add(key: string, by: number): Promise<number> }

  test('of defineCommand and the scripts option, by evalsha of a known one, and not of an unknown one', async () => {
    await using redis = client({ keyPrefix: 'p:', scripts: { add: { lua: ADD, numberOfKeys: 1 } } })
    const once = redis.with({ exactlyOnce: true }) as Scripted
    expect(await once.add('n', 2)).toBe(2)
    expect(await once.pipeline().incr('n').exec()).toEqual([[null, 3]])
    const multi = once.multi() as unknown as { add(key: string, by: number): { exec(): Promise<unknown> } }
    expect(await multi.add('n', 4).exec()).toEqual([[null, 7]])
    const sha = String(await quiet.primary.command('SCRIPT', 'LOAD', ADD))
    expect(await once.evalsha(sha, 1, 'n', 1)).toBe(8)
    expect(await quiet.primary.command('GET', 'p:n')).toBe('8')
  })

  test('an evalsha whose text this client has not sent is answered as by a server that does not know it, until it has', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: true })
    const sha = String(await quiet.primary.command('SCRIPT', 'LOAD', ADD))
    const plain = (await outcome(redis.evalsha('f'.repeat(40), 1, 'n', 1))) as Error
    const unknown = (await outcome(once.evalsha(sha, 1, 'n', 1))) as Error
    // Redis says behind it what to use instead, Valkey does not.
    const said = /^NOSCRIPT No matching script\./
    expect(plain.message).toMatch(said)
    expect(unknown).toMatchObject({
      name: plain.name,
      message: expect.stringMatching(said) as string,
      command: { name: 'evalsha' }
    })
    expect(String(unknown.cause)).toMatch(/needs the text of the script.*eval, defineCommand/)
    const [[among] = [], [none] = []] = (await once.pipeline().evalsha(sha, 1, 'n', 1).incr('m').exec()) ?? []
    expect([among?.message, none]).toEqual([unknown.message, null])
    await expect(once.multi().incr('m').evalsha(sha, 1, 'n', 1).exec()).rejects.toThrow(unknown.message)
    expect(await redis.mget('n', 'm')).toEqual([null, '1'])
    expect(await once.eval(ADD, 1, 'n', 1)).toBe(1)
    expect(await once.evalsha(sha, 1, 'n', 2)).toBe(3)
    expect(await redis.with({ exactlyOnce: true }).multi().evalsha(sha.toUpperCase(), 1, 'n', 4).exec()).toEqual([
      [null, 7]
    ])
    const loaded = String(await once.script('LOAD', `${ADD} `))
    expect(await once.evalsha(loaded, 1, 'n', 8)).toBe(15)
  })

  test('the wrapper that a server has lost is given to it again, in order', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: true })
    await once.rpush('list', 'before')
    await quiet.primary.command('SCRIPT', 'FLUSH')
    expect(await once.rpush('list', 'after')).toBe(2)
    await replicated(quiet.primary, quiet.replicas)
    await failOver(quiet.topology, redis)
    expect(await once.rpush('list', 'elsewhere')).toBe(3)
    expect(await redis.lrange('list', 0, -1)).toEqual(['before', 'after', 'elsewhere'])
  })

  test('one that calls SELECT is refused, Lua’s own select is not', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: true })
    await expect(once.eval(`return redis.call("select", 1)`, 0)).rejects.toThrow(/names SELECT/)
    expect(await once.eval(`return select('#', 1, 2)`, 0)).toBe(2)
  })
})

describe('multi()', () => {
  test('is one call; what fails in it does not undo the rest', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: { token: 'all' } })
    const all = (): Promise<unknown> => once.multi().set('text', 'x').incr('text').rpush('list', 'y').exec()
    const results = (await all()) as [Error | null, unknown][]
    expect(results.map(([error, value]) => error?.message ?? value)).toEqual([
      'OK',
      'ERR value is not an integer or out of range',
      1
    ])
    expect(await all()).toEqual(results)
    expect(await redis.lrange('list', 0, -1)).toEqual(['y'])
  })

  test('as an array, empty, in a pipeline', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: true })
    expect(await once.multi([['incr', 'n']]).exec()).toEqual([[null, 1]])
    expect(await once.multi().exec()).toEqual([])
    const within = once.pipeline([['incr', 'n'], ['multi'], ['incr', 'n'], ['incr', 'n'], ['exec'], ['incr', 'n']])
    expect(await within.exec()).toEqual([
      [null, 2],
      [null, 'OK'],
      [null, 'QUEUED'],
      [null, 'QUEUED'],
      [null, [3, 4]],
      [null, 5]
    ])
    expect(await redis.get('n')).toBe('5')
  })

  test('with watched keys, command by command, or with what a script may not call, is refused and does nothing', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: true })
    await redis.watch('n')
    await expect(once.multi().incr('n').exec()).rejects.toThrow(/keys are watched/)
    await redis.unwatch()
    for (const call of [
      once.watch('n'),
      once.multi({ pipeline: false }),
      once.multi().incr('n').blpop('list', 1).exec()
    ])
      await expect(call).rejects.toThrow(ConfigurationError)
    expect(await redis.get('n')).toBeNull()
  })
})

describe('together with', () => {
  test('reads, subscriptions and the like: they are made as they are', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: true })
    expect(await once.get('none')).toBeNull()
    expect(await once.pipeline().get('none').exists('none').exec()).toEqual([
      [null, null],
      [null, 0]
    ])
    expect(await once.ping()).toBe('PONG')
    await once.subscribe('news')
    const heard = new Promise((resolve) => redis.once('message', (_channel, message) => resolve(message)))
    expect(await once.publish('news', 'told')).toBe(1)
    expect(await heard).toBe('told')
    for (const call of [once.blpop('list', 1), once.fcall('f', 0), once.config('SET', 'maxmemory', '0')])
      await expect(call).rejects.toThrow(/cannot be made with exactlyOnce/)
    await expect(once.rpush('list', ...Array.from({ length: 8_000 }, String))).rejects.toThrow(/at most 7900/)
  })

  test('buffers, keyPrefix of bytes, another database, automatic pipelining', async () => {
    const odd = Buffer.from([0xff, 0x00, 0x0d, 0x0a])
    await using redis = client({ db: 4, enableAutoPipelining: true, keyPrefix: 'ä:' })
    const once = redis.with({ exactlyOnce: true })
    expect(
      await Promise.all([once.getset(odd, odd), once.getsetBuffer(odd, 'x'), once.incr('n'), once.get('n')])
    ).toEqual([null, odd, 1, '1'])
    expect((await tokens(quiet.primary, 4)).every((key) => key.startsWith('ä:exactly-once:'))).toBe(true)
    expect(await tokens()).toEqual([])
  })

  test('durability, a deadline and a signal', async () => {
    await using redis = client()
    const all = redis.with({ exactlyOnce: true, durability: { replicas: 2, timeoutMs: 5_000 }, deadlineMs: 10_000 })
    expect(await all.rpush('list', 'x')).toBe(1)
    for (const replica of quiet.replicas) expect(await replica.command('LRANGE', 'list', '0', '-1')).toEqual(['x'])
    await expect(all.with({ signal: AbortSignal.abort() }).rpush('list', 'y')).rejects.toMatchObject({
      code: 'ABORTED'
    })
    expect(await redis.lrange('list', 0, -1)).toEqual(['x'])
  })

  test('a deadline that passes in flight: unknown, and the same token tells', async () => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    await using redis = client({ addressMap: proxy.asPrimary, suspectAfterMs: 10_000 })
    await redis.ping()
    void proxy.arm('stall', 'replies', 0)
    const error = await outcome(redis.with({ exactlyOnce: { token: 'late' }, deadlineMs: 200 }).incr('n'))
    expect(error).toBeInstanceOf(UnknownOutcomeError)
    expect(error).toMatchObject({ command: 'incr', stage: 'in-flight' })
    expect(String(error)).toMatch(/INCR was written .* executed, once/)
    expect(redis.stats().unknown).toBe(1)
    proxy.release()
    expect(await redis.with({ exactlyOnce: { token: 'late' } }).incr('n')).toBe(1)
  })

  test('reads of what was written come from where it is', async () => {
    await using redis = clientOf(quiet.topology)
    const once = redis.with({ exactlyOnce: true })
    for (let i = 1; i <= 50; i++) {
      await once.incr('n')
      expect(await redis.get('n')).toBe(String(i))
    }
  })
})
