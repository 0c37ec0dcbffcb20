import type { SentinelRedis, SentinelRedisOptions, Transaction } from 'ioredis-sentinel'
import {
  AbortedError,
  ConfigurationError,
  ConflictError,
  DeadlineError,
  DurabilityError,
  UnknownOutcomeError
} from 'ioredis-sentinel'
import { describe, expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { holds, usable } from './support/client-view.js'
import { clientOf, failOver, outcome } from './support/clients.js'
import { holdBack } from './support/held-back.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { connectionsNamed, eventually, killConnections, replicated } from './support/server-view.js'

const NAME = 'own-transactions'

const quiet = useQuietTopology()
const client = (options: Partial<SentinelRedisOptions> = {}): SentinelRedis =>
  clientOf(quiet.topology, { connectionName: NAME, readFrom: 'primary', ...options })

const increment = async (tx: Transaction, key = 'n'): Promise<number> => {
  const next = Number((await tx.get(key)) ?? 0) + 1
  await tx.multi().set(key, next).exec()
  return next
}

/** A chain that is refused here: nothing of it is sent. */
const refusedChain = (tx: Transaction): Promise<unknown> => tx.multi().blpop('queue', 1).exec()

const never = (): Promise<never> => new Promise(() => undefined)

test('keys are watched no more when exec() was refused here', async () => {
  await using redis = client()
  const refused = redis.transaction(async (tx) => {
    await tx.get('n')
    await refusedChain(tx)
  })
  expect(await outcome(refused)).toBeInstanceOf(ConfigurationError)
  const next = redis.transaction(
    async (tx) => {
      await tx.get('m')
      await quiet.primary.command('INCR', 'n')
      await tx.multi().set('m', '1').exec()
    },
    { attempts: 1 }
  )
  expect(await outcome(next)).toBeUndefined()
  expect(await redis.get('m')).toBe('1')
})

describe('what it gives', () => {
  test('reads, then writes together, and gives what the callback gives', async () => {
    await using redis = client()
    await redis.hset('stock', 'apples', '3')
    const left = await redis.transaction(async (tx) => {
      const { apples } = await tx.hgetall('stock')
      const results = await tx.multi().hincrby('stock', 'apples', -1).rpush('sold', 'apple').hgetall('stock').exec()
      expect(results).toEqual([
        [null, 2],
        [null, 1],
        [null, { apples: '2' }]
      ])
      return Number(apples) - 1
    })
    expect(left).toBe(2)
    expect(await redis.hget('stock', 'apples')).toBe('2')
  })

  test('in the database, with the prefix and the scripts of the client, and with buffers, arrays and callbacks as in ioredis', async () => {
    await using redis = client({ keyPrefix: 'p:', enableAutoPipelining: true })
    await redis.transaction((tx) => increment(tx))
    await redis.select(3)
    redis.defineCommand('add', { lua: `return redis.call('INCRBY', KEYS[1], ARGV[1])`, numberOfKeys: 1 })
    const results = await redis.transaction(async (tx) => {
      expect(await tx.getBuffer('n')).toBeNull()
      const chain = tx.multi([['set', 'n', '5']]) as unknown as {
        add(key: string, by: number): typeof chain
      } & ReturnType<Transaction['multi']>
      return new Promise((resolve, reject) => {
        chain
          .add('n', 2)
          .getBuffer('n')
          .exec((error, given) => {
            if (error) reject(error)
            else resolve(given)
          })
          .catch(reject)
      })
    })
    expect(results).toEqual([
      [null, 'OK'],
      [null, 7],
      [null, Buffer.from('7')]
    ])
    expect(await redis.get('n')).toBe('7')
    expect(await quiet.primary.command('GET', 'p:n')).toBe('1')
  })

  test('a command that fails when it is executed is an error among the results, and one that cannot be queued aborts', async () => {
    await using redis = client()
    await redis.set('text', 'x')
    const mixed = await redis.transaction((tx) => tx.multi().incr('text').incr('n').exec())
    expect(mixed).toEqual([
      [expect.objectContaining({ message: expect.stringMatching(/not an integer/) as string }), null].slice(0, 1),
      [null, 1]
    ])
    await expect(redis.transaction((tx) => tx.multi().call('SET', 'a').exec())).rejects.toThrow(/EXECABORT/)
    expect(
      await redis.transaction((tx) =>
        tx
          .multi()
          .call('SET', 'a')
          .exec()
          .catch(() => 'caught')
      )
    ).toBe('caught')
  })

  test('a script of defineCommand is known after a conflict too', async () => {
    await using redis = client()
    redis.defineCommand('add', {
      lua: `return redis.call('INCRBY', KEYS[1], ARGV[1]) -- after a conflict`,
      numberOfKeys: 1
    })
    let runs = 0
    const results = await redis.transaction(async (tx) => {
      await tx.get('n')
      if (++runs < 3) await redis.set('n', runs)
      const chain = tx.multi() as unknown as { add(key: string, by: number): ReturnType<Transaction['multi']> }
      return chain.add('n', 5).exec()
    })
    expect([runs, results]).toEqual([3, [[null, 7]]])
  })

  test('an empty multi() proves that nothing has changed', async () => {
    await using redis = client()
    let runs = 0
    const value = await redis.transaction(async (tx) => {
      const read = await tx.get('n')
      if (++runs === 1) await redis.set('n', '1')
      expect(await tx.multi().exec()).toEqual([])
      return read
    })
    expect([runs, value]).toEqual([2, '1'])
  })

  test('the client reads back what was written, however far the replicas are behind', async () => {
    await using redis = client({ readFrom: 'replicaPreferred' })
    await usable(redis, 2)
    await redis.transaction((tx) => increment(tx))
    await replicated(quiet.primary, quiet.replicas)
    const release = await Promise.all(quiet.replicas.map(holdBack))
    try {
      expect(await redis.transaction((tx) => increment(tx))).toBe(2)
      expect(await redis.get('n')).toBe('2')
    } finally {
      await Promise.all(release.map((goOn) => goOn()))
    }
    expect(redis.stats().transactions).toEqual({ connections: 1, waiting: 0 })
  })

  test('also when the replicas were seen to hold all that the primary had executed while EXEC was on its way', async () => {
    await using redis = client({ readFrom: 'replicaPreferred' })
    await usable(redis, 2)
    await redis.transaction((tx) => increment(tx))
    await quiet.primary.command('CLIENT', 'PAUSE', '60000', 'WRITE')
    const release: (() => Promise<void>)[] = []
    try {
      const done = redis.transaction((tx) => increment(tx))
      await eventually(async () => {
        const connections = await connectionsNamed(quiet.primary, NAME)
        // What is paused is the first of its writes.
        expect(connections.map(({ cmd }) => cmd)).toContain('set')
      })
      const { readsOnReplicas } = redis.stats()
      await eventually(async () => {
        expect(await redis.get('n')).toBe('1')
        expect(redis.stats().readsOnReplicas).toBeGreaterThan(readsOnReplicas)
      })
      release.push(...(await Promise.all(quiet.replicas.map(holdBack))))
      await quiet.primary.command('CLIENT', 'UNPAUSE')
      await done
      expect(await redis.get('n')).toBe('2')
    } finally {
      await quiet.primary.command('CLIENT', 'UNPAUSE')
      await Promise.all(release.map((goOn) => goOn()))
    }
  })
})

describe('a conflict', () => {
  test('runs it again; what is read is watched, and what is not read by tx is not', async () => {
    await using redis = client()
    let runs = 0
    const result = await redis.transaction(async (tx) => {
      await redis.get('other')
      const [n, [, second], exists] = await Promise.all([tx.get('n'), tx.mget('a', 'b'), tx.exists('c')])
      runs += 1
      if (runs === 1) await redis.set('n', '10')
      if (runs === 2) await redis.set('b', 'x')
      if (runs === 3) await redis.set('c', 'x')
      await redis.set('other', runs)
      await tx
        .multi()
        .set('n', Number(n) + 1)
        .exec()
      return [n, second, exists]
    })
    expect([runs, result]).toEqual([4, ['10', 'x', 1]])
    expect(await redis.get('n')).toBe('11')
  })

  test('with a key that watch() names', async () => {
    await using redis = client()
    for (const watch of [
      (tx: Transaction) => tx.watch('a', 'b'),
      (tx: Transaction) => tx.watch(['a', Buffer.from('b')])
    ]) {
      let runs = 0
      await redis.transaction(async (tx) => {
        expect(await watch(tx)).toBe('OK')
        if (++runs === 1) await redis.set('b', 'x')
        await tx.multi().set('n', runs).exec()
      })
      expect([runs, await redis.get('n')]).toEqual([2, '2'])
    }
  })

  test('each time ends in ConflictError that names the keys, also when the callback catches it', async () => {
    await using redis = client({ keyPrefix: 'p:' })
    let runs = 0
    const seen: unknown[] = []
    const lose = (): Promise<unknown> =>
      redis.transaction(
        async (tx) => {
          await tx.mget('n', 'm')
          await redis.set('n', ++runs)
          seen.push(await outcome(tx.multi().set('lost', '1').exec()))
          return 'caught'
        },
        { attempts: 3 }
      )
    const error = await outcome(lose())
    expect(error).toBeInstanceOf(ConflictError)
    expect(error).toMatchObject({ code: 'CONFLICT', reason: 'changed', attempts: 3, keys: ['p:n', 'p:m'] })
    expect(String(error)).toMatch(/\("p:n", "p:m"\) was changed before EXEC, in 3 of 3 runs.*nothing was executed/)
    expect(seen.map((one) => (one as ConflictError).attempts)).toEqual([1, 2, 3])
    expect([runs, await redis.exists('lost')]).toEqual([3, 0])
    expect(await redis.transaction((tx) => increment(tx, 'fine'))).toBe(1)
  })

  test('20 at once lose nothing, ten at a time', async () => {
    await using redis = client()
    let most = 0
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        redis.transaction(async (tx) => {
          most = Math.max(most, redis.stats().transactions.waiting)
          return increment(tx)
        })
      )
    )
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(await redis.get('n')).toBe('20')
    expect(most).toBe(10)
    expect(redis.stats().transactions).toEqual({ connections: 10, waiting: 0 })
  })
})

