import type { SentinelRedis } from 'ioredis-sentinel'
import type { Fault, LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { failOverBy } from '../support/group-faults.js'
import { JobLoad, LIMIT, LIMIT_MS, QUICK_STALLS } from './support/job-load.js'
import { nothingLeft } from './support/nothing-left.js'

/**
 * How many failovers there are. 20 of them take about two and a half minutes, and what came of it is printed:
 *
 *   BULLMQ_FAILOVERS=20 npx vitest run --project live test/live/libraries/bullmq.test.ts
 */
const FAILOVERS = Number(process.env['BULLMQ_FAILOVERS'] ?? 3)
const IS_LONG = process.env['BULLMQ_FAILOVERS'] !== undefined
const FAULTS: readonly Fault[] = ['manual', 'kill', 'freeze']
const BURST = 5 * LIMIT

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

function connect(): SentinelRedis {
  return clientOf(topology, { maxRetriesPerRequest: null, readFrom: 'primary' })
}

test(
  `every job is done through ${FAILOVERS} failovers, none is stuck, and the workers live`,
  async () => {
    await using redis = connect()
    // A job whose end was on the wire is taken for failed, though it was done; the next attempt does it again.
    const plain = new JobLoad(redis, 'plain', 5, QUICK_STALLS)
    const once = new JobLoad(redis.with({ exactlyOnce: true }), 'once')
    const loads = [plain, once]
    const all = (act: (load: JobLoad) => Promise<void>): Promise<unknown> => Promise.all(loads.map(act))
    try {
      await all((load) => load.start())
      await all((load) => load.goesOn())
      for (let failover = 0; failover < FAILOVERS; failover += 1) {
        const fault = FAULTS[failover % FAULTS.length] as Fault
        await failOverBy(fault, topology, redis)
        await plain.schedule()
        await all((load) => load.goesOn())
      }
      await all((load) => load.drained())
      expect(await once.burst(BURST)).toBeGreaterThan((BURST / LIMIT - 2) * LIMIT_MS)
      for (const load of loads) expect(load.wrong).toEqual([])
      expect([...once.errors]).toEqual([])
      expect([once.stalled, once.repeated]).toEqual([0, []])
      if (IS_LONG) for (const load of loads) console.log(load.summary())
    } finally {
      await all((load) => load.close())
    }
    await redis.close()
    await nothingLeft(topology)
  },
  30_000 + FAILOVERS * 20_000
)
