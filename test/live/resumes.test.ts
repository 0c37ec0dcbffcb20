import type { SentinelRedis } from 'ioredis-sentinel'
import type { Fault, LocalTopology } from 'ioredis-sentinel/testkit'
import { injectFault } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nextFailover } from './support/client-view.js'
import { failoversOrElse } from './support/long-form.js'
import { clientOf, settleSoon, startQuickTopology } from './support/clients.js'
import { isInOrder, Listener, Publisher } from './support/feed-publisher.js'
import { eventually, replicated } from './support/server-view.js'

let topology: LocalTopology

beforeAll(async () => {
  // Not less: sentinels that get too little of the processor for as long have the primary replaced again, and a job that only it had is lost.
  topology = await startQuickTopology({ replicas: 2, downAfterMs: 1_500 })
})
afterAll(() => topology.stop())

const FAILOVERS = failoversOrElse(6)
const FAULTS: readonly Fault[] = ['kill', 'manual', 'freeze']

/** What one call after the other gives, each for ever; every call is a new one, and knows nothing of the one before. */
interface Reader {
  readonly give: (redis: SentinelRedis, id: string) => Promise<unknown>
  readonly take: (redis: SentinelRedis) => Promise<string | undefined>
}

const valueOf = (found: [string, [string, string[]][]][] | null): string | undefined => found?.[0]?.[1][0]?.[1][1]
let lastRead = '0'

const READERS: Readonly<Record<string, Reader>> = {
  BLPOP: {
    give: (redis, id) => redis.rpush('blpop', id),
    take: async (redis) => (await redis.blpop('blpop', 0))?.[1]
  },
  BRPOPLPUSH: {
    give: (redis, id) => redis.lpush('brpoplpush', id),
    take: async (redis) => (await redis.brpoplpush('brpoplpush', 'done', 0)) ?? undefined
  },
  BLMOVE: {
    give: (redis, id) => redis.rpush('blmove', id),
    take: async (redis) => (await redis.blmove('blmove', 'done', 'LEFT', 'RIGHT', 0)) ?? undefined
  },
  BLMPOP: {
    give: (redis, id) => redis.rpush('blmpop', id),
    take: async (redis) => (await redis.blmpop(0, 1, 'blmpop', 'LEFT'))?.[1][0]
  },
  BZPOPMIN: {
    give: (redis, id) => redis.zadd('bzpopmin', 1, id),
    take: async (redis) => (await redis.bzpopmin('bzpopmin', 0))?.[1]
  },
  'XREAD from the last id': {
    give: (redis, id) => redis.xadd('xread', '*', 'id', id),
    take: async (redis) => {
      const found = await redis.xread('BLOCK', 0, 'STREAMS', 'xread', lastRead)
      lastRead = found?.[0]?.[1][0]?.[0] ?? lastRead
      return valueOf(found)
    }
  },
  'XREAD from $': {
    give: (redis, id) => redis.xadd('newest', '*', 'id', id),
    take: async (redis) => valueOf(await redis.xread('BLOCK', 0, 'STREAMS', 'newest', '$'))
  },
  XREADGROUP: {
    give: (redis, id) => redis.xadd('group', '*', 'id', id),
    take: async (redis) =>
      valueOf(
        (await redis.xreadgroup('GROUP', 'g', 'c', 'COUNT', 1, 'BLOCK', 0, 'STREAMS', 'group', '>')) as Parameters<
          typeof valueOf
        >[0]
      )
  }
}

/** A client that takes all the time, until it is closed. */
class Worker {
  readonly taken: string[] = []
  readonly failures: unknown[] = []
  readonly client = clientOf(topology)

  constructor({ take }: Reader) {
    void this.#work(take)
  }

  async #work(take: Reader['take']): Promise<void> {
    for (;;) {
      try {
        const id = await take(this.client)
        if (id !== undefined) this.taken.push(id)
      } catch (error) {
        if (this.client.status !== 'end') this.failures.push(error)
        return
      }
    }
  }
}

test(`${FAILOVERS} failovers (${FAULTS.join(', ')}): blocking calls take each job once, subscribers hear each message once, or are told of the gap`, async () => {
  await using producer = clientOf(topology, { readFrom: 'primary' })
  await producer.xgroup('CREATE', 'group', 'g', '0', 'MKSTREAM')
  const workers = Object.values(READERS).map((reader) => new Worker(reader))
  const listeners = (
    [
      { subscribeTo: 'primary', protocol: 2 },
      { subscribeTo: 'replica', protocol: 3 },
      { subscribeTo: 'replicaPreferred', protocol: 2 },
      { subscribeTo: 'replicaPreferred', protocol: 3, readFrom: 'primary' }
    ] as const
  ).map((options) => new Listener(clientOf(topology, options)))
  await Promise.all(listeners.map((one) => one.listen()))
  await using publishing = clientOf(topology)
  const publisher = new Publisher((id) => publishing.multi().publish('news', id).spublish('shard', id).exec())
  const given: string[] = []
  /** Every worker waits for a job, and every replica holds what was done so far. */
  const allWait = async (): Promise<void> => {
    await eventually(() => {
      for (const { client } of workers) expect(client.stats().inFlight).toBe(1)
    })
    await replicated(await topology.primary(), await topology.replicas())
  }
  const aJobForEach = async (): Promise<void> => {
    const id = `job ${given.length}`
    given.push(id)
    const once = producer.with({ exactlyOnce: true })
    await Promise.all(Object.values(READERS).map(({ give }) => give(once, id)))
    await eventually(() => {
      for (const [index, name] of Object.keys(READERS).entries()) {
        expect(workers[index]?.failures, name).toEqual([])
        expect(workers[index]?.taken, name).toEqual(given)
      }
    }, 20_000)
  }
  try {
    await allWait()
    await aJobForEach()
    for (let failover = 0; failover < FAILOVERS; failover += 1) {
      await settleSoon(topology)
      await allWait()
      const fault = FAULTS[failover % FAULTS.length] as Fault
      const over = nextFailover(producer)
      const { heal } = await injectFault(topology, fault)
      // Given as soon as there is a primary that takes it, be the workers there or not. What is given to a primary that is being replaced may be lost.
      if (fault === 'manual') await over
      await Promise.all([over, aJobForEach()])
      await heal()
      await eventually(() => {
        for (const { gaps } of listeners) expect(gaps.length).toBeGreaterThan(failover)
      }, 30_000)
    }
    await settleSoon(topology)
  } finally {
    await publisher.stop()
    for (const { client } of workers) client.disconnect()
  }
  const last = 'last'
  try {
    await eventually(async () => {
      await publishing.multi().publish('news', last).spublish('shard', last).exec()
      for (const listener of listeners)
        for (const [by, ids] of Object.entries(listener.heard)) expect(ids.at(-1), listener.describe(by)).toBe(last)
    })
  } finally {
    for (const { client } of listeners) client.disconnect()
  }
  for (const { heard, client } of listeners)
    for (const [by, ids] of Object.entries(heard))
      expect(isInOrder(ids.filter((id) => id !== last)), `${client.options.protocol} ${by}`).toBe(true)
  for (const listener of listeners)
    for (const ids of Object.values(listener.heard)) expect(listener.unexplained(publisher.taken, ids)).toEqual([])
}, 400_000)