describe('the end of the callback', () => {
  test('what it throws is thrown as it is, and its connection watches nothing any more', async () => {
    await using redis = client()
    const mine = new Error('sold out')
    expect(
      await outcome(
        redis.transaction(async (tx) => {
          await tx.get('n')
          throw mine
        })
      )
    ).toBe(mine)
    await redis.set('n', '1')
    expect(await redis.transaction((tx) => increment(tx, 'm'), { attempts: 1 })).toBe(1)
    expect(redis.stats().transactions.connections).toBe(1)
  })

  test('without exec() it is what it gives, and nothing is watched any more', async () => {
    await using redis = client()
    expect(await redis.transaction(async (tx) => (await tx.get('n')) ?? 'none')).toBe('none')
    expect(await redis.transaction(() => 7)).toBe(7)
    await redis.set('n', '1')
    expect(await redis.transaction((tx) => increment(tx, 'm'), { attempts: 1 })).toBe(1)
  })

  test('with commands that were not executed it is an error', async () => {
    await using redis = client()
    const error = await outcome(
      redis.transaction(async (tx) => {
        tx.multi().set('n', '1').incr('n')
      })
    )
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toMatch(/ended without exec\(\): 2 commands were put into tx\.multi\(\) and not executed/)
    expect(await redis.get('n')).toBeNull()
  })

  test('an exec() that it does not wait for is waited for, and its failure is not lost', async () => {
    await using redis = client()
    await redis.transaction(async (tx) => {
      void tx.multi().set('n', '1').exec()
    })
    expect(await redis.get('n')).toBe('1')
    await expect(
      redis.transaction(async (tx) => {
        void tx.multi().call('SET', 'a').exec()
      })
    ).rejects.toThrow(/EXECABORT/)
    let runs = 0
    await redis.transaction(async (tx) => {
      await tx.get('n')
      if (++runs === 1) await redis.set('n', '2')
      void tx.multi().incr('n').exec()
    })
    expect([runs, await redis.get('n')]).toEqual([2, '3'])
  })
})

