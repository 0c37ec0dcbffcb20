import { NoPrimaryError } from 'ioredis-sentinel'
import type { LocalNode, LocalSentinel, LocalTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, outcome, startQuickTopology } from '../support/clients.js'
import { needsPartitions } from '../support/partitions.js'
import { eventually, executed, resetStatistics } from '../support/server-view.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

/** The first sentinel of the list and the old primary were cut off together, and missed the failover: both tell what was true before. */
async function leaveBehind(): Promise<{ stale: LocalSentinel; others: readonly LocalSentinel[]; old: LocalNode }> {
  const [stale, ...others] = topology.sentinels
  const old = await topology.primary()
  if (stale === undefined) throw new Error('there are no sentinels')
  await Promise.all([stale.partition('peers'), old.partition('peers')])
  await eventually(async () => {
    const reports = await Promise.all(others.map((one) => one.report(topology.name)))
    for (const report of reports) expect(report.primary).not.toEqual(old.address)
    // When they did not agree they begin anew after 20 s.
  }, 45_000)
  expect((await stale.report(topology.name)).primary).toEqual(old.address)
  expect((await old.role()).role).toBe('primary')
  return { stale, others, old }
}

test(
  'a sentinel that missed a failover, listed first, with the old primary agreeing: nobody is sent there',
  { timeout: 120_000 },
  async (context) => {
    await needsPartitions(context)
    const { others, old } = await leaveBehind()
    const real = await topology.primary()
    expect(real.address).not.toEqual(old.address)
    await resetStatistics([old])

    const writes = async (times: number): Promise<void> => {
      for (let round = 0; round < times; round += 1) {
        await using client = clientOf(topology, { connectDeadlineMs: 5_000 })
        expect(await client.set('real', 'yes')).toBe('OK')
        expect(client.topology.primary?.address).toEqual(real.address)
      }
    }

    await writes(10)

    const heals = await Promise.all(others.map((sentinel) => sentinel.slow(150)))
    await writes(2)
    await Promise.all(heals.map((heal) => heal()))

    await Promise.all(others.map((sentinel) => sentinel.freeze()))
    await using client = clientOf(topology, { connectDeadlineMs: 2_500, lazyConnect: true })
    const error = await outcome(client.connect())
    expect(error).toBeInstanceOf(NoPrimaryError)
    expect((error as Error).message).toContain('the nodes do not bear out what is said there')
    await Promise.all(others.map((sentinel) => sentinel.thaw()))
    if (client.status !== 'ready') await once(client, 'ready')
    expect(client.topology.primary?.address).toEqual(real.address)
    expect(await client.set('real', 'still')).toBe('OK')

    expect(await executed(old, 'set')).toBe(0)
  }
)
