import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { Ledger } from 'ioredis-sentinel/testkit'
import type { RateLimiterRes } from 'rate-limiter-flexible'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flows } from '../support/acknowledged.js'
import { clientOf, outcome, startQuickTopology } from '../support/clients.js'
import { failOverBy } from '../support/group-faults.js'
import { nothingLeft } from './support/nothing-left.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

const PLENTY = { points: 1_000_000, duration: 600 }

test('every point is counted once through failovers by hand and by kill, and a limit that was reached stays reached', async () => {
  await using redis = clientOf(topology)
  const few = new RateLimiterRedis({ storeClient: redis, keyPrefix: 'few', points: 10, duration: 600 })
  const plain = new RateLimiterRedis({ storeClient: redis, keyPrefix: 'plain', ...PLENTY })
  const once = new RateLimiterRedis({
    storeClient: redis.with({ exactlyOnce: true }),
    keyPrefix: 'once',
    ...PLENTY
  })
  for (let taken = 1; taken <= 9; taken += 1) await few.consume('ada')
  const seen: number[] = []
  const counted = new Ledger({
    write: () => once.consume('ada').then(({ consumedPoints }) => seen.push(consumedPoints))
  })
  const known = new Ledger({ write: () => plain.consume('ada') })
  for (const fault of ['manual', 'kill'] as const) {
    await flows(50, counted, known)
    await failOverBy(fault, topology, redis)
  }
  await flows(50, counted, known)
  await Promise.all([counted.stop(), known.stop()])

  expect((await few.consume('ada')).remainingPoints).toBe(0)
  expect(await outcome(few.consume('ada'))).toMatchObject({ remainingPoints: 0, consumedPoints: 11 })
  expect((await few.get('ada'))?.consumedPoints).toBe(11)

  const calls = counted.entries.length
  expect(counted.entries.filter(({ outcome: came }) => came !== 'acked')).toEqual([])
  expect((await once.get('ada'))?.consumedPoints).toBe(calls)
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: calls }, (_, index) => index + 1))

  const acked = known.entries.filter(({ outcome: came }) => came === 'acked').length
  const unknown = known.entries.filter(({ outcome: came }) => came === 'unknown').length
  expect(acked + unknown).toBe(known.entries.length)
  const { consumedPoints } = (await plain.get('ada')) as RateLimiterRes
  expect(consumedPoints).toBeGreaterThanOrEqual(acked)
  expect(consumedPoints).toBeLessThanOrEqual(acked + unknown)

  await redis.close()
  await nothingLeft(topology)
})
