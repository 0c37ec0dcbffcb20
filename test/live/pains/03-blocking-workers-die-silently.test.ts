import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { injectFault } from 'ioredis-sentinel/testkit'
import { describe, expect, test } from 'vitest'
import { holds } from '../support/client-view.js'
import { clientOf } from '../support/clients.js'
import { failOverAgain } from '../support/fail-over-again.js'
import { failoversOrElse } from '../support/long-form.js'
import { patiently } from '../support/patience.js'
import { useQuietTopology } from '../support/quiet-topology.js'
import { connectionsNamed, eventually, killConnections } from '../support/server-view.js'

const NAME = 'blocked'
const FAILOVERS = failoversOrElse(8)

// With a second replica each failover takes a second more: sentinels turn the others to the new primary one after the other.
const quiet = useQuietTopology({ replicas: 1 })

const blockedClient = (): SentinelRedis => clientOf(quiet.topology, { connectionName: NAME })

/** Resolves when the node holds a call of ours that waits. */
async function blocks(node: LocalNode): Promise<void> {
  await eventually(async () => {
    const [connection] = await connectionsNamed(node, NAME)
    expect(connection?.['flags']).toContain('b')
  })
}

interface Kind {
  readonly wait: (redis: SentinelRedis) => Promise<unknown>
  readonly wake: readonly string[]
  readonly answer: unknown
}

const KINDS: Readonly<Record<string, Kind>> = {
  BLPOP: { wait: (redis) => redis.blpop('l', 0), wake: ['RPUSH', 'l', 'x'], answer: ['l', 'x'] },
  BLMOVE: { wait: (redis) => redis.blmove('l', 'm', 'LEFT', 'LEFT', 0), wake: ['RPUSH', 'l', 'x'], answer: 'x' },
  BZPOPMIN: { wait: (redis) => redis.bzpopmin('z', 0), wake: ['ZADD', 'z', '1', 'x'], answer: ['z', 'x', '1'] },
  'XREAD BLOCK': {
    wait: (redis) => redis.xread('BLOCK', 0, 'STREAMS', 's', '0'),
    wake: ['XADD', 's', '5-0', 'f', 'v'],
    answer: [['s', [['5-0', ['f', 'v']]]]]
  }
}

describe.each(Object.entries(KINDS))('%s', (_name, { wait, wake, answer }) => {
  test('is woken', async () => {
    await using redis = blockedClient()
    const waiting = wait(redis)
    await blocks(quiet.primary)
    await quiet.primary.command(...wake)
    expect(await waiting).toEqual(answer)
  })

  test('goes on after its connection was cut, and after it was unblocked by a demotion', async () => {
    await using redis = blockedClient()
    const waiting = wait(redis)
    await blocks(quiet.primary)
    expect(await killConnections(quiet.primary, NAME)).toBe(1)
    await blocks(quiet.primary)
    await quiet.primary.command('REPLICAOF', '127.0.0.1', '1')
    await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
    await blocks(quiet.primary)
    await quiet.primary.command(...wake)
    expect(await waiting).toEqual(answer)
  })
})

test('ends by itself after its own time, however often it was interrupted', async () => {
  await using redis = blockedClient()
  await redis.ping()
  const started = performance.now()
  let isOver = false
  const waiting = redis.blpop('none', 10).finally(() => (isOver = true))
  for (let cut = 0; cut < 3 && !isOver; cut += 1) {
    await Promise.race([blocks(quiet.primary), waiting])
    if (!isOver) expect(await killConnections(quiet.primary, NAME)).toBe(1)
  }
  expect(await waiting).toBeNull()
  const tookMs = performance.now() - started
  expect(tookMs).toBeGreaterThan(9_900)
  expect(tookMs).toBeLessThan(patiently(4_000))
})

test('is not taken for silence, and neither are calls behind it', async () => {
  await using redis = blockedClient()
  await redis.ping()
  const [before] = await connectionsNamed(quiet.primary, NAME)
  const held = redis.stats().heldTotal
  const [popped, set] = await Promise.all([redis.blpop('none', 1), redis.set('behind', 'it')])
  expect([popped, set]).toEqual([null, 'OK'])
  expect(redis.stats().heldTotal).toBe(held)
  const [after] = await connectionsNamed(quiet.primary, NAME)
  expect(after?.['id']).toBe(before?.['id'])
})