describe('what cannot be done is told', () => {
  test.each<[string, (tx: SentinelRedis) => unknown, RegExp]>([
    ['a write', (tx) => tx.set('n', '1'), /SET on tx itself would be executed at once.*tx\.multi\(\)/],
    ['a script', (tx) => tx.eval('return 1', 0), /EVAL on tx itself/],
    ['an unknown command', (tx) => tx.call('json.get', 'n'), /JSON\.GET on tx itself/],
    ['a blocking call', (tx) => tx.blpop('list', 0), /BLPOP would block.*duplicate\(\)/],
    ['XREAD with BLOCK', (tx) => tx.xread('BLOCK', 10, 'STREAMS', 's', '$'), /XREAD would block/],
    ['SUBSCRIBE', (tx) => tx.subscribe('news'), /SUBSCRIBE changes the state/],
    ['SELECT', (tx) => tx.select(1), /SELECT changes the state/],
    ['UNWATCH', (tx) => tx.unwatch(), /UNWATCH is what the transaction does by itself/],
    ['exec()', (tx) => tx.exec(), /tx\.exec\(\) cannot be called: it belongs to tx\.multi\(\)/],
    ['pipeline()', (tx) => tx.pipeline(), /tx\.pipeline\(\).*Promise\.all/],
    ['with()', (tx) => tx.with({}), /tx\.with\(\) cannot be called: call it on the client/],
    ['quit()', (tx) => tx.quit(), /tx\.quit\(\)/],
    [
      'multi({ pipeline: false })',
      (tx) => tx.multi({ pipeline: false }),
      /cannot be made: the writes are sent together/
    ],
    ['a second multi()', (tx) => [tx.multi(), tx.multi()], /called twice.*one EXEC a run/],
    ['a blocking call in multi()', (tx) => tx.multi().blpop('list', 0).exec(), /BLPOP does not wait between MULTI/],
    ['SELECT in multi()', (tx) => tx.multi().select(1).exec(), /SELECT cannot stand in tx\.multi\(\)/],
    [
      'a read after exec()',
      (tx) =>
        tx
          .multi()
          .incr('m')
          .exec()
          .then(() => tx.get('n')),
      /GET was called on tx after exec\(\)/
    ],
    [
      'multi() after exec()',
      (tx) =>
        tx
          .multi()
          .exec()
          .then(() => tx.multi()),
      /MULTI was called on tx after exec\(\)/
    ],
    ['tx.transaction()', (tx) => tx.transaction(() => 1), /tx\.transaction\(\) cannot be called/]
  ])('%s', async (_name, call, message) => {
    await using redis = client()
    const error = await outcome(redis.transaction(async (tx) => call(tx as unknown as SentinelRedis)))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toMatch(message)
    expect(await redis.get('n')).toBeNull()
    expect(await redis.transaction((tx) => increment(tx))).toBe(1)
  })

  test('tx after its transaction', async () => {
    await using redis = client()
    const kept = await redis.transaction((tx) => ({ tx }))
    for (const late of [() => kept.tx.get('n'), async () => kept.tx.multi(), () => kept.tx.watch('n')]) {
      const error = await outcome(late())
      expect(String(error)).toMatch(/was called on tx when its transaction was over.*is an await missing/)
    }
  })

  test('transaction() within transaction() of the same client, and it may follow, or be another client’s', async () => {
    await using redis = client({ maxTransactions: 1 })
    await using other = client()
    let after: Promise<unknown> | undefined
    const error = await outcome(
      redis.transaction(async () => {
        expect(await other.transaction((tx) => increment(tx))).toBe(1)
        after = eventually(() => redis.transaction((tx) => increment(tx, 'm')))
        return redis.transaction((tx) => increment(tx))
      })
    )
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toMatch(/called within the callback of a transaction of the same client/)
    await after
    expect(await redis.mget('n', 'm')).toEqual(['1', '1'])
  })

  test.each<[unknown, unknown, RegExp]>([
    [undefined, undefined, /was given undefined; allowed is a function/],
    [() => 1, { attempt: 3 }, /takes no option "attempt".*Did you mean "attempts"/],
    [() => 1, { deadlineMs: 3 }, /client\.with\(\{ deadlineMs/],
    [() => 1, { attempts: 0 }, /attempts: 0 \}\); allowed is a whole number from 1/],
    [() => 1, 7, /allowed as options: \{ attempts \}/]
  ])('transaction(%s, %s)', async (run, options, message) => {
    await using redis = client()
    const error = await outcome(redis.transaction(run as () => number, options as object))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toMatch(message)
  })

  test('rights that are missing', async () => {
    await quiet.primary.command('ACL', 'SETUSER', 'unwatched', 'on', '>pw', '~*', '&*', '+@all', '-watch')
    await using redis = client({ username: 'unwatched', password: 'pw' })
    await expect(redis.transaction((tx) => increment(tx))).rejects.toThrow(/NOPERM.*watch/)
    expect(await redis.get('n')).toBeNull()
    await quiet.primary.command('ACL', 'DELUSER', 'unwatched')
  })
})

