import { UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import { beforeEach, describe, expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { connectionsNamed, eventually, executed, killConnections, resetStatistics } from './support/server-view.js'

let name: string
let tests = 0
beforeEach(() => {
  name = `stream-reader-${(tests += 1)}`
})

const quiet = useQuietTopology({ replicas: 1 })

interface Wired {
  readonly redis: SentinelRedis
  readonly wire: ByteProxy
}

/** A client whose replies can be made to get lost. */
async function wired(act: (wired: Wired) => Promise<void>, options: Partial<SentinelRedisOptions> = {}): Promise<void> {
  await using wire = await ByteProxy.to(quiet.primary.address)
  await using redis = clientOf(quiet.topology, {
    addressMap: wire.asPrimary,
    readFrom: 'primary',
    connectionName: name,
    ...options
  })
  await redis.ping()
  await act({ redis, wire })
}

/** The node holds the call, and what was asked ahead of it has been answered. */
async function blocks(redis: SentinelRedis): Promise<void> {
  await eventually(async () => {
    expect(redis.stats().inFlight).toBe(1)
    const [connection] = await connectionsNamed(quiet.primary, name)
    expect(connection?.['flags']).toContain('b')
  })
}

const add = (id: string, stream = 's'): Promise<unknown> => quiet.primary.command('XADD', stream, id, 'f', id)

/** The connection breaks with nothing on it. */
async function breaks(): Promise<void> {
  expect(await killConnections(quiet.primary, name)).toBe(1)
}

const entry = (id: string): [string, string[]] => [id, ['f', id]]

describe('XREAD with $', () => {
  test.each([2, 3] as const)(
    'RESP%i: what came while the connection was lost is read, and nothing before',
    async (protocol) => {
      await add('1-0')
      await wired(
        async ({ redis, wire }) => {
          const read = redis.xread('BLOCK', 0, 'STREAMS', 's', '$')
          await blocks(redis)
          void wire.arm('cut', 'replies', 0)
          // Its reply breaks the connection.
          await add('2-0')
          expect(await read).toEqual([['s', [entry('2-0')]]])
          expect(wire.accepted).toBe(2)
        },
        { protocol }
      )
    }
  )

  test('each stream goes on from its own last entry; an id that was given stays', async () => {
    await add('1-0', 'a')
    await add('1-0', 'c')
    await wired(async ({ redis, wire }) => {
      const read = redis.xread('COUNT', 5, 'BLOCK', 5_000, 'STREAMS', 'a', 'none', 'c', '$', '$', '1-0')
      await blocks(redis)
      void wire.arm('cut', 'replies', 0)
      await quiet.primary.command(
        'EVAL',
        `for _, s in ipairs({'a', 'none', 'c'}) do redis.call('XADD', s, '2-0', 'f', '2-0') end`,
        '0'
      )
      expect(await read).toEqual(['a', 'none', 'c'].map((stream) => [stream, [entry('2-0')]]))
    })
  })

  test('in the database that was selected, and with a prefix', async () => {
    await wired(
      async ({ redis, wire }) => {
        await redis.xadd('s', '1-0', 'f', '1-0')
        await redis.select(0)
        const read = redis.xread('BLOCK', 0, 'STREAMS', 's', '$')
        void redis.select(3)
        const elsewhere = redis.xread('BLOCK', 0, 'STREAMS', 's', '$')
        await eventually(async () => {
          expect(await connectionsNamed(quiet.primary, name)).toMatchObject([
            { flags: expect.stringContaining('b') as string }
          ])
        })
        await add('1-0', 'p:s')
        expect(await read).toEqual([['p:s', [entry('1-0')]]])
        await blocks(redis)
        void wire.arm('cut', 'replies', 0)
        await using other = clientOf(quiet.topology, { db: 3 })
        await other.xadd('p:s', '2-0', 'f', '2-0')
        expect(await elsewhere).toEqual([['p:s', [entry('2-0')]]])
      },
      { db: 3, keyPrefix: 'p:' }
    )
  })

  test('costs one more command in the same packet, and none for an id', async () => {
    await add('1-0')
    await wired(async ({ redis }) => {
      await resetStatistics([quiet.primary])
      await redis.xread('BLOCK', 1, 'STREAMS', 's', '$')
      await redis.xread('BLOCK', 1, 'STREAMS', 's', '1-0')
      await redis.xread('STREAMS', 's', '$')
      expect(await executed(quiet.primary, 'xrevrange')).toBe(1)
    })
  })

  test('a call that is aborted at once does not hold the connection up', async () => {
    await wired(async ({ redis }) => {
      const abort = new AbortController()
      const read = outcome(redis.with({ signal: abort.signal }).xread('BLOCK', 0, 'STREAMS', 's', '$'))
      abort.abort()
      expect(await read).toMatchObject({ code: 'ABORTED' })
      expect(await redis.ping()).toBe('PONG')
    })
  })
})

/** Takes new entries for consumer c of group g. */
const take = (redis: SentinelRedis, ...options: readonly string[]): Promise<unknown> =>
  redis.xreadgroup(...(['GROUP', 'g', 'c', ...options, 'BLOCK', 10_000, 'STREAMS', 's', '>'] as unknown as TakeArgs))
type TakeArgs = ['GROUP', string, string, 'BLOCK', number, 'STREAMS', string, string]

const pending = (redis: SentinelRedis): Promise<unknown> => redis.xpending('s', 'g', '-', '+', 10)

describe('XREADGROUP with >', () => {
  const group = (stream = 's'): Promise<unknown> =>
    quiet.primary.command('XGROUP', 'CREATE', stream, 'g', '$', 'MKSTREAM')

  test.each([
    ['RESP2', { protocol: 2 }, (found: unknown) => [['s', found]]],
    ['RESP3', { protocol: 3 }, (found: unknown) => [['s', found]]],
    ['RESP3 as it is', { replyMapping: 'resp3' }, (found: unknown) => ({ s: found })]
  ] as const)('%s: entries whose reply was lost are given, and not others', async (_name, options, form) => {
    await group()
    await wired(async ({ redis, wire }) => {
      const read = redis.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 's', '>')
      await blocks(redis)
      void wire.arm('cut', 'replies', 0)
      await add('1-0')
      expect(await read).toEqual(form([entry('1-0')]))
      expect(wire.accepted).toBe(2)
      await add('2-0')
      expect(await redis.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 's', '>')).toEqual(form([entry('2-0')]))
      expect(await pending(redis)).toHaveLength(2)
    }, options)
  })

  test('that had taken nothing goes on with the time that is left, and gives nothing that was given before', async () => {
    await group()
    await add('1-0')
    await add('2-0')
    await wired(async ({ redis }) => {
      expect(await take(redis, 'COUNT', '1')).toEqual([['s', [entry('1-0')]]])
      expect(await take(redis, 'COUNT', '1')).toEqual([['s', [entry('2-0')]]])
      await redis.xack('s', 'g', '2-0')
      const read = take(redis)
      for (let cut = 0; cut < 3; cut += 1) {
        await blocks(redis)
        await breaks()
      }
      await blocks(redis)
      await add('3-0')
      expect(await read).toEqual([['s', [entry('3-0')]]])
      const started = performance.now()
      const nothing = redis.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 10_000, 'STREAMS', 's', '>')
      await blocks(redis)
      await breaks()
      expect(await nothing).toBeNull()
      expect(performance.now() - started).toBeGreaterThan(9_900)
    })
  })

  test('of several streams gives those that had something', async () => {
    await group('a')
    await group('b')
    await wired(async ({ redis, wire }) => {
      const read = redis.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 'a', 'b', '>', '>')
      await blocks(redis)
      void wire.arm('cut', 'replies', 0)
      await add('1-0', 'b')
      expect(await read).toEqual([['b', [entry('1-0')]]])
      expect(wire.accepted).toBe(2)
    })
  })

  test('whose every answer was lost goes on from what its consumer was given last', async () => {
    await group()
    await add('1-0')
    await wired(async ({ redis, wire }) => {
      expect(await take(redis)).toEqual([['s', [entry('1-0')]]])
      await add('2-0')
      void wire.arm('cut', 'replies', 0)
      const read = take(redis, 'COUNT', '1')
      await eventually(async () => {
        expect(await quiet.primary.command('XPENDING', 's', 'g', '-', '+', '10')).toHaveLength(2)
      })
      await add('3-0')
      expect(await read).toEqual([['s', [entry('2-0')]]])
      expect(await take(redis)).toEqual([['s', [entry('3-0')]]])
    })
  })

  test.each([
    ['by a consumer of whom nothing is known', () => Promise.resolve()],
    [
      'by one that has claimed entries since',
      async (redis: SentinelRedis): Promise<void> => {
        await take(redis)
        await redis.xautoclaim('s', 'g', 'c', 0, '0')
      }
    ]
  ])('%s, whose every answer was lost, is of unknown outcome, and its entries are pending', async (_name, before) => {
    await group()
    await add('1-0')
    await wired(async ({ redis, wire }) => {
      await before(redis)
      await add('2-0')
      void wire.arm('cut', 'replies', 0)
      const read = outcome(take(redis))
      await eventually(async () => {
        expect(await quiet.primary.command('XPENDING', 's', 'g', '-', '+', '10')).toHaveLength(2)
      })
      const error = await read
      expect(error).toBeInstanceOf(UnknownOutcomeError)
      expect(error).toMatchObject({ message: expect.stringContaining('pending for its consumer') as string })
      expect(await redis.xreadgroup('GROUP', 'g', 'c', 'STREAMS', 's', '0')).toEqual([
        ['s', [entry('1-0'), entry('2-0')]]
      ])
    })
  })

  test('with NOACK goes on: what it had taken is nowhere', async () => {
    await group()
    await wired(async ({ redis, wire }) => {
      const read = take(redis, 'NOACK')
      await blocks(redis)
      void wire.arm('cut', 'replies', 0)
      await add('1-0')
      await eventually(() => {
        expect(wire.accepted).toBe(2)
      })
      await blocks(redis)
      await add('2-0')
      expect(await read).toEqual([['s', [entry('2-0')]]])
    })
  })
})
