import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clientOf } from '../support/clients.js'
import { needsPartitions } from '../support/partitions.js'
import { patiently } from '../support/patience.js'

const DOWN_AFTER_MS = 1_000
const DEADLINE_MS = 5_000
/** The sentinels' own time for a failover beside down-after: agreeing, electing, promoting. When they did not agree, once more after 20 s. */
const FAILOVER_MS = 44_000
/** Deadlines are looked at every 50 ms, on a machine that may be busy. */
const LATE_MS = patiently(1_000)

let topology: LocalTopology
let client: SentinelRedis
let worker: SentinelRedis

beforeEach(async () => {
  topology = await startTopology({ downAfterMs: DOWN_AFTER_MS })
  client = clientOf(topology, { deadlineMs: DEADLINE_MS })
  worker = client.duplicate()
  await Promise.all([client.set('constant', 'here'), worker.ping()])
})

afterEach(async () => {
  client.disconnect()
  worker.disconnect()
  await topology.stop()
})

const CALLS: Readonly<Record<string, (redis: SentinelRedis) => Promise<unknown>>> = {
  INCR: (redis) => redis.incr('n'),
  SET: (redis) => redis.set('s', 'x'),
  GET: (redis) => redis.get('constant'),
  'GET at the primary': (redis) => redis.with({ readFrom: 'primary' }).get('constant'),
  pipeline: (redis) => redis.pipeline().incr('p').get('constant').exec(),
  MULTI: (redis) => redis.multi().incr('m').exec(),
  script: (redis) => redis.eval("return redis.call('INCR', KEYS[1])", 1, 'scripted'),
  PUBLISH: (redis) => redis.publish('channel', 'x')
}

/** Issues every kind of call all the time, and notes how long each took. */
class Callers {
  readonly tookMs: Record<string, number> = {}
  readonly open = new Map<Promise<unknown>, number>()
  ackedAt = 0
  readonly #timer: NodeJS.Timeout

  constructor(redis: SentinelRedis) {
    this.#timer = setInterval(() => {
      for (const [name, call] of Object.entries(CALLS)) this.#issue(name, call(redis))
    }, 10)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.open.keys())
  }

  #issue(name: string, reply: Promise<unknown>): void {
    const began = performance.now()
    const settled = reply.then(
      () => {
        if (name === 'INCR') this.ackedAt = performance.now()
      },
      () => undefined
    )
    const noted = settled.finally(() => {
      this.open.delete(noted)
      this.tookMs[name] = Math.max(this.tookMs[name] ?? 0, performance.now() - began)
    })
    this.open.set(noted, began)
  }
}

async function survives(kill: (primary: LocalNode) => Promise<unknown>, heal: () => Promise<unknown>): Promise<void> {
  const primary = await topology.primary()
  const callers = new Callers(client)
  const popped = worker.blpop('queue', 0)
  await vi.waitFor(
    () => {
      expect(callers.ackedAt).toBeGreaterThan(0)
    },
    { timeout: 20_000 }
  )
  const deadAt = performance.now()
  await kill(primary)
  const gone = callers.ackedAt
  // Nobody tells the client anything: the connection to the old primary is never closed.
  await vi.waitFor(
    () => {
      expect(callers.ackedAt).toBeGreaterThan(Math.max(gone, deadAt) + 300)
    },
    { timeout: 60_000, interval: 10 }
  )
  const next = topology.nodes.find((node) => node.address.port === client.topology.primary?.address.port)
  expect(next).not.toBe(primary)
  const firstAck = callers.ackedAt - deadAt
  expect(firstAck).toBeLessThan(DOWN_AFTER_MS + FAILOVER_MS)
  expect(await client.rpush('queue', 'work')).toBe(1)
  expect(await popped).toEqual(['queue', 'work'])
  expect(primary.healthy).toBe(false)

  const oldest = (): number => Math.min(Infinity, ...callers.open.values())
  await vi.waitFor(
    () => {
      expect(oldest()).toBeGreaterThan(deadAt + DOWN_AFTER_MS)
    },
    { timeout: DEADLINE_MS + LATE_MS }
  )
  await callers.stop()
  expect(Object.keys(callers.tookMs).sort()).toEqual(Object.keys(CALLS).sort())
  for (const [name, tookMs] of Object.entries(callers.tookMs)) {
    expect(tookMs, name).toBeLessThan(DEADLINE_MS + LATE_MS)
  }
  expect(primary.healthy).toBe(false)
  await heal()
}

test(
  'frozen: every call settles by its deadline, and writes and a blocked worker go on elsewhere while it is still frozen',
  { timeout: 120_000 },
  async () => {
    let frozen: LocalNode | undefined
    await survives(
      (primary) => {
        frozen = primary
        return primary.freeze()
      },
      async () => frozen?.thaw()
    )
  }
)

test('behind a network that drops its packets: the same', { timeout: 120_000 }, async (context) => {
  await needsPartitions(context)
  let heal: (() => Promise<void>) | undefined
  await survives(
    async (primary) => {
      heal = await primary.partition('everything')
    },
    async () => heal?.()
  )
})

test('frozen for good, and nobody to promote another: every call settles by its deadline, told what became of it', async () => {
  const primary = await topology.primary()
  await Promise.all([primary, ...topology.sentinels].map((server) => server.freeze()))
  const hurried = client.with({ deadlineMs: 700 })
  const began = performance.now()
  const outcomes = await Promise.allSettled(
    Object.entries(CALLS)
      .filter(([name]) => name !== 'GET' && name !== 'GET at the primary')
      .map(([, call]) => call(hurried))
  )
  expect(performance.now() - began).toBeLessThan(700 + LATE_MS)
  const [, , pipeline] = outcomes
  expect(pipeline?.status === 'fulfilled' && pipeline.value).toMatchObject([
    [{ code: 'UNKNOWN_OUTCOME' }],
    [{ code: 'DEADLINE' }]
  ])
  const codes = outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'answered'))
  expect(codes).toEqual([
    'UNKNOWN_OUTCOME',
    'DEADLINE',
    'answered',
    'UNKNOWN_OUTCOME',
    'UNKNOWN_OUTCOME',
    'UNKNOWN_OUTCOME'
  ])
})