test('in a frozen primary it is found out when other calls are not answered', async () => {
  await using redis = blockedClient()
  await redis.ping()
  await quiet.primary.freeze()
  try {
    const set = redis.set('frozen', 'no')
    await holds(redis, 'silence')
    const waiting = redis.blpop('l', 0)
    expect(redis.stats().held).toBe(1)
    await quiet.primary.thaw()
    expect(await set).toBe('OK')
    await blocks(quiet.primary)
    await quiet.primary.command('RPUSH', 'l', 'x')
    expect(await waiting).toEqual(['l', 'x'])
  } finally {
    await quiet.primary.thaw()
  }
})

interface Worker {
  /** Takes what comes until it is told to stop; resolves with what it has taken. */
  readonly work: (redis: SentinelRedis, going: () => boolean) => AsyncGenerator<string>
  readonly job: (redis: SentinelRedis, id: string) => Promise<unknown>
}

const WORKERS: Readonly<Record<string, Worker>> = {
  'BLPOP for ever': {
    job: (redis, id) => redis.rpush('jobs', id),
    work: async function* (redis, going) {
      while (going()) {
        const [, id] = (await redis.blpop('jobs', 0)) ?? []
        if (id !== undefined) yield id
      }
    }
  },
  'BLMOVE for a second': {
    job: (redis, id) => redis.rpush('moved:from', id),
    work: async function* (redis, going) {
      while (going()) {
        const id = await redis.blmove('moved:from', 'moved:to', 'LEFT', 'RIGHT', 1)
        if (id !== null) yield id
      }
    }
  },
  'BZPOPMIN for ever': {
    job: (redis, id) => redis.zadd('sorted', 1, id),
    work: async function* (redis, going) {
      while (going()) {
        const [, id] = (await redis.bzpopmin('sorted', 0)) ?? []
        if (id !== undefined) yield id
      }
    }
  },
  'XREAD BLOCK for 5 seconds': {
    job: (redis, id) => redis.xadd('stream', '*', 'id', id),
    work: async function* (redis, going) {
      let last = '0'
      while (going()) {
        const [[, entries] = []] = (await redis.xread('BLOCK', 5_000, 'STREAMS', 'stream', last)) ?? []
        for (const [at, [, id]] of entries ?? []) {
          last = at
          if (id !== undefined) yield id
        }
      }
    }
  }
}

test(`${FAILOVERS} failovers and an outage of all sentinels: every worker takes every job, and hears of no error`, async () => {
  await using producer = clientOf(quiet.topology)
  await producer.ping()
  const clients = Object.keys(WORKERS).map(() => clientOf(quiet.topology))
  const taken: Record<string, string[]> = {}
  const failures: unknown[] = []
  let going = true
  const working = Object.entries(WORKERS).map(async ([name, { work }], index) => {
    const own: string[] = (taken[name] = [])
    const redis = clients[index] as SentinelRedis
    for await (const id of work(redis, () => going)) own.push(id)
  })
  for (const one of working) one.catch((error: unknown) => failures.push(error))
  const given: string[] = []
  const everyWorkerTakesAJob = async (): Promise<void> => {
    const id = `job ${given.length}`
    given.push(id)
    await Promise.all(Object.values(WORKERS).map(({ job }) => job(producer, id)))
    await eventually(() => {
      expect(failures).toEqual([])
      for (const [name, ids] of Object.entries(taken)) expect(ids, name).toEqual(given)
    }, 20_000)
  }
  try {
    await everyWorkerTakesAJob()
    const primaries = new Set<string>()
    for (let failover = 0; failover < FAILOVERS; failover += 1) {
      await failOverAgain(quiet.topology, producer)
      primaries.add(producer.topology.primary?.address.host ?? '')
      await everyWorkerTakesAJob()
    }
    expect(primaries.size).toBeGreaterThan(1)
    const { heal } = await injectFault(quiet.topology, 'all-sentinels')
    await eventually(() => {
      expect(producer.topology.sentinels.some(({ reachable }) => reachable)).toBe(false)
    })
    await everyWorkerTakesAJob()
    await heal()
    await eventually(() => {
      expect(producer.topology.sentinels.every(({ reachable }) => reachable)).toBe(true)
    })
    await everyWorkerTakesAJob()
    going = false
    await Promise.all(Object.values(WORKERS).map(({ job }) => job(producer, 'the last')))
    await Promise.all(working)
  } finally {
    for (const client of clients) client.disconnect()
  }
}, 180_000)
