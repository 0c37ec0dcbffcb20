import type { LocalTopology } from 'ioredis-sentinel/testkit'
import Redlock, { ExecutionError } from 'redlock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nextFailover } from '../support/client-view.js'
import { clientOf, outcome, settleSoon, startQuickTopology } from '../support/clients.js'
import { failOverBy, injectNoted } from '../support/group-faults.js'
import { needsPartitions } from '../support/partitions.js'
import { eventually } from '../support/server-view.js'
import { nothingLeft } from './support/nothing-left.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

const LONG_MS = 60_000
/** A release whose outcome is unknown leaves its lock behind for so long; a failover takes less. */
const SHARED_MS = 15_000
const PATIENT = { retryCount: -1, retryDelay: 20, retryJitter: 10 }

test.each([
  ['as it is', false],
  ['with exactlyOnce', true]
])(
  '%s: through failovers by hand and by kill one at a time holds a lock, and one that the replicas had is kept, extended and released',
  async (_name, exactlyOnce) => {
    await using redis = clientOf(topology)
    const redlock = new Redlock([redis.with({ exactlyOnce })], PATIENT)
    let kept = await redlock.acquire(['kept'], LONG_MS)
    await redis.wait(2, 5_000)
    let holders = 0
    let turns = 0
    let most = 0
    let working = true
    const work = async (): Promise<void> => {
      while (working) {
        const lock = await redlock.acquire(['shared'], SHARED_MS).catch(() => undefined)
        if (lock === undefined) continue
        holders += 1
        most = Math.max(most, holders)
        await redis.wait(1, 1_000).catch(() => undefined)
        turns += 1
        holders -= 1
        // Not patiently: one that was executed without an answer finds no lock the next time, and would be tried for ever.
        await redlock.release(lock, { retryCount: 0 }).catch(() => undefined)
      }
    }
    const workers = Array.from({ length: 5 }, work)
    for (const fault of ['manual', 'kill'] as const) {
      const before = turns
      await failOverBy(fault, topology, redis)
      kept = await kept.extend(LONG_MS)
      expect(await outcome(redlock.acquire(['kept'], LONG_MS, { retryCount: 0 }))).toBeInstanceOf(ExecutionError)
      await eventually(() => {
        expect(turns).toBeGreaterThan(before + 10)
      }, 2 * SHARED_MS)
    }
    working = false
    await Promise.all(workers)
    expect(most).toBe(1)
    const waits = redlock.acquire(['kept'], LONG_MS)
    await kept.release()
    await (await waits).release()
    await redis.close()
    await nothingLeft(topology)
  },
  120_000
)

test('a holder whose lock ran out before it took its number is refused when it extends the lock, as the recipe does', async () => {
  await using redis = clientOf(topology)
  const redlock = new Redlock([redis], { retryCount: 0 })
  const paused = await redlock.acquire(['numbered'], LONG_MS)
  await redis.pexpire('numbered', 1)
  const next = await new Redlock([redis], PATIENT).acquire(['numbered'], LONG_MS)
  expect(await redis.incr('numbered:number')).toBe(1)
  expect(await redis.incr('numbered:number')).toBe(2)
  expect(await outcome(paused.extend(LONG_MS))).toBeInstanceOf(ExecutionError)
  expect((await next.extend(LONG_MS)).expiration).toBeGreaterThan(Date.now())
})

test('a lock that the old primary gave alone is given again by the new one: no lock is safe over a failover', async (context) => {
  await needsPartitions(context)
  await settleSoon(topology)
  await using redis = clientOf(topology, { holdWrites: 'never' })
  await redis.ping()
  const redlock = new Redlock([redis], PATIENT)
  const moved = nextFailover(redis)
  const { heal } = await injectNoted(topology, 'peers')
  try {
    const first = await redlock.acquire(['lost'], LONG_MS)
    await moved
    const second = await redlock.acquire(['lost'], LONG_MS, { retryCount: 0 })
    expect(first.expiration).toBeGreaterThan(Date.now())
    expect(second.expiration).toBeGreaterThan(Date.now())
  } finally {
    await heal()
  }
  await settleSoon(topology)
  await redis.close()
  await nothingLeft(topology)
})