describe('a connection that is lost before EXEC', () => {
  const lose = async (): Promise<void> => {
    expect(await killConnections(quiet.primary, NAME)).toBeGreaterThan(0)
  }

  test('has it run again, and nothing of the lost run goes on, whatever the callback makes of it', async () => {
    await using redis = client()
    let runs = 0
    const errors: unknown[] = []
    const result = await redis.transaction(
      async (tx) => {
        await tx.get('n')
        if (++runs === 1) {
          await lose()
          await eventually(async () => {
            errors.push(await outcome(tx.get('n')))
            expect(errors.at(-1)).toBeInstanceOf(ConflictError)
          })
          errors.push(await outcome(tx.multi().incr('n').exec().then(never)))
          return -1
        }
        return increment(tx)
      },
      { attempts: 1 }
    )
    expect([runs, result]).toEqual([2, 1])
    expect(errors.at(-1)).toMatchObject({ reason: 'connection-lost', keys: ['n'] })
  })

  test('rejects what is outstanding', async () => {
    await using wire = await ByteProxy.to(quiet.primary.address)
    await using redis = client({ addressMap: wire.asPrimary })
    let runs = 0
    const errors: unknown[] = []
    await redis.transaction(async (tx) => {
      await tx.watch('n')
      if (++runs > 1) return
      void wire.arm('swallow', 'replies', 0)
      const outstanding = [tx.get('n'), tx.get('m')].map(outcome)
      await eventually(() => {
        expect(wire.armed).toBe(false)
      })
      wire.cutAll()
      errors.push(...(await Promise.all(outstanding)))
    })
    expect(runs).toBe(2)
    expect(errors).toMatchObject([{ reason: 'connection-lost' }, { reason: 'connection-lost' }])
  })

  test('by a failover: it is run again on the new primary', async () => {
    await using redis = client()
    await redis.set('n', '10')
    await redis.wait(2, 5_000)
    let runs = 0
    const result = await redis.transaction(
      async (tx) => {
        const value = Number(await tx.get('n'))
        if (++runs === 1) await failOver(quiet.topology, redis)
        await tx
          .multi()
          .set('n', value + 1)
          .exec()
        return value + 1
      },
      { attempts: 1 }
    )
    expect([runs, result]).toEqual([2, 11])
    expect(await redis.get('n')).toBe('11')
  })

  test('before anything was read nothing is lost', async () => {
    await using redis = client()
    let runs = 0
    await redis.transaction(async (tx) => {
      runs += 1
      await redis.ping()
      const killed = new Set((await connectionsNamed(quiet.primary, NAME)).map(({ id }) => id))
      await lose()
      // It has noticed when it is there again; until then what is written may be of unknown outcome.
      await eventually(async () => {
        const now = await connectionsNamed(quiet.primary, NAME)
        expect(now.filter(({ id }) => !killed.has(id)).length).toBeGreaterThanOrEqual(killed.size)
      })
      await tx.multi().incr('n').exec()
    })
    expect([runs, await redis.get('n')]).toEqual([1, '1'])
  })

  test('a primary that has become a replica refuses EXEC: it is run again', async () => {
    await using redis = client()
    let runs = 0
    const done = redis.transaction(async (tx) => {
      runs += 1
      await tx.get('n')
      if (runs === 1) await quiet.primary.command('REPLICAOF', '127.0.0.1', '1')
      await tx.multi().incr('n').exec()
    })
    try {
      await eventually(() => {
        expect(runs).toBe(2)
      })
    } finally {
      await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
    }
    await done
    expect(await redis.get('n')).toBe('1')
  })
})

