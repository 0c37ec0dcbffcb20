import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import type { FakeSentinel, LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { startFakeSentinel, startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clientOf, failOver, settleSoon, startQuickTopology } from '../support/clients.js'
import { eventually, killConnections } from '../support/server-view.js'

const NAME = 'follower'
/** Longer than any test: no turn of the poll comes. */
const NEVER_MS = 3_600_000

describe('each signal alone: real nodes, and sentinels that give no other', () => {
  let topology: LocalTopology
  let old: LocalNode
  let next: LocalNode
  let fakes: readonly FakeSentinel[] = []
  let refuseSubscriptions = false

  beforeAll(async () => {
    topology = await startTopology({ replicas: 1, sentinels: 1 })
    // The real one would put the nodes right.
    await Promise.all(topology.sentinels.map((sentinel) => sentinel.kill()))
  })
  afterAll(() => topology.stop())

  beforeEach(async () => {
    ;[old, next] = topology.nodes as [LocalNode, LocalNode]
    await old.command('REPLICAOF', 'NO', 'ONE')
    await next.command('REPLICAOF', old.address.host, old.address.port)
    await eventually(async () => {
      expect(String(await next.command('INFO', 'replication'))).toContain('master_link_status:up')
    })
    await old.command('CONFIG', 'RESETSTAT')
    refuseSubscriptions = false
    const intercept = ([command]: readonly string[]): { error: string } | undefined =>
      refuseSubscriptions && /subscribe/i.test(command ?? '') ? { error: 'NOPERM no channels for you' } : undefined
    fakes = await Promise.all([1, 2, 3].map(() => startFakeSentinel({ intercept })))
    tell(old, 1)
  })
  afterEach(() => Promise.all(fakes.map((fake) => fake.close())))

  /** What the sentinels answer from now on. */
  function tell(primary: LocalNode, configEpoch: number): void {
    for (const fake of fakes) {
      const others = fakes.filter((other) => other !== fake)
      fake.state.groups[topology.name] = {
        primary: primary.address,
        configEpoch,
        replicas: topology.nodes.filter((node) => node !== primary).map(({ address }) => ({ address })),
        sentinels: others.map(({ address, state }) => ({ address, id: state.id }))
      }
    }
  }

  async function promote(): Promise<void> {
    await next.command('REPLICAOF', 'NO', 'ONE')
    tell(next, 2)
  }

  const demote = (): Promise<unknown> => old.command('REPLICAOF', next.address.host, next.address.port)

  const follower = (options: Partial<SentinelRedisOptions>): SentinelRedis =>
    clientOf(topology, {
      sentinels: fakes.map(({ address }) => address),
      connectionName: NAME,
      readFrom: 'primary',
      ...options
    })

  const questions = (): number =>
    fakes.flatMap(({ received }) => received).filter(([name]) => name === 'SENTINEL').length

  async function readonlyErrors(): Promise<number> {
    const info = String(await old.command('INFO', 'errorstats'))
    return Number(/errorstat_READONLY:count=(\d+)/.exec(info)?.[1] ?? 0)
  }

  async function writesArriveAtNext(client: SentinelRedis): Promise<void> {
    expect(await client.set('key', 'after')).toBe('OK')
    expect(client.topology.primary?.address).toEqual(next.address)
    expect(await next.command('GET', 'key')).toBe('after')
  }

  /** Settled: nobody is asked anything more. */
  async function connected(client: SentinelRedis): Promise<void> {
    await client.set('key', 'before')
    await eventually(() => {
      expect(client.topology.sentinels.filter(({ reachable }) => reachable)).toHaveLength(fakes.length)
      expect(client.topology.phase.kind).toBe('stable')
    })
  }

  test('the event: no poll is due, and the old primary keeps its connections and takes writes', async () => {
    await using client = follower({ pollIntervalMs: NEVER_MS })
    await connected(client)
    await promote()
    const changed = new Promise((resolve) => client.once('primary-changed', resolve))
    const words = [topology.name, old.address.host, old.address.port, next.address.host, next.address.port]
    fakes[1]?.publish('+switch-master', words.join(' '))
    await changed
    await writesArriveAtNext(client)
    expect(await readonlyErrors()).toBe(0)
  })

  test('the poll: the sentinels refuse the subscription, and the old primary keeps its connections and takes writes', async () => {
    refuseSubscriptions = true
    await using client = follower({ pollIntervalMs: 100 })
    await connected(client)
    expect(fakes.map((fake) => fake.subscribers('+switch-master'))).toEqual([0, 0, 0])
    const changed = new Promise((resolve) => client.once('primary-changed', resolve))
    await promote()
    await changed
    await writesArriveAtNext(client)
    expect(await readonlyErrors()).toBe(0)
  })

  test('the READONLY reply: no event, no poll due, the connection stays', async () => {
    await using client = follower({ pollIntervalMs: NEVER_MS })
    await connected(client)
    const asked = questions()
    await promote()
    await demote()
    expect(client.topology.primary?.address).toEqual(old.address)
    expect(questions()).toBe(asked)
    await writesArriveAtNext(client)
    expect(await readonlyErrors()).toBe(1)
    expect(client.stats()).toMatchObject({ retried: 1, unknown: 0 })
  })

  test('the role on connect: no event, no poll due, the connection is broken and no write reaches the old primary', async () => {
    await using client = follower({ pollIntervalMs: NEVER_MS })
    await connected(client)
    await demote()
    await next.command('REPLICAOF', 'NO', 'ONE')
    expect(await killConnections(old, NAME)).toBe(1)
    const write = client.set('key', 'after')
    // The sentinels are late: they go on naming the old primary, which says that it is a replica.
    await eventually(() => {
      expect(client.topology.phase).toMatchObject({ kind: 'suspect', by: 'refused' })
    })
    expect(client.stats().held).toBe(1)
    tell(next, 2)
    expect(await write).toBe('OK')
    await writesArriveAtNext(client)
    expect(await readonlyErrors()).toBe(0)
  })

  test('the role at the first connection: what the sentinels named has become a replica', async () => {
    await demote()
    await next.command('REPLICAOF', 'NO', 'ONE')
    await using client = follower({ pollIntervalMs: NEVER_MS })
    const write = client.set('key', 'after')
    await eventually(async () => {
      expect(client.topology.phase.kind).toBe('verifying')
      expect(questions()).toBeGreaterThan(5 * fakes.length)
    })
    tell(next, 2)
    expect(await write).toBe('OK')
    await writesArriveAtNext(client)
    expect(await readonlyErrors()).toBe(0)
  })
})

describe('real sentinels', () => {
  let topology: LocalTopology

  beforeAll(async () => {
    topology = await startQuickTopology({ downAfterMs: 60_000 })
  })
  afterAll(() => topology.stop())

  async function followsFailover(client: SentinelRedis): Promise<void> {
    await client.set('key', 'before')
    const before = client.topology.primary?.address
    await failOver(topology, client)
    await client.set('key', 'after')
    expect(client.topology.primary?.address).not.toEqual(before)
    await settleSoon(topology)
    const primary = await topology.primary()
    expect(client.topology.primary?.address).toEqual(primary.address)
    expect(await primary.command('GET', 'key')).toBe('after')
  }

  test('a sentinel user that may not subscribe', async () => {
    for (const sentinel of topology.sentinels) {
      await sentinel.command('ACL', 'SETUSER', 'poller', 'on', '>pw', '+@all', '~*', 'resetchannels')
    }
    await using client = clientOf(topology, { sentinelUsername: 'poller', sentinelPassword: 'pw' })
    await followsFailover(client)
  })

  test('nobody is polled', async () => {
    await using client = clientOf(topology, { pollIntervalMs: NEVER_MS })
    await followsFailover(client)
  })

  test('only the later signals of a promotion are believed: confirmed and strict', async () => {
    await using confirmed = clientOf(topology, { promotion: 'confirmed' })
    await using strict = clientOf(topology, { promotion: 'strict' })
    await strict.set('other', 'before')
    await followsFailover(confirmed)
    await strict.set('other', 'after')
    expect(strict.topology.primary).toMatchObject({ address: confirmed.topology.primary?.address, confirmed: true })
  })
})
