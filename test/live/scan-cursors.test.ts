import { CursorLostError } from 'ioredis-sentinel'
import type { RestartingScanStream, ScanRestart, SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import { injectFault } from 'ioredis-sentinel/testkit'
import { describe, expect, test } from 'vitest'
import { nextFailover } from './support/client-view.js'
import { beginFailover, clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually, executed, killConnections, replicated, resetStatistics } from './support/server-view.js'

const ELEMENTS = 3_000
const COUNT = 20
/** A stream reads ahead of its reader by up to 16 replies: with so many read, it is far from its end. */
const BATCHES_BEFORE = 10
const NAME = 'scanner'

const FILL = `
  for i = 0, ARGV[1] - 1 do
    redis.call('SET', 'key:' .. i, i)
    redis.call('HSET', 'hash', 'field:' .. i, i)
    redis.call('SADD', 'set', 'member:' .. i)
    redis.call('ZADD', 'sorted', i, 'member:' .. i)
  end`

const quiet = useQuietTopology({ downAfterMs: 1_000 })

function scanner(options: Partial<SentinelRedisOptions> = {}): SentinelRedis {
  return clientOf(quiet.topology, { connectionName: NAME, ...options })
}

async function fill(): Promise<void> {
  await quiet.primary.command('EVAL', FILL, 0, ELEMENTS)
  // Two scans are given the same cursors only while the table is of one size.
  await eventually(async () => {
    expect(String(await quiet.primary.command('DEBUG', 'HTSTATS', 0))).not.toContain('rehashing target')
  })
  await replicated(quiet.primary, quiet.replicas)
}

const elements = (prefix: string): string[] => Array.from({ length: ELEMENTS }, (_, index) => `${prefix}:${index}`)

interface Kind {
  readonly open: (client: SentinelRedis) => RestartingScanStream
  readonly all: readonly string[]
  readonly restart: Omit<ScanRestart, 'cursor'>
}

const KINDS: Readonly<Record<string, Kind>> = {
  scanStream: {
    open: (client) => client.scanStream({ match: 'key:*', count: COUNT }),
    all: elements('key'),
    restart: { command: 'scan', key: undefined }
  },
  scanBufferStream: {
    open: (client) => client.scanBufferStream({ count: COUNT }),
    all: elements('key'),
    restart: { command: 'scan', key: undefined }
  },
  hscanStream: {
    open: (client) => client.hscanStream('hash', { count: COUNT }),
    all: elements('field'),
    restart: { command: 'hscan', key: 'hash' }
  },
  hscanBufferStream: {
    open: (client) => client.hscanBufferStream('hash', { count: COUNT }),
    all: elements('field'),
    restart: { command: 'hscan', key: 'hash' }
  },
  sscanStream: {
    open: (client) => client.sscanStream('set', { count: COUNT }),
    all: elements('member'),
    restart: { command: 'sscan', key: 'set' }
  },
  sscanBufferStream: {
    open: (client) => client.sscanBufferStream('set', { count: COUNT }),
    all: elements('member'),
    restart: { command: 'sscan', key: 'set' }
  },
  zscanStream: {
    open: (client) => client.zscanStream('sorted', { count: COUNT }),
    all: elements('member'),
    restart: { command: 'zscan', key: 'sorted' }
  },
  zscanBufferStream: {
    open: (client) => client.zscanBufferStream('sorted', { count: COUNT }),
    all: elements('member'),
    restart: { command: 'zscan', key: 'sorted' }
  }
}

interface Reading {
  readonly seen: ReadonlySet<string>
  readonly buffers: boolean
  readonly restarts: readonly ScanRestart[]
}

/** Reads a stream to its end; midway it waits for `disturb`. */
async function readAll(stream: RestartingScanStream, disturb: () => Promise<void>): Promise<Reading> {
  const seen = new Set<string>()
  const restarts: ScanRestart[] = []
  let [batches, buffers] = [0, true]
  stream.on('restart', (restart) => restarts.push(restart))
  for await (const batch of stream as AsyncIterable<(string | Buffer)[]>) {
    for (const element of batch) {
      if (typeof element === 'string') buffers = false
      seen.add(String(element))
    }
    if (++batches === BATCHES_BEFORE) await disturb()
  }
  return { seen, buffers, restarts }
}

/** What several readers wait for: done once, when all of them are there. */
function together(readers: number, act: () => Promise<void>): () => Promise<void> {
  let arrived = 0
  let begin: () => void = () => undefined
  const done = new Promise<void>((resolve) => (begin = resolve)).then(act)
  return () => {
    if (++arrived === readers) begin()
    return done
  }
}

const DISTURBANCES: Readonly<Record<string, (client: SentinelRedis) => Promise<void>>> = {
  'a failover by hand': async (client) => {
    const failedOver = nextFailover(client)
    await beginFailover(quiet.topology)
    await failedOver
  },
  'a failover since the primary was killed': async (client) => {
    const failedOver = nextFailover(client)
    const { heal } = await injectFault(quiet.topology, 'kill')
    try {
      await failedOver
    } finally {
      await heal()
    }
  },
  'a restart of the primary': async () => {
    await quiet.primary.restart()
  }
}

describe.each(Object.entries(DISTURBANCES))('%s in the midst of scan streams', (_, disturb) => {
  test('every element that is there throughout is seen, and each stream tells that it began again', async () => {
    await fill()
    await using client = scanner()
    const kinds = Object.entries(KINDS)
    const midway = together(kinds.length, () => disturb(client))
    const readings = await Promise.all(
      kinds.map(async ([name, kind]) => ({ name, kind, ...(await readAll(kind.open(client), midway)) }))
    )
    for (const { name, kind, seen, buffers, restarts } of readings) {
      expect(
        kind.all.filter((element) => !seen.has(element)),
        name
      ).toEqual([])
      expect(restarts.length, name).toBeGreaterThan(0)
      for (const restart of restarts)
        expect(restart).toEqual({ ...kind.restart, cursor: expect.stringMatching(/^\d+$/) as string })
      expect(buffers, name).toBe(name.includes('Buffer'))
    }
  })
})

/** The connection to the primary is lost, and another leads to the same process. */
async function loseConnection(client: SentinelRedis): Promise<void> {
  expect(await killConnections(quiet.primary, NAME)).toBeGreaterThan(0)
  await client.ping()
}

describe('scan streams', () => {
  test('are not misled by another scan that was given the same cursor on the new connection', async () => {
    await fill()
    await using client = scanner()
    const cursors: string[] = []
    const stream = client.scanStream({ count: COUNT })
    const { seen, restarts } = await readAll(stream, async () => {
      // It has read ahead as far as it may: its next call comes after the other scan.
      await eventually(() => {
        expect(stream.readableLength).toBe(stream.readableHighWaterMark)
      })
      await loseConnection(client)
      // In the smallest steps, it comes by whatever cursor larger ones come by.
      for (let cursor = ''; cursor !== '0'; cursors.push(cursor))
        [cursor] = await client.scan(cursor || '0', 'COUNT', 1)
    })
    expect(restarts).toHaveLength(1)
    expect(cursors).toContain(restarts[0]?.cursor)
    expect(elements('key').filter((key) => !seen.has(key))).toEqual([])
  })

  test('find keys by their prefix, and take the options of with()', async () => {
    await fill()
    await using client = scanner({ keyPrefix: 'ha', enableAutoPipelining: true, protocol: 2 })
    const { seen, restarts } = await readAll(
      client.with({ deadlineMs: 30_000 }).hscanStream('sh', { count: COUNT }),
      () => loseConnection(client)
    )
    expect(restarts).toEqual([{ command: 'hscan', key: 'sh', cursor: expect.stringMatching(/^\d+$/) as string }])
    expect(elements('field').filter((field) => !seen.has(field))).toEqual([])
  })

  test('that were closed or destroyed do not begin again', async () => {
    await fill()
    await using client = scanner()
    const closed = client.scanStream({ count: COUNT })
    const { seen, restarts } = await readAll(closed, async () => {
      closed.close()
      await loseConnection(client)
    })
    expect(restarts).toEqual([])
    expect(seen.size).toBeLessThan(ELEMENTS)
    const destroyed = client.scanStream({ count: COUNT })
    destroyed.on('restart', () => destroyed.destroy())
    await expect(readAll(destroyed, () => loseConnection(client))).rejects.toThrow()
    await resetStatistics([quiet.primary])
    await client.ping()
    expect(await executed(quiet.primary, 'scan')).toBe(0)
  })
})

describe('a cursor that was given on a connection which is lost', () => {
  interface Cursors {
    readonly scan: string
    readonly hscan: string
    readonly sscan: string
    readonly zscan: string
  }

  async function begin(client: SentinelRedis): Promise<Cursors> {
    const [[scan], [hscan], [sscan], [zscan]] = await Promise.all([
      client.scan('0', 'COUNT', COUNT),
      client.hscan('hash', '0', 'COUNT', COUNT),
      client.sscan('set', '0', 'COUNT', COUNT),
      client.zscan('sorted', '0', 'COUNT', COUNT)
    ])
    const cursors = { scan, hscan, sscan, zscan }
    for (const cursor of Object.values(cursors)) expect(cursor).not.toBe('0')
    return cursors
  }

  const scansOnPrimary = async (): Promise<number> => {
    const counts = await Promise.all(['scan', 'hscan', 'sscan', 'zscan'].map((name) => executed(quiet.primary, name)))
    return counts.reduce((a, b) => a + b)
  }

  test('is refused unsent, in every form of the call', async () => {
    await fill()
    await using client = scanner()
    const { scan, hscan, sscan, zscan } = await begin(client)
    await loseConnection(client)
    await resetStatistics([quiet.primary])
    const error = await outcome(client.hscan('hash', hscan, 'COUNT', COUNT))
    expect(error).toBeInstanceOf(CursorLostError)
    expect(error).toMatchObject({ code: 'CURSOR_LOST', command: 'hscan', cursor: hscan, stage: 'queued' })
    expect(String(error)).toContain(`HSCAN from cursor ${hscan} was not sent`)
    expect(String(error)).toContain('Begin again at cursor 0')
    const called = new Promise((resolve) => {
      client.scan(scan, resolve).catch(() => undefined)
    })
    const others = await Promise.all([
      called,
      ...[
        client.scanBuffer(scan),
        client.scan(Number(scan), 'COUNT', 5),
        client.call('SCAN', scan),
        client.sscan('set', Buffer.from(sscan) as unknown as string),
        client.zscanBuffer(Buffer.from('sorted'), zscan),
        client.with({ exactlyOnce: true }).zscan('sorted', zscan)
      ].map(outcome)
    ])
    for (const other of others) expect(other).toBeInstanceOf(CursorLostError)
    expect(await scansOnPrimary()).toBe(0)
  })

  test('is refused in a pipeline, whose other commands are executed', async () => {
    await fill()
    await using client = scanner({ readFrom: 'primary' })
    await using automatic = scanner({ readFrom: 'primary', enableAutoPipelining: true })
    const { scan, sscan } = await begin(client)
    const [automatically] = await automatic.scan('0', 'COUNT', COUNT)
    await loseConnection(client)
    await automatic.ping()
    const lost = [expect.any(CursorLostError)]
    expect(await client.pipeline().incr('piped').scan(scan).get('piped').sscan('set', sscan).exec()).toEqual([
      [null, 1],
      lost,
      [null, '1'],
      lost
    ])
    expect(await client.pipeline().scan(scan).exec()).toEqual([lost])
    const [one, other] = await Promise.all([outcome(automatic.scan(automatically)), automatic.get('piped')])
    expect(one).toBeInstanceOf(CursorLostError)
    expect(other).toBe('1')
  })

  test('is refused when its call had waited, or was sent and is to be sent again', async () => {
    await fill()
    await using client = scanner()
    const { scan, hscan } = await begin(client)
    await quiet.primary.freeze()
    const sent = outcome(client.scan(scan))
    client.disconnect(true)
    const waiting = outcome(client.hscan('hash', hscan))
    const fresh = client.scan('0', 'COUNT', COUNT)
    await quiet.primary.thaw()
    expect(await sent).toBeInstanceOf(CursorLostError)
    expect(await waiting).toBeInstanceOf(CursorLostError)
    expect((await fresh)[0]).not.toBe('0')
  })

  test('is good in its own database and key alone; what this client was never given passes, and so does a new one', async () => {
    await fill()
    await using client = scanner()
    await using stranger = scanner()
    const { scan, hscan } = await begin(client)
    await loseConnection(client)
    await stranger.ping()
    expect(await stranger.scan(scan, 'COUNT', COUNT)).toHaveLength(2)
    expect(await client.hscan('other', hscan)).toEqual(['0', []])
    await client.select(1)
    expect(await client.scan(scan)).toEqual(['0', []])
    await client.select(0)
    expect(await outcome(client.scan(scan))).toBeInstanceOf(CursorLostError)
    const [again] = await client.scan('0', 'COUNT', COUNT)
    expect(await client.scan(again, 'COUNT', COUNT)).toHaveLength(2)
  })

  test('goes through in MULTI, whose cursors nobody watches', async () => {
    await fill()
    await using client = scanner()
    const { scan } = await begin(client)
    await loseConnection(client)
    const results = await client.multi().scan(scan).ping().exec()
    expect(results?.map(([error]) => error)).toEqual([null, null])
  })
})
