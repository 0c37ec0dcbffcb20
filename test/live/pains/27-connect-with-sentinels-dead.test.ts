import { SentinelsUnreachableError } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalSentinel, LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import type { TestContext } from 'vitest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf, outcome } from '../support/clients.js'
import { needsPartitions } from '../support/partitions.js'
import { patiently } from '../support/patience.js'
import { eventually } from '../support/server-view.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())

const DEAD = ['127.98.1.1:1', '127.98.1.2:1', '127.98.1.3:1']
const keys = (): string[] => topology.sentinelAddresses.map(({ host, port }) => `${host}:${port}`).sort()

interface Blackhole {
  readonly needs: (context: TestContext) => Promise<void>
  /** Resolves with what undoes it. */
  readonly swallow: (sentinel: LocalSentinel) => Promise<() => Promise<void>>
}

const BLACKHOLES: Readonly<Record<string, Blackhole>> = {
  'frozen: connections are accepted, and nothing is ever answered': {
    needs: () => Promise.resolve(),
    swallow: async (sentinel) => {
      await sentinel.freeze()
      return () => sentinel.thaw()
    }
  },
  'cut off: packets are dropped without an error': {
    needs: needsPartitions,
    swallow: (sentinel) => sentinel.partition('everything')
  }
}

async function blackhole(count: number, { swallow }: Blackhole): Promise<AsyncDisposable> {
  const heals = await Promise.all(topology.sentinels.slice(0, count).map(swallow))
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(heals.map((heal) => heal()))
    }
  }
}

/** The quickest of three: a busy machine makes some slow, and a rule that waits for sentinels makes all slow. */
async function timeToFirstWrite(options: Partial<SentinelRedisOptions>): Promise<number> {
  let quickest = Infinity
  for (let tries = 0; tries < 3 && quickest >= 1_000; tries += 1)
    quickest = Math.min(quickest, await firstWrite(options))
  return quickest
}

/** Resolves when no sentinel that answers distrusts its clock, as it does for 30 s where it stood still for 2: none is believed alone then. */
async function sober(): Promise<void> {
  await eventually(async () => {
    for (const sentinel of topology.sentinels.filter(({ healthy }) => healthy))
      expect(String(await sentinel.command('INFO', 'sentinel'))).toContain('sentinel_tilt:0')
  }, 60_000)
}

/** How long it takes from nothing to the first acknowledged write. */
async function firstWrite(options: Partial<SentinelRedisOptions>): Promise<number> {
  await sober()
  const started = performance.now()
  await using client = clientOf(topology, { lazyConnect: true, ...options })
  await client.connect()
  expect(await client.set('written', 'yes')).toBe('OK')
  return performance.now() - started
}

describe.each(Object.entries(BLACKHOLES))('%s:', (_, hole) => {
  test('two of three, connected in less than a second', { timeout: 240_000 }, async (context) => {
    await hole.needs(context)
    // With all of them: on a busy machine that may take a second itself.
    const usualMs = await timeToFirstWrite({})
    await using _dark = await blackhole(2, hole)
    expect((await timeToFirstWrite({})) - usualMs).toBeLessThan(1_000)
    expect((await timeToFirstWrite({ readFrom: 'primary' })) - usualMs).toBeLessThan(1_000)
    // However long each of them may take.
    expect((await timeToFirstWrite({ sentinelTimeoutMs: 30_000 })) - usualMs).toBeLessThan(1_000)
  })

  test('all three, rejects by the deadline, names each, and connects by itself when they speak again', async (context) => {
    await hole.needs(context)
    const dark = await blackhole(3, hole)
    await using client = clientOf(topology, { connectDeadlineMs: 3_000, sentinelTimeoutMs: 300, lazyConnect: true })
    // The first sentinel that speaks again is enough, and the others are healed after it.
    const ready = once(client, 'ready')
    try {
      const started = performance.now()
      const error = await outcome(client.connect())
      expect(performance.now() - started).toBeLessThan(patiently(1_500))
      expect(error).toBeInstanceOf(SentinelsUnreachableError)
      const { causes } = error as SentinelsUnreachableError
      expect(Object.keys(causes).sort()).toEqual(keys())
      for (const cause of Object.values(causes))
        expect(cause.message).toMatch(/(does not answer|cannot be reached) within 300 ms/)
    } finally {
      await dark[Symbol.asyncDispose]()
    }
    await ready
    expect(await client.set('spoken', 'yes')).toBe('OK')
  })
})

test('two of three refuse: connected in less than a second', async () => {
  const sentinels = [...DEAD.slice(0, 2), ...topology.sentinelAddresses.slice(0, 1)]
  expect(await timeToFirstWrite({ sentinels })).toBeLessThan(1_000)
})

test('all refuse: rejects by the deadline and names each', async () => {
  let error: unknown
  // By the first, a busy machine may not have told of each.
  for (const connectDeadlineMs of [400, 4_000]) {
    await using client = clientOf(topology, { sentinels: DEAD, connectDeadlineMs, lazyConnect: true })
    const started = performance.now()
    error = await outcome(client.connect())
    expect(performance.now() - started).toBeLessThan(patiently(1_500))
    expect(error).toBeInstanceOf(SentinelsUnreachableError)
    if (Object.keys((error as SentinelsUnreachableError).causes).length === DEAD.length) break
  }
  const { causes, message, group, stage } = error as SentinelsUnreachableError
  expect(Object.keys(causes).sort()).toEqual(DEAD)
  for (const [key, cause] of Object.entries(causes)) {
    expect(cause.message).toContain('ECONNREFUSED')
    expect(message).toContain(`${key} cannot be reached: connect ECONNREFUSED`)
  }
  expect([group, stage]).toEqual([topology.name, 'discovering'])
})
