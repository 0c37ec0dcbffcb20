import type { SentinelRedis, SessionLost } from 'ioredis-sentinel'
import { ConfigurationError } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { formatSession, parseSession } from '../../src/routing/session-token.js'
import { Child } from './child.js'
import { usable } from './support/client-view.js'
import { clientOf, outcome, settleSoon, startQuickTopology } from './support/clients.js'
import { holdBack } from './support/held-back.js'
import { eventually, executed, replicated, resetStatistics } from './support/server-view.js'

// Two clients know nothing of each other but a token.

let topology: LocalTopology
let replicas: readonly LocalNode[]
let releases: (() => Promise<void>)[] = []

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 300_000 })
})
afterAll(() => topology.stop())
beforeEach(async () => {
  await settleSoon(topology)
  replicas = await topology.replicas()
})
afterEach(async () => {
  await Promise.all(releases.map((release) => release()))
  releases = []
})

async function holdAllBack(): Promise<void> {
  releases = await Promise.all(replicas.map(holdBack))
}

async function letGo(index: number): Promise<void> {
  await releases[index]?.()
}

async function reader(options: Parameters<typeof clientOf>[1] = {}): Promise<SentinelRedis> {
  const client = clientOf(topology, options)
  onTestFinished(() => client.close())
  await usable(client, replicas.length)
  return client
}

async function writer(): Promise<SentinelRedis> {
  const client = clientOf(topology)
  onTestFinished(() => client.close())
  await client.connect().catch(() => undefined)
  return client
}

test('a read with a token sees what was written before it, one without does not', async () => {
  const [a, b] = [await writer(), await reader()]
  let missed = 0
  for (let round = 1; round <= 30; round += 1) {
    // Now none, now one, now all of them are behind.
    const held = replicas.slice(0, round % (replicas.length + 1))
    const letAllGo = await Promise.all(held.map(holdBack))
    await a.set('shared', round)
    await a.hset('profile', 'round', round)
    const session = await a.session()
    const seeing = b.with({ session })
    for (let again = 0; again < 5; again += 1) {
      expect(await seeing.get('shared')).toBe(String(round))
      expect(await seeing.pipeline().hget('profile', 'round').get('shared').exec()).toEqual([
        [null, String(round)],
        [null, String(round)]
      ])
      if ((await b.get('shared')) !== String(round)) missed += 1
    }
    await Promise.all(letAllGo.map((release) => release()))
  }
  expect(missed).toBeGreaterThan(0)
})

test('replicas answer such reads as soon as they hold the token’s point, and only those', async () => {
  const [a, b] = [await writer(), await reader()]
  await holdAllBack()
  await resetStatistics(replicas)
  await a.set('shared', 'new')
  const seeing = b.with({ session: await a.session() })
  for (let again = 0; again < 20; again += 1) expect(await seeing.get('shared')).toBe('new')
  expect(b.stats().readsOnReplicas).toBe(0)
  await letGo(1)
  await eventually(async () => {
    expect(await seeing.get('shared')).toBe('new')
    expect(b.stats().readsOnReplicas).toBeGreaterThan(5)
  })
  expect(await executed(replicas[0] as LocalNode, 'get')).toBe(0)
  expect(await executed(replicas[1] as LocalNode, 'get')).toBeGreaterThan(5)
})

test('another process takes it', async () => {
  const a = await writer()
  await holdAllBack()
  await a.set('shared', 'across processes')
  const script = new URL('support/session-child.ts', import.meta.url).pathname
  await using child = new Child(script, [topology.url, await a.session(), 'shared'])
  expect([await child.ended(), child.stdout.trim(), child.stderr]).toEqual([0, 'across processes', ''])
})

test('it covers what others wrote', async () => {
  const [a, b, c] = [await writer(), await reader(), await writer()]
  await holdAllBack()
  await c.set('by another', '1')
  await a.set('own', '1')
  const seeing = b.with({ session: await a.session() })
  expect(await seeing.mget('by another', 'own')).toEqual(['1', '1'])
})

test('with `readFrom: replica` the primary answers all the same, since the read must not fail for the token', async () => {
  const [a, b] = [await writer(), await reader({ readFrom: 'replica', deadlineMs: 20_000 })]
  await holdAllBack()
  await a.set('shared', 'at the primary only')
  expect(await b.with({ session: await a.session() }).get('shared')).toBe('at the primary only')
})

test('with `consistency: eventual` it counts too', async () => {
  const [a, b] = [await writer(), await reader({ consistency: 'eventual' })]
  await a.set('shared', 'before')
  await replicated(await topology.primary(), replicas)
  await holdAllBack()
  await a.set('shared', 'after')
  expect(await b.with({ session: await a.session() }).get('shared')).toBe('after')
  expect(await b.get('shared')).toBe('before')
})

test('a token outlives a failover, and what was lost by it is told', async () => {
  const [a, b] = [await writer(), await reader()]
  await a.set('shared', 'before the failover')
  const session = await a.session()
  const point = parseSession(session, topology.name)
  await a.failover({ patienceMs: 0 })
  await settleSoon(topology)
  replicas = await topology.replicas()
  await usable(b, replicas.length)

  // The new primary has the old history as its past, one replica or both theirs; the token is as good as before.
  const seeing = b.with({ session })
  const { readsOnReplicas } = b.stats()
  await eventually(async () => {
    expect(await seeing.get('shared')).toBe('before the failover')
    expect(b.stats().readsOnReplicas).toBeGreaterThan(readsOnReplicas + 5)
  })

  // One that lies further on in the old history than the new primary has ever had it.
  const beyond = formatSession(topology.name, { ...point, offset: point.offset + 1_000_000 }) ?? ''
  const told: SessionLost[] = []
  b.on('session-lost', (lost) => told.push(lost))
  const unfulfilled = b.with({ session: beyond })
  await eventually(async () => {
    expect(await unfulfilled.get('shared')).toBe('before the failover')
    expect(told).toHaveLength(1)
  })
  expect(told[0]?.session).toBe(beyond)
  expect(told[0]?.lostBytes).toBeGreaterThan(900_000)
  const before = b.stats().readsOnReplicas
  for (let again = 0; again < 20; again += 1) await unfulfilled.get('shared')
  expect(b.stats().readsOnReplicas).toBe(before)
  expect(told).toHaveLength(1)
})

test('a token of a history that nobody knows is answered by the primary', async () => {
  const b = await reader()
  const session = formatSession(topology.name, { history: 'ab'.repeat(20), offset: 1 }) ?? ''
  for (let again = 0; again < 20; again += 1) await b.with({ session }).get('shared')
  expect(b.stats().readsOnReplicas).toBe(0)
})

test('a token waits for a primary as any call does', async () => {
  const a = clientOf(topology)
  onTestFinished(() => a.close())
  const written = a.set('first', 'call')
  expect(parseSession(await a.session(), topology.name).offset).toBeGreaterThan(0)
  expect(await written).toBe('OK')
})

test('what is no token, and session() in the midst of a MULTI, are refused with the reason', async () => {
  const a = await writer()
  expect(() => a.with({ session: 'cookie' })).toThrow(ConfigurationError)
  expect(() => a.with({ session: 'cookie' })).toThrow(/"cookie".*client\.session\(\)/)
  await a.multi({ pipeline: false })
  expect(await outcome(a.session())).toMatchObject({ code: 'CONFIGURATION' })
  await a.discard()
  expect(await a.session()).toMatch(/^1\./)
})
