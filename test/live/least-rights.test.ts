import { readFileSync } from 'node:fs'
import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalProcess, LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { usable } from './support/client-view.js'
import { clientOf, failOver, outcome, settleSoon, startQuickTopology } from './support/clients.js'
import {
  NODE_FAILOVER_RIGHTS,
  NODE_HARMLESS_RIGHTS,
  NODE_RIGHTS,
  SENTINEL_FAILOVER_RIGHTS,
  SENTINEL_RIGHTS
} from './support/least-rights.js'
import { accessErrorsIn, Overheard } from './support/overheard.js'
import { connectionsNamed, eventually, executed, replicated, resetStatistics } from './support/server-view.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())
beforeEach(async () => {
  await Promise.all([...topology.nodes, ...topology.sentinels].map((server) => server.command('ACL', 'LOG', 'RESET')))
})

const setUser = (servers: readonly LocalProcess[], user: string, rights: string): Promise<unknown> =>
  Promise.all(
    servers.map((one) => one.command('ACL', 'SETUSER', user, 'reset', 'on', `>${user}-pw`, ...rights.split(' ')))
  )

/** A right that Redis before 7.2 does not know, so that the page's lines for all versions do not give it; nothing is lost without. */
const UNGIVEN = 'command client|setinfo'

/** What a server has refused this user beside that: `command get`, `key app:x`, `channel news`. */
async function refusedAt(server: LocalProcess, user: string): Promise<string[]> {
  const entries = (await server.command('ACL', 'LOG')) as readonly (readonly unknown[])[]
  const logged = entries.map((fields) => {
    const pairs = new Map<unknown, unknown>()
    for (let at = 0; at + 1 < fields.length; at += 2) pairs.set(fields[at], fields[at + 1])
    return pairs
  })
  return logged
    .filter((entry) => entry.get('username') === user)
    .map((entry) => `${String(entry.get('reason'))} ${String(entry.get('object'))}`)
    .filter((refused) => refused !== UNGIVEN)
}

const refusals = async (servers: readonly LocalProcess[], user: string): Promise<string[]> =>
  (await Promise.all(servers.map((one) => refusedAt(one, user)))).flat()

function connect(user: string, options: Partial<SentinelRedisOptions> = {}): SentinelRedis {
  return clientOf(topology, { username: user, password: `${user}-pw`, connectionName: 'app', ...options })
}

/** Of everything that this library does, once. */
async function useIt(client: SentinelRedis): Promise<void> {
  await client.set('app:key', 'value')
  expect(await client.get('app:key')).toBe('value')
  await usable(client, 2)
  const primary = await topology.primary()
  await replicated(primary, await topology.replicas())
  await eventually(async () => {
    const before = client.stats().readsOnReplicas
    expect(await client.get('app:key')).toBe('value')
    expect(client.stats().readsOnReplicas).toBeGreaterThan(before)
  })
  expect(await client.multi().incr('app:count').incr('app:count').exec()).toHaveLength(2)
  expect(await client.pipeline().get('app:key').lrange('app:list', 0, -1).exec()).toHaveLength(2)
  await client.watch('app:key')
  await client.unwatch()
  expect(await client.eval('return redis.call("get", KEYS[1])', 1, 'app:key')).toBe('value')
  expect(await client.with({ exactlyOnce: true }).incr('app:once')).toBe(1)
  expect(await client.with({ exactlyOnce: true }).multi().incr('app:once').exec()).toEqual([[null, 2]])
  expect(await client.with({ durability: { replicas: 1, timeoutMs: 5_000 } }).incr('app:durable')).toBe(1)
  const session = await client.session()
  expect(await client.with({ session }).get('app:key')).toBe('value')
  await client.select(1)
  await client.select(0)
  const abort = new AbortController()
  const popped = outcome(client.with({ signal: abort.signal }).blpop('app:queue', 30))
  await eventually(async () => {
    expect((await connectionsNamed(primary, 'app')).map(({ cmd }) => cmd)).toContain('blpop')
  })
  abort.abort()
  expect(await popped).toMatchObject({ code: 'ABORTED' })
  await using subscriber = client.duplicate()
  const heard = new Promise((resolve) => subscriber.once('message', (_channel, message) => resolve(message)))
  await subscriber.subscribe('app:news')
  await client.publish('app:news', 'hello')
  expect(await heard).toBe('hello')
  await client.del('app:count', 'app:once', 'app:durable')
}

test('the rights of the page are enough for all that this library does, with @dangerous taken away, and through a failover', async () => {
  await setUser(topology.nodes, 'least', NODE_RIGHTS)
  await setUser(topology.sentinels, 'watcher', SENTINEL_RIGHTS)
  const overheard = new Overheard()
  await using client = connect('least', {
    sentinelUsername: 'watcher',
    sentinelPassword: 'watcher-pw',
    maxLagMs: 5_000,
    logger: overheard.logger
  })
  overheard.listen(client)
  await useIt(client)
  await failOver(topology, client)
  await useIt(client)
  expect(await refusals(topology.nodes, 'least')).toEqual([])
  expect(await refusals(topology.sentinels, 'watcher')).toEqual([])
  expect([overheard.errors, overheard.warnings]).toEqual([[], []])
  await settleSoon(topology)
})

test("the application's user of the Kubernetes manifests is refused nothing either", async () => {
  const users = readFileSync('k8s/components/acl/users.acl', 'utf8')
  const rights = /^user app (.*)$/m.exec(users)?.[1]
  if (rights === undefined) throw new Error('users.acl has no user "app"')
  await setUser(topology.nodes, 'manifest', rights)
  const overheard = new Overheard()
  await using client = connect('manifest', { maxLagMs: 5_000, logger: overheard.logger })
  overheard.listen(client)
  await useIt(client)
  await failOver(topology, client)
  await useIt(client)
  expect(await refusals(topology.nodes, 'manifest')).toEqual([])
  expect([overheard.errors, overheard.warnings]).toEqual([[], []])
  const single = NODE_RIGHTS.split(' ').filter((right) => /^\+[^@]/.test(right))
  expect(rights.split(' ')).toEqual(expect.arrayContaining(single))
  await settleSoon(topology)
})

