import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, outcome, startQuickTopology } from '../support/clients.js'
import { connectionsNamed, eventually, killConnections } from '../support/server-view.js'

const DOWN_AFTER_MS = 3_000
/** A connection that is silent for so long, and from which an answer is due, is given up: down-after and a second. */
const LIMIT_MS = DOWN_AFTER_MS + 1_000
/** With the default down-after of 30 s this is more than 2 minutes; each limit is passed four times. */
const QUIET_MS = 4 * LIMIT_MS

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ replicas: 1, downAfterMs: DOWN_AFTER_MS })
})
afterAll(() => topology.stop())

const NAMES = ['pop', 'stream', 'timed', 'subscribed', 'idle', 'idle-reader']

interface Crowd extends AsyncDisposable {
  readonly all: Readonly<Record<string, SentinelRedis>>
}

async function clients(): Promise<Crowd> {
  const all = Object.fromEntries(
    NAMES.map((name) => [
      name,
      clientOf(topology, { connectionName: name, readFrom: name === 'idle-reader' ? 'replicaPreferred' : 'primary' })
    ])
  )
  const each = Object.values(all)
  await Promise.all(each.map((client) => client.ping()))
  return {
    all,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(each.map((client) => client.close()))
    }
  }
}

/** The connections of these names, as all nodes see them. */
async function connections(): Promise<string[]> {
  const found = await Promise.all(topology.nodes.flatMap((node) => NAMES.map((name) => connectionsNamed(node, name))))
  return found
    .flat()
    .map((client) => `${client['name']} ${client['id']} ${client['laddr']}`)
    .sort()
}

test('calls that block, and connections that are idle, are not disturbed however long nothing happens', async () => {
  await using crowd = await clients()
  const { all } = crowd
  const { pop, stream, timed, subscribed, idle } = all
  const disturbed: string[] = []
  for (const name of NAMES) {
    for (const event of ['close', 'reconnecting', 'error', 'failover-started'] as const)
      all[name]?.on(event as 'close', () => disturbed.push(`${name} ${event}`))
  }
  await subscribed?.subscribe('news')
  const heard: string[] = []
  subscribed?.on('message', (_channel, message) => heard.push(message))
  const popped = pop?.blpop('jobs', 0)
  const read = stream?.xread('BLOCK', 0, 'STREAMS', 'log', '$')
  const none = timed?.blpop('nothing', QUIET_MS / 1_000)
  await eventually(async () => {
    expect(await connections()).toHaveLength(NAMES.length + 1)
  })
  const before = await connections()
  const held = NAMES.map((name) => all[name]?.stats().heldTotal)
  // The time is what is tested: that nothing happens in it.
  expect(await none).toBeNull()
  expect(await connections()).toEqual(before)
  expect(disturbed).toEqual([])
  expect(await idle?.ping()).toBe('PONG')
  const primary = await topology.primary()
  await primary.command('RPUSH', 'jobs', 'job')
  await primary.command('XADD', 'log', '1-1', 'field', 'value')
  await primary.command('PUBLISH', 'news', 'something')
  expect(await popped).toEqual(['jobs', 'job'])
  expect(await read).toEqual([['log', [['1-1', ['field', 'value']]]]])
  await eventually(() => {
    expect(heard).toEqual(['something'])
  })
  expect(await connections()).toEqual(before)
  expect(NAMES.map((name) => all[name]?.stats().heldTotal)).toEqual(held)
}, 60_000)

test('a call that has to be sent again is given all of its own time, however short the deadline', async () => {
  await using client = clientOf(topology, { connectionName: 'sent-again', readFrom: 'primary' })
  const popped = client.with({ deadlineMs: 300 }).blpop('late jobs', 30)
  const primary = await topology.primary()
  await eventually(async () => {
    expect((await connectionsNamed(primary, 'sent-again'))[0]?.['flags']).toContain('b')
  })
  // The time is what is tested: before the loss more than the deadline, and beyond it too, and far less than what is left.
  await sleep(1_500)
  expect(await killConnections(primary, 'sent-again')).toBe(1)
  await sleep(800)
  await primary.command('RPUSH', 'late jobs', 'job')
  expect(await popped).toEqual(['late jobs', 'job'])
})

test('a primary that freezes is noticed by all of them, and each goes on at the next', async () => {
  await topology.settled()
  await using crowd = await clients()
  const { all } = crowd
  const { pop, stream, timed, subscribed, idle } = all
  await subscribed?.subscribe('news')
  const heard: string[] = []
  subscribed?.on('message', (_channel, message) => heard.push(message))
  const popped = pop?.blpop('jobs', 0)
  const read = stream?.xread('BLOCK', 0, 'STREAMS', 'log', '2-0')
  const timedOut = outcome(timed?.blpop('nothing', 3) ?? Promise.reject(new Error('no client')))
  const old = await topology.primary()
  await old.freeze()
  try {
    const next = await topology.primary()
    expect(next).not.toBe(old)
    await eventually(async () => {
      for (const name of NAMES) expect(await connectionsNamed(next, name), name).not.toEqual([])
    })
    await next.command('RPUSH', 'jobs', 'next job')
    await next.command('XADD', 'log', '3-1', 'field', 'value')
    expect(await popped).toEqual(['jobs', 'next job'])
    expect(await read).toEqual([['log', [['3-1', ['field', 'value']]]]])
    expect(await timedOut).toBeNull()
    expect(await idle?.ping()).toBe('PONG')
    await eventually(async () => {
      expect(await next.command('PUBLISH', 'news', 'something')).toBe(1)
    })
    await eventually(() => {
      expect(heard).toContain('something')
    })
  } finally {
    await old.thaw()
  }
}, 60_000)