describe('a connection that is lost after EXEC was written', () => {
  type Made = (redis: SentinelRedis) => SentinelRedis
  interface Case {
    readonly made: Made
    /** Which way the connection is cut when EXEC is called. */
    readonly cut: 'requests' | 'replies'
  }

  /** The increment by a transaction whose connection is cut at EXEC; how often it ran, and what it came to. */
  const cutAtExec = async ({ made, cut }: Case): Promise<{ runs: number; result: unknown; unknown: number }> => {
    await using wire = await ByteProxy.to(quiet.primary.address)
    await using redis = client({ addressMap: wire.asPrimary })
    let runs = 0
    const result = await outcome(
      made(redis).transaction(async (tx) => {
        const value = Number(await tx.get('n'))
        // MULTI is on its way then, and EXEC is behind it.
        if (++runs === 1) void wire.arm('cut', cut, 0)
        const results = await tx
          .multi()
          .set('n', value + 1)
          .rpush('list', runs)
          .exec()
        return [value, results]
      })
    )
    return { runs, result, unknown: redis.stats().unknown }
  }

  test('is of unknown outcome, and not run again', async () => {
    const { runs, result, unknown } = await cutAtExec({ made: (redis) => redis, cut: 'replies' })
    expect(result).toBeInstanceOf(UnknownOutcomeError)
    expect([runs, unknown]).toEqual([1, 1])
    expect(await quiet.primary.command('GET', 'n')).toBe('1')
  })

  test('is run again if that is said to be harmless', async () => {
    const { runs, result, unknown } = await cutAtExec({
      made: (redis) => redis.with({ idempotent: true }),
      cut: 'replies'
    })
    expect(result).toEqual([
      1,
      [
        [null, 'OK'],
        [null, 2]
      ]
    ])
    expect([runs, unknown]).toEqual([2, 0])
  })

  test('with exactlyOnce it was executed, and its results are given', async () => {
    const { runs, result, unknown } = await cutAtExec({
      made: (redis) => redis.with({ exactlyOnce: true }),
      cut: 'replies'
    })
    expect(result).toEqual([
      0,
      [
        [null, 'OK'],
        [null, 1]
      ]
    ])
    expect([runs, unknown]).toEqual([1, 0])
    expect(await quiet.primary.command('GET', 'n')).toBe('1')
  })

  test('with exactlyOnce it was not executed, and is run again', async () => {
    const { runs, result, unknown } = await cutAtExec({
      made: (redis) => redis.with({ exactlyOnce: true }),
      cut: 'requests'
    })
    expect(result).toEqual([
      0,
      [
        [null, 'OK'],
        [null, 1]
      ]
    ])
    expect([runs, unknown]).toEqual([2, 0])
    expect(await quiet.primary.command('GET', 'n')).toBe('1')
  })

  test('with exactlyOnce a copy of EXEC that comes late does nothing', async () => {
    await using wire = await ByteProxy.to(quiet.primary.address)
    await using redis = client({ addressMap: wire.asPrimary, suspectAfterMs: 100 })
    let runs = 0
    await redis.with({ exactlyOnce: true }).transaction(async (tx) => {
      // Nothing is watched that the second run changes: the late EXEC is not aborted.
      await tx.get('other')
      if (++runs === 1) {
        void wire.arm('stall', 'requests', 0)
        void tx.multi().rpush('list', 'x').exec()
        await eventually(() => {
          expect(wire.armed).toBe(false)
        })
        const [own] = (await connectionsNamed(quiet.primary, NAME)).filter(({ cmd }) => cmd === 'get')
        expect(own).toBeDefined()
      } else await tx.multi().rpush('list', 'x').exec()
    })
    expect(await redis.lrange('list', 0, -1)).toEqual(['x'])
  })
})

