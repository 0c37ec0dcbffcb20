import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { tracingChannel } from 'node:diagnostics_channel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, startQuickTopology } from './support/clients.js'

interface Traced {
  readonly command: string
  readonly args: readonly string[]
}

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ replicas: 1 })
})
afterAll(() => topology.stop())

test('ioredis’s tracing channel tells each command once, at the primary and at replicas, while somebody listens', async () => {
  await using client = clientOf(topology, { consistency: 'eventual', readFrom: 'replica' })
  await client.set('before', 'anybody listens')
  const started: string[] = []
  const ended: string[] = []
  const tell =
    (into: string[]) =>
    ({ command, args }: object & Partial<Traced>): void => {
      if (args?.[0]?.startsWith('traced') === true) into.push(`${command} ${args[0]}`)
    }
  const listeners = {
    start: tell(started),
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: tell(ended),
    error: () => undefined
  }
  const channel = tracingChannel('ioredis:command')
  channel.subscribe(listeners)
  try {
    await client.set('traced:1', 'a')
    await client.get('traced:1')
    await client.pipeline().set('traced:2', 'b').get('traced:2').exec()
    await client.multi().incr('traced:3').exec()
  } finally {
    channel.unsubscribe(listeners)
  }
  await client.get('traced:1')
  const all = ['get traced:1', 'get traced:2', 'incr traced:3', 'set traced:1', 'set traced:2']
  expect(started.toSorted()).toEqual(all)
  expect(ended.toSorted()).toEqual(all)
})
