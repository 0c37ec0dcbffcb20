import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { Child } from './child.js'
import { beginFailover, startQuickTopology } from './support/clients.js'
import { eventually } from './support/server-view.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology()
})
afterAll(() => topology.stop())

test('what a listener throws is uncaught, as of any emitter, and keeps no client from what it has to do', async () => {
  const options = JSON.stringify({ name: topology.name, sentinels: topology.sentinelAddresses })
  await using child = new Child('test/live/support/throws-in-a-listener.ts', [options])
  await eventually(() => expect(child.stdout).toBe('ready\n'), 20_000)
  await beginFailover(topology)
  expect([await child.ended(), child.stderr]).toEqual([0, ''])
  expect(JSON.parse(child.stdout.split('\n')[1] ?? '')).toEqual({
    uncaught: ['of the listener'],
    values: ['OK', 'OK']
  })
})

test('also of the event error: sentinels are asked again', async () => {
  const options = JSON.stringify({ name: topology.name, sentinels: topology.sentinelAddresses })
  await using child = new Child('test/live/support/throws-at-an-error.ts', [options])
  expect([await child.ended(), child.stderr]).toEqual([0, ''])
  expect(JSON.parse(child.stdout)).toEqual({ uncaught: ['of the listener'], value: 'OK' })
})