test('each right of the page at the nodes is made use of', async () => {
  // The categories are the application's own; what of them this library needs is in the first test.
  for (const right of ['+info', '+client|list', '+client|unblock']) expect(NODE_RIGHTS.split(' ')).toContain(right)
  await setUser(topology.nodes, 'poorer', `${NODE_HARMLESS_RIGHTS}`)
  await using client = connect('poorer')
  await client.set('app:key', 'value')
  await usable(client, 2)
  await client.get('app:key')
  const abort = new AbortController()
  const popped = outcome(client.with({ signal: abort.signal }).blpop('app:queue', 10))
  const primary = await topology.primary()
  await eventually(async () => {
    expect((await connectionsNamed(primary, 'app')).map(({ cmd }) => cmd)).toContain('blpop')
  })
  abort.abort()
  await popped
  await eventually(async () => {
    const found = await refusals(topology.nodes, 'poorer')
    expect(found).toEqual(expect.arrayContaining(['command info', 'command client|unblock']))
  })
})

test('a connection that is silent while the node lives is looked for in CLIENT LIST', async () => {
  await setUser(topology.nodes, 'blind', `${NODE_RIGHTS} -client|list`)
  const primary = await topology.primary()
  await using proxy = await ByteProxy.to(primary.address)
  await using client = connect('blind', { addressMap: proxy.asPrimary, readFrom: 'primary' })
  await client.set('app:key', 'value')
  void proxy.arm('swallow', 'requests', 0)
  const lost = outcome(client.set('app:key', 'value'))
  await eventually(async () => {
    expect(await refusals([primary], 'blind')).toEqual(['command client|list'])
  })
  proxy.cutAll()
  expect(await lost).toBe('OK')
})

test('+@all -@dangerous: all goes on but what needs INFO, as the page says', async () => {
  await setUser(topology.nodes, 'harmless', NODE_HARMLESS_RIGHTS)
  const overheard = new Overheard()
  await using client = connect('harmless', { logger: overheard.logger })
  overheard.listen(client)
  await client.set('app:own', 'value')
  await usable(client, 2)
  await resetStatistics(topology.nodes)
  for (let round = 0; round < 10; round++) expect(await client.get('app:own')).toBe('value')
  expect(await executed(await topology.primary(), 'get')).toBe(10)
  expect(await client.with({ readFrom: 'replica' }).get('app:of somebody else')).toBeNull()
  expect(await client.with({ exactlyOnce: true }).incr('app:once')).toBe(1)
  await client.del('app:once')
  const session = await outcome(client.session())
  expect(session).toMatchObject({
    name: 'ReplyError',
    hop: 'node',
    message: expect.stringMatching(/^NOPERM.*ACL SETUSER/) as string
  })
  await using limited = connect('harmless', { maxLagMs: 5_000, logger: overheard.logger })
  await limited.set('app:key', 'value')
  expect(await limited.get('app:key')).toBe('value')
  await eventually(() => {
    expect(overheard.warnings.map(({ msg }) => msg)).toEqual([expect.stringMatching(/needs the right to INFO/)])
  })
  expect(limited.stats().replicas.filter((one) => one.usable)).toEqual([])
  await failOver(topology, client)
  expect(await client.set('app:own', 'moved')).toBe('OK')
  await settleSoon(topology)
})

test('failover() needs the rights that the page adds, and no more', async () => {
  await setUser(topology.nodes, 'operator', `${NODE_RIGHTS} ${NODE_FAILOVER_RIGHTS}`)
  await setUser(topology.sentinels, 'operator', `${SENTINEL_RIGHTS} ${SENTINEL_FAILOVER_RIGHTS}`)
  await using client = connect('operator', { sentinelUsername: 'operator', sentinelPassword: 'operator-pw' })
  await client.set('app:key', 'value')
  await usable(client, 2)
  const before = await topology.primary()
  await client.failover()
  expect(client.topology.primary?.address).not.toEqual(before.address)
  expect(await refusals(topology.nodes, 'operator')).toEqual([])
  expect(await refusals(topology.sentinels, 'operator')).toEqual([])
  await settleSoon(topology)
})

test.each(SENTINEL_RIGHTS.split(' ').filter((right) => right.startsWith('+')))(
  'the sentinels are asked what needs %s',
  async (right) => {
    await setUser(topology.sentinels, 'poor', `${SENTINEL_RIGHTS} -${right.slice(1)}`)
    await setUser(topology.nodes, 'least', NODE_RIGHTS)
    const refused = right.startsWith('+sentinel')
    await using client = connect('least', {
      name: right === '+sentinel|masters' ? 'unheard-of' : topology.name,
      sentinelUsername: 'poor',
      sentinelPassword: 'poor-pw',
      lazyConnect: true,
      connectDeadlineMs: refused ? 5_000 : 10_000
    })
    const ended = await outcome(client.connect())
    await eventually(async () => {
      expect(await refusals(topology.sentinels, 'poor')).toContain(`command ${right.slice(1)}`)
    })
    if (right === '+sentinel|masters') expect(ended).toMatchObject({ code: 'NO_PRIMARY', knownNames: [] })
    else if (refused) expect(accessErrorsIn(ended)[0]).toMatchObject({ reason: 'no-permission', hop: 'sentinel' })
    else expect(ended).toBeUndefined()
  }
)
