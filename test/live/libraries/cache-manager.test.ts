import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { Ledger } from 'ioredis-sentinel/testkit'
import { Keyv } from 'keyv'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flows } from '../support/acknowledged.js'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { failOverBy, type Interval, isWithin } from '../support/group-faults.js'
import { nothingLeft } from './support/nothing-left.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

const TTL_MS = 600_000

test('what was cached is found through failovers by hand and by kill, and each value is made once', async () => {
  await using redis = clientOf(topology)
  const store = new KeyvRedis(redis as never)
  const failures: unknown[] = []
  const cache = createCache({ stores: [new Keyv({ store }).on('error', (error: unknown) => failures.push(error))] })
  let made = 0
  const make = (): Promise<string> => {
    made += 1
    return Promise.resolve('made')
  }
  const cached = new Ledger({
    write: async (id) => {
      await cache.set(id, { id }, TTL_MS)
      expect(await cache.get(id)).toEqual({ id })
      expect(await cache.wrap('shared', make, TTL_MS)).toBe('made')
    }
  })
  const failovers: Interval[] = []
  for (const fault of ['manual', 'kill'] as const) {
    await flows(50, cached)
    failovers.push(await failOverBy(fault, topology, redis))
  }
  await flows(50, cached)
  await cached.stop()
  expect(cached.entries.filter(({ outcome }) => outcome !== 'acked')).toEqual([])
  expect(failures).toEqual([])
  expect(made).toBe(1)
  const ids = cached.entries.map(({ id }) => id)
  const found = await cache.mget(ids)
  const lost = cached.entries.filter(({ id }, index) => !isDeepStrictEqual(found[index], { id }))
  expect(lost.filter(({ settledAt = 0 }) => !isWithin(failovers, settledAt))).toEqual([])
  await cache.disconnect()
  await nothingLeft(topology)
})