describe('with exactlyOnce', () => {
  test('conflicts, scripts, errors and forgotten wrappers are as without it', async () => {
    await using redis = client()
    redis.defineCommand('add', { lua: `return redis.call('INCRBY', KEYS[1], ARGV[1])`, numberOfKeys: 1 })
    const once = redis.with({ exactlyOnce: true })
    await redis.set('text', 'x')
    let runs = 0
    const results = await once.transaction(async (tx) => {
      await tx.get('n')
      if (++runs === 1) await redis.set('n', '10')
      const chain = tx.multi().incr('text') as unknown as {
        add(key: string, by: number): ReturnType<Transaction['multi']>
      }
      return chain.add('n', 2).hset('h', 'f', 'v').hgetall('h').getBuffer('n').exec()
    })
    expect(runs).toBe(2)
    expect(results?.slice(1)).toEqual([
      [null, 12],
      [null, 1],
      [null, { f: 'v' }],
      [null, Buffer.from('12')]
    ])
    expect(results?.[0]?.[0]?.message).toMatch(/not an integer/)
    await quiet.primary.command('SCRIPT', 'FLUSH')
    expect(await once.transaction((tx) => increment(tx))).toBe(13)
    await expect(once.transaction((tx) => tx.multi().fcall('f', 0).exec())).rejects.toThrow(/FCALL cannot be made/)
    expect(await once.transaction((tx) => tx.multi().exec())).toEqual([])
  })

  test('tokens are removed by the transactions that follow, also after conflicts', async () => {
    await using redis = client()
    const once = redis.with({ exactlyOnce: true })
    await Promise.all(Array.from({ length: 100 }, () => once.transaction((tx) => increment(tx))))
    expect(await redis.get('n')).toBe('100')
    expect((await redis.keys('exactly-once:*')).length).toBeLessThan(30)
  })

  test('a token of your own is refused', async () => {
    await using redis = client()
    const own = redis.with({ exactlyOnce: { token: 'order-17' } })
    expect(String(await outcome(own.transaction((tx) => increment(tx))))).toMatch(/tx\.exists\("done:order-17"\)/)
  })
})

