import type { Fault, LocalTopology } from 'ioredis-sentinel/testkit'
import { injectFault } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Child } from './child.js'
import { startQuickTopology } from './support/clients.js'
import { connectionsLeft } from './support/leftovers.js'
import { connectionsNamed, eventually } from './support/server-view.js'

const NAME = 'deaf'
const FAULTS: readonly Fault[] = ['kill', 'freeze', 'replica-kill', 'all-sentinels']

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 500 })
})
afterAll(() => topology.stop())

test('a program that listens to nothing lives through every fault, and is not told of them on its console', async () => {
  const options = {
    name: topology.name,
    sentinels: topology.sentinelAddresses,
    connectionName: NAME,
    deadlineMs: 2_000
  }
  await using child = new Child('test/live/support/listens-to-nothing.ts', [JSON.stringify(options)])
  await working()
  for (const fault of FAULTS) {
    const { heal } = await injectFault(topology, fault)
    if (fault === 'kill' || fault === 'freeze') await topology.primary()
    else await sleep(500)
    await heal()
    await topology.settled()
    await working()
    expect(child.process.exitCode).toBeNull()
  }
  child.process.kill('SIGTERM')
  expect([await child.ended(), child.stderr]).toEqual([0, ''])
  const [, calls, failed] = /calls (\d+) failed (\d+)/.exec(child.stdout) ?? []
  expect(Number(calls)).toBeGreaterThan(1_000)
  expect(Number(failed)).toBeLessThan(100)
  await eventually(async () => {
    expect(await connectionsLeft(topology, NAME)).toBe(0)
  })
})

/** Resolves when the primary of now is written to and read from by the three clients of the program. */
async function working(): Promise<void> {
  const primary = await topology.primary()
  await eventually(async () => {
    const connections = await connectionsNamed(primary, NAME)
    expect(connections).toHaveLength(3)
    expect(connections.map((connection) => connection['cmd'])).toContain('blpop')
  }, 20_000)
}
