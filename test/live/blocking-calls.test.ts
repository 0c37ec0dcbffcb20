import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clientOf, failOver, startQuickTopology } from './support/clients.js'
import { connectionsNamed, eventually, killConnections } from './support/server-view.js'

const NAME = 'blocked'

let topology: LocalTopology
let primary: LocalNode

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())
beforeEach(async () => {
  await topology.settled()
  primary = await topology.primary()
  await primary.command('FLUSHALL')
})

const blockedClient = (): SentinelRedis => clientOf(topology, { connectionName: NAME })

/** Resolves when the node holds a call of ours that waits. */
async function blocks(node: LocalNode): Promise<void> {
  await eventually(async () => {
    const [connection] = await connectionsNamed(node, NAME)
    expect(connection?.['flags']).toContain('b')
  })
}

interface Kind {
  readonly wait: (redis: SentinelRedis) => Promise<unknown>
  readonly wake: readonly string[]
  readonly answer: unknown
}

const KINDS: Readonly<Record<string, Kind>> = {
  BLPOP: { wait: (redis) => redis.blpop('l', 0), wake: ['RPUSH', 'l', 'x'], answer: ['l', 'x'] },
  BLMOVE: { wait: (redis) => redis.blmove('l', 'm', 'LEFT', 'LEFT', 0), wake: ['RPUSH', 'l', 'x'], answer: 'x' },
  BZPOPMIN: { wait: (redis) => redis.bzpopmin('z', 0), wake: ['ZADD', 'z', '1', 'x'], answer: ['z', 'x', '1'] },
  'XREAD BLOCK': {
    wait: (redis) => redis.xread('BLOCK', 0, 'STREAMS', 's', '0'),
    wake: ['XADD', 's', '5-0', 'f', 'v'],
    answer: [['s', [['5-0', ['f', 'v']]]]]
  }
}

describe.each(Object.entries(KINDS))('%s', (_name, { wait, wake, answer }) => {
  test('is woken', async () => {
    await using redis = blockedClient()
    const waiting = wait(redis)
    await blocks(primary)
    await primary.command(...wake)
    expect(await waiting).toEqual(answer)
  })

  test('goes on after its connection was cut, after it was unblocked by a demotion, and on the next primary', async () => {
    await using redis = blockedClient()
    await using watcher = clientOf(topology)
    await watcher.ping()
    const waiting = wait(redis)
    await blocks(primary)
    expect(await killConnections(primary, NAME)).toBe(1)
    await blocks(primary)
    await primary.command('REPLICAOF', '127.0.0.1', '1')
    await primary.command('REPLICAOF', 'NO', 'ONE')
    await blocks(primary)
    await failOver(topology, watcher)
    const next = topology.nodes.find(
      ({ address }) => address.port === watcher.topology.primary?.address.port
    ) as LocalNode
    expect(next).not.toBe(primary)
    await blocks(next)
    await next.command(...wake)
    expect(await waiting).toEqual(answer)
  })
})

test('ends by itself after its own time, however often it was interrupted', async () => {
  await using redis = blockedClient()
  await redis.ping()
  const started = performance.now()
  const waiting = redis.blpop('none', 2)
  for (let cut = 0; cut < 3; cut += 1) {
    await blocks(primary)
    expect(await killConnections(primary, NAME)).toBe(1)
  }
  expect(await waiting).toBeNull()
  const tookMs = performance.now() - started
  expect(tookMs).toBeGreaterThan(1_900)
  expect(tookMs).toBeLessThan(4_000)
})

test('is not taken for silence, and neither are calls behind it', async () => {
  await using redis = blockedClient()
  await redis.ping()
  const [before] = await connectionsNamed(primary, NAME)
  const held = redis.stats().heldTotal
  const [popped, set] = await Promise.all([redis.blpop('none', 1), redis.set('behind', 'it')])
  expect([popped, set]).toEqual([null, 'OK'])
  expect(redis.stats().heldTotal).toBe(held)
  const [after] = await connectionsNamed(primary, NAME)
  expect(after?.['id']).toBe(before?.['id'])
})

test('in a frozen primary it is found out when other calls are not answered', async () => {
  await using redis = blockedClient()
  await redis.ping()
  await primary.freeze()
  try {
    const set = redis.set('frozen', 'no')
    await eventually(() => {
      expect(redis.stats().holdReasons).toContain('silence')
    })
    const waiting = redis.blpop('l', 0)
    expect(redis.stats().held).toBe(1)
    await primary.thaw()
    expect(await set).toBe('OK')
    await blocks(primary)
    await primary.command('RPUSH', 'l', 'x')
    expect(await waiting).toEqual(['l', 'x'])
  } finally {
    await primary.thaw()
  }
})