describe('limits', () => {
  test('the deadline ends a callback that does not end, and one that waits for a connection', async () => {
    await using redis = client({ maxTransactions: 1 })
    const hurried = redis.with({ deadlineMs: 300 })
    const stuck = outcome(
      hurried.transaction(async (tx) => {
        await tx.get('n')
        return never()
      })
    )
    const waiting = outcome(redis.with({ deadlineMs: 100 }).transaction((tx) => increment(tx)))
    expect(await waiting).toBeInstanceOf(DeadlineError)
    const error = await stuck
    expect(error).toBeInstanceOf(DeadlineError)
    expect(error).toMatchObject({
      stage: 'queued',
      deadlineMs: 300,
      message: expect.stringMatching(/nothing was executed/) as string
    })
    expect(await redis.transaction((tx) => increment(tx))).toBe(1)
  })

  test('a callback that goes on after EXEC is told to have been executed', async () => {
    await using redis = client()
    await redis.transaction(() => 'a connection')
    const error = await outcome(
      redis.with({ deadlineMs: 2_000 }).transaction(async (tx) => {
        await increment(tx)
        return never()
      })
    )
    expect(error).toBeInstanceOf(DeadlineError)
    expect(error).toMatchObject({ stage: 'in-flight', message: expect.stringMatching(/EXEC was executed/) as string })
    expect(await redis.get('n')).toBe('1')
  })

  test('EXEC that is not answered by the deadline is of unknown outcome', async () => {
    await using redis = client()
    await redis.transaction(() => 'a connection')
    let ready = (): void => undefined
    const frozen = new Promise<void>((resolve) => (ready = resolve))
    const result = outcome(
      redis.with({ deadlineMs: 5_000 }).transaction(async (tx) => {
        await tx.get('n')
        await quiet.primary.freeze()
        ready()
        await tx.multi().incr('n').exec()
      })
    )
    await Promise.race([frozen, result])
    try {
      expect(await result).toBeInstanceOf(UnknownOutcomeError)
    } finally {
      await quiet.primary.thaw()
    }
    expect(await redis.transaction((tx) => increment(tx))).toBeGreaterThan(0)
  })

  test('a signal ends it, wherever it is', async () => {
    await using redis = client({ maxTransactions: 1 })
    const abort = new AbortController()
    const reason = new Error('enough')
    const by = redis.with({ signal: abort.signal })
    const running = outcome(
      by.transaction(async (tx) => {
        await tx.get('n')
        abort.abort(reason)
        return never()
      })
    )
    const waiting = outcome(by.transaction((tx) => increment(tx)))
    for (const error of [await running, await waiting, await outcome(by.transaction((tx) => increment(tx)))]) {
      expect(error).toBeInstanceOf(AbortedError)
      expect(error).toMatchObject({ stage: 'queued', cause: reason })
    }
    expect(await redis.transaction((tx) => increment(tx))).toBe(1)
  })

  test('durability is asked of EXEC', async () => {
    await using redis = client()
    const safe = redis.with({ durability: { replicas: 2, timeoutMs: 5_000 } })
    expect(await safe.transaction((tx) => increment(tx))).toBe(1)
    for (const replica of quiet.replicas) expect(await replica.command('GET', 'n')).toBe('1')
    const more = redis.with({ durability: { replicas: 3, timeoutMs: 50 } })
    expect(await outcome(more.transaction((tx) => increment(tx)))).toBeInstanceOf(DurabilityError)
    expect(await redis.get('n')).toBe('2')
  })

  test('without a primary they wait, or do not', async () => {
    await using redis = client()
    await redis.ping()
    await quiet.primary.freeze()
    try {
      const results = Promise.all([1, 2].map(() => redis.transaction((tx) => increment(tx))))
      await eventually(() => {
        expect(redis.stats().transactions.connections).toBe(2)
      })
      await quiet.primary.thaw()
      expect((await results).sort()).toEqual([1, 2])
    } finally {
      await quiet.primary.thaw()
    }
    await using strict = client({ enableOfflineQueue: false })
    await expect(strict.transaction((tx) => increment(tx))).rejects.toThrow(/enableOfflineQueue/)
  })

  test('the end of the client ends them, and all their connections', async () => {
    const redis = client()
    const running = [1, 2].map(() => outcome(redis.transaction(async (tx) => [await tx.get('n'), await never()])))
    await eventually(async () => {
      expect(await connectionsNamed(quiet.primary, NAME)).toHaveLength(3)
    })
    const last = redis.transaction((tx) => increment(tx))
    await last
    await redis.close()
    expect(await outcome(redis.transaction((tx) => increment(tx)))).toMatchObject({ message: 'Connection is closed.' })
    await eventually(async () => {
      expect(await connectionsNamed(quiet.primary, NAME)).toHaveLength(0)
    })
    for (const error of await Promise.all(running)) expect(error).toMatchObject({ message: 'Connection is closed.' })
  })

  test('the end of the client is told as such where EXEC was executed before it', async () => {
    const redis = client()
    let executed = false
    const running = outcome(
      redis.transaction(async (tx) => {
        await tx.multi().incr('n').exec()
        executed = true
        await never()
      })
    )
    await eventually(() => {
      expect(executed).toBe(true)
    })
    await redis.close()
    expect(await running).toMatchObject({
      message: 'transaction(): Connection is closed. EXEC was executed, and the callback had not ended'
    })
  })

  test('with enableOfflineQueue: false, they are taken while an answer is awaited, as calls are', async () => {
    await using redis = client({ enableOfflineQueue: false, suspectAfterMs: 50 })
    await redis.connect().catch(() => undefined)
    await redis.ping()
    const slow = redis.call('DEBUG', 'SLEEP', '1')
    await holds(redis, 'silence')
    expect(await redis.transaction((tx) => increment(tx))).toBeGreaterThan(0)
    expect(await slow).toBe('OK')
  })
})
