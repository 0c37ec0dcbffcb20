import Bottleneck from 'bottleneck'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { Ledger } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flows } from '../support/acknowledged.js'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { failOverBy } from '../support/group-faults.js'
import { eventually } from '../support/server-view.js'
import { nothingLeft } from './support/nothing-left.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

const AT_ONCE = 3

test('each job runs once, and never more at a time than allowed, through failovers by hand and by kill', async () => {
  await using redis = clientOf(topology)
  const connection = new Bottleneck.IORedisConnection({ client: redis.with({ exactlyOnce: true }) })
  const limiter = new Bottleneck({ id: 'shared', connection, maxConcurrent: AT_ONCE })
  const troubles: unknown[] = []
  limiter.on('error', (error) => troubles.push(error))
  await limiter.ready()
  const runs = new Map<string, number>()
  let running = 0
  let most = 0
  const job = async (id: string): Promise<void> => {
    runs.set(id, (runs.get(id) ?? 0) + 1)
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
  }
  const jobs = new Ledger({ write: (id) => limiter.schedule(() => job(id)), everyMs: 20 })
  for (const fault of ['manual', 'kill'] as const) {
    await flows(40, jobs)
    await failOverBy(fault, topology, redis)
  }
  await flows(40, jobs)
  await jobs.stop()
  expect(jobs.entries.filter(({ outcome }) => outcome !== 'acked')).toEqual([])
  expect(jobs.entries.filter(({ id }) => runs.get(id) !== 1)).toEqual([])
  expect(most).toBeLessThanOrEqual(AT_ONCE)
  await eventually(async () => {
    expect(await limiter.running()).toBe(0)
  })
  expect(troubles).toEqual([])
  await connection.disconnect()
  await nothingLeft(topology)
})
