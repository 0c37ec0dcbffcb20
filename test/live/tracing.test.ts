import type { CommandTrace } from 'ioredis-sentinel'
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

test('of the calls that are offered those are told that somebody wanted, with their client and as a whole', async () => {
  await using client = clientOf(topology)
  await using other = clientOf(topology)
  let yes = false
  const endFirst = client.offerCalls(() => false)
  const end = client.offerCalls(() => yes)
  const told: string[] = []
  const tell =
    (when: string) =>
    ({ name, client: of }: Pick<CommandTrace, 'name' | 'client'>): void => {
      if (of === client || of === other) told.push(`${when} ${name}`)
    }
  const listeners = {
    start: tell('start'),
    end: tell('end'),
    asyncStart: () => undefined,
    asyncEnd: tell('asyncEnd'),
    error: tell('error')
  }
  const wanted = tracingChannel<object, CommandTrace>('ioredis-sentinel:command-wanted')
  wanted.subscribe(listeners)
  const calls = async (): Promise<void> => {
    await client.set('offered:1', 'a')
    await client.with({ readFrom: 'primary' }).get('offered:1')
    await client.pipeline().set('offered:1', 'b').incr('offered:1').exec()
    await client.multi().set('offered:2', '1').exec()
    await client.transaction((tx) => tx.multi().incr('offered:2').exec())
    await client.incr('offered:1').catch(() => undefined)
  }
  try {
    await calls()
    expect(told).toEqual([])
    yes = true
    await calls()
    await other.set('offered:3', '')
    yes = false
    await calls()
    yes = true
    end()
    await calls()
  } finally {
    end()
    endFirst()
    wanted.unsubscribe(listeners)
  }
  const whole = (name: string, ...between: string[]): string[] => [
    `start ${name}`,
    `end ${name}`,
    ...between,
    `asyncEnd ${name}`
  ]
  expect(told).toEqual([
    ...whole('set'),
    ...whole('get'),
    ...whole('pipeline', 'error pipeline'),
    ...whole('multi'),
    ...whole('multi'),
    ...whole('incr', 'error incr')
  ])
})
