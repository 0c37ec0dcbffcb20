import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Child } from './child.js'
import { beginFailover, settleSoon, startQuickTopology } from './support/clients.js'
import { eventually } from './support/server-view.js'

const PROGRAM = 'test/live/support/ends-in-a-listener.ts'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())
beforeEach(() => settleSoon(topology))

const options = (): string => JSON.stringify({ name: topology.name, sentinels: topology.sentinelAddresses })

async function endsByItself(child: Child): Promise<void> {
  await eventually(() => {
    expect(child.process.exitCode, child.stderr).toBe(0)
  }, 20_000)
}

test('clients that are ended by what one of them hears leave nothing behind that keeps the process', async () => {
  await using child = new Child(PROGRAM, ['others', options()])
  await eventually(() => expect(child.stdout).toBe('ready\n'), 20_000)
  await beginFailover(topology)
  await endsByItself(child)
})

test('nor does a failover that one of them has asked for, and will not see the end of', async () => {
  await using child = new Child(PROGRAM, ['who asks for it', options()])
  await endsByItself(child)
  expect(child.stdout).toMatch(/^ready\nfailover of "\S+" stopped at "follow": this client was closed/)
})
