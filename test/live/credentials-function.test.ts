import { AccessError, ConfigurationError } from 'ioredis-sentinel'
import type { CredentialsFunction, GivenCredentials, SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalProcess, LocalTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Child } from './child.js'
import { usable } from './support/client-view.js'
import { clientOf, failOver, outcome, settleSoon, startQuickTopology } from './support/clients.js'
import { accessErrorsIn, Overheard } from './support/overheard.js'
import type { ConnectedClient } from './support/server-view.js'
import { connectionsTo, eventually, killConnections } from './support/server-view.js'

let topology: LocalTopology
const rejections: unknown[] = []
const note = (reason: unknown): number => rejections.push(reason)

/** Users of the same rights: which one a connection is shows with which credentials it was authenticated last. */
const USERS = ['one', 'two', 'three']

beforeAll(async () => {
  process.on('unhandledRejection', note)
  topology = await startQuickTopology({ downAfterMs: 60_000 })
  for (const server of [...topology.nodes, ...topology.sentinels])
    for (const user of USERS) await server.command('ACL', 'SETUSER', user, 'on', `>${user}-pw`, '~*', '&*', '+@all')
})
afterAll(async () => {
  await topology.stop()
  process.off('unhandledRejection', note)
})

/** What the function of this test gives, and how often it was asked. */
class Vault {
  user = 'one'
  refreshAfterMs: number | undefined
  password: string | undefined
  trouble: Error | undefined
  calls = 0
  readonly ask: CredentialsFunction = () => {
    this.calls += 1
    return this.trouble === undefined ? Promise.resolve(this.given()) : Promise.reject(this.trouble)
  }

  given(): GivenCredentials {
    const { user: username, password = `${username}-pw`, refreshAfterMs } = this
    return { username, password, refreshAfterMs }
  }
}

let vault: Vault
let sentinelVault: Vault
let client: SentinelRedis
let overheard: Overheard

function connect(options: Partial<SentinelRedisOptions> = {}): SentinelRedis {
  client = clientOf(topology, {
    credentials: vault.ask,
    sentinelCredentials: sentinelVault.ask,
    connectionName: 'renewing',
    logger: overheard.logger,
    ...options
  })
  overheard.listen(client)
  return client
}

beforeEach(() => {
  vault = new Vault()
  sentinelVault = new Vault()
  overheard = new Overheard()
})
afterEach(async () => {
  await client.close()
  expect(rejections.splice(0)).toEqual([])
})

const usersAt = async (server: LocalProcess, name = 'renewing'): Promise<ConnectedClient[]> =>
  (await connectionsTo(server)).filter((one) => one['name'] === name)

/** Id and user of each of the client's connections, by server. */
async function connections(): Promise<Readonly<Record<string, string | undefined>>> {
  const found: Record<string, string | undefined> = {}
  for (const node of topology.nodes)
    for (const { id, user } of await usersAt(node)) found[`${String(node)} ${id}`] = user
  for (const sentinel of topology.sentinels)
    for (const { id, user } of await usersAt(sentinel, 'ioredis-sentinel')) found[`${String(sentinel)} ${id}`] = user
  return found
}

async function connected(): Promise<Readonly<Record<string, string | undefined>>> {
  await client.set('key', 'value')
  await usable(client, 2)
  await eventually(async () => {
    expect(Object.keys(await connections())).toHaveLength(6)
  })
  return connections()
}

const renamed = (before: object, user: string): object =>
  Object.fromEntries(Object.keys(before).map((key) => [key, user]))

describe('each new connection', () => {
  test('is greeted with what the function gives then, on both hops', async () => {
    connect()
    const before = await connected()
    expect(before).toEqual(renamed(before, 'one'))
    vault.user = 'two'
    const primary = await topology.primary()
    await killConnections(primary, 'renewing')
    expect(await client.set('key', 'value')).toBe('OK')
    expect((await usersAt(primary)).map(({ user }) => user)).toEqual(['two'])
    sentinelVault.user = 'three'
    const [sentinel] = topology.sentinels
    if (sentinel === undefined) throw new Error('there is no sentinel')
    await killConnections(sentinel, 'ioredis-sentinel')
    await eventually(async () => {
      expect((await usersAt(sentinel, 'ioredis-sentinel')).map(({ user }) => user)).toEqual(['three'])
    })
  })

  test('uses those that are good for a while without asking again: a failover does not wait for the function', async () => {
    vault.refreshAfterMs = 3_600_000
    connect()
    await connected()
    expect(vault.calls).toBe(1)
    await failOver(topology, client)
    expect(await client.set('key', 'moved')).toBe('OK')
    expect(vault.calls).toBe(1)
    await settleSoon(topology)
  })

  test('asks again when what was good for a while is refused', async () => {
    vault.refreshAfterMs = 3_600_000
    connect()
    await connected()
    for (const node of topology.nodes) await node.command('ACL', 'SETUSER', 'one', '<one-pw', '>changed-pw')
    vault.password = 'changed-pw'
    try {
      for (const node of topology.nodes) await killConnections(node, 'renewing')
      expect(await client.set('key', 'value')).toBe('OK')
      await usable(client, 2)
    } finally {
      for (const node of topology.nodes) await node.command('ACL', 'SETUSER', 'one', '>one-pw', '<changed-pw')
    }
  })
})

describe('reauthenticate()', () => {
  test('authenticates all live connections on both hops, and makes none anew', async () => {
    connect()
    const before = await connected()
    vault.user = 'two'
    sentinelVault.user = 'three'
    await client.reauthenticate()
    const after = await connections()
    expect(Object.keys(after)).toEqual(Object.keys(before))
    for (const [server, user] of Object.entries(after)) expect(user).toBe(server.startsWith('node') ? 'two' : 'three')
  })

  test('of one client does so for all that were given the same function', async () => {
    connect()
    await connected()
    await using other = client.duplicate({ connectionName: 'another' })
    await other.set('key', 'value')
    await usable(other, 2)
    vault.user = 'two'
    await other.reauthenticate()
    for (const node of topology.nodes)
      for (const name of ['renewing', 'another'])
        expect((await usersAt(node, name)).map(({ user }) => user)).toEqual(['two'])
  })

  test('keeps the connection beside the client’s own up to date that asks for the age of the data', async () => {
    connect({ maxLagMs: 1_000 })
    await connected()
    expect(await client.with({ readFrom: 'replica' }).get('another key')).toBeNull()
    const primary = await topology.primary()
    const unnamed = async (user: string): Promise<number> =>
      (await usersAt(primary, '')).filter((one) => one['user'] === user).length
    await eventually(async () => {
      expect(await unnamed('one')).toBeGreaterThan(0)
    })
    vault.user = 'two'
    await client.reauthenticate()
    await eventually(async () => {
      await client.with({ readFrom: 'replica' }).get('another key')
      expect([await unnamed('one'), (await unnamed('two')) > 0]).toEqual([0, true])
    })
  })

  test('does not wait for a blocking call; its connection follows when it is over', async () => {
    connect()
    await connected()
    const popped = client.blpop('queue', 30)
    const primary = await topology.primary()
    await eventually(async () => {
      expect((await usersAt(primary)).map(({ cmd }) => cmd)).toEqual(['blpop'])
    })
    vault.user = 'two'
    await client.reauthenticate()
    expect((await usersAt(primary)).map(({ user }) => user)).toEqual(['one'])
    await primary.command('RPUSH', 'queue', 'element')
    expect(await popped).toEqual(['queue', 'element'])
    await eventually(async () => {
      expect((await usersAt(primary)).map(({ user }) => user)).toEqual(['two'])
    })
  })

  test('says nothing within a MULTI, and does it behind', async () => {
    connect()
    await connected()
    const primary = await topology.primary()
    await client.multi({ pipeline: false })
    const queued = client.incr('counted in a transaction')
    vault.user = 'two'
    await client.reauthenticate()
    expect((await usersAt(primary)).map(({ user }) => user)).toEqual(['one'])
    expect(await queued).toBe('QUEUED')
    expect(await client.exec()).toEqual([[null, 1]])
    await eventually(async () => {
      expect((await usersAt(primary)).map(({ user }) => user)).toEqual(['two'])
    })
    await client.del('counted in a transaction')
  })

  test.each([
    [3, 'authenticated as they are', 0],
    [2, 'made anew, and the gap is told', 1]
  ] as const)('RESP%i connections with subscriptions are %s', async (protocol, _what, gaps) => {
    connect({ protocol, readFrom: 'primary' })
    await client.subscribe('news')
    const heard: string[] = []
    client.on('message', (_channel, message) => heard.push(message))
    const primary = await topology.primary()
    const [before] = await usersAt(primary)
    const told: unknown[] = []
    client.on('subscription-gap', ({ channels }) => told.push(channels))
    vault.user = 'two'
    await client.reauthenticate()
    await eventually(async () => {
      const found = await usersAt(primary)
      expect(found.map(({ user, sub }) => [user, sub])).toEqual([['two', '1']])
      expect(found[0]?.['id'] === before?.['id']).toBe(gaps === 0)
    })
    await eventually(() => {
      expect(told).toEqual(Array.from({ length: gaps }, () => ['news']))
    })
    await primary.command('PUBLISH', 'news', 'later')
    await eventually(() => {
      expect(heard).toEqual(['later'])
    })
  })

  test.each([2, 3] as const)(
    'is made up for on a RESP%i connection for subscriptions that was opened meanwhile',
    async (protocol) => {
      connect({ protocol, subscribeTo: 'replica', readFrom: 'primary' })
      await client.set('key', 'value')
      const replicas = await topology.replicas()
      await Promise.all(replicas.map((replica) => replica.freeze()))
      const asked = vault.calls
      const subscribed = client.subscribe('news')
      await eventually(() => {
        expect(vault.calls).toBeGreaterThan(asked)
      })
      vault.user = 'two'
      await client.reauthenticate()
      await Promise.all(replicas.map((replica) => replica.thaw()))
      await subscribed
      await eventually(async () => {
        const found = (await Promise.all(replicas.map((replica) => usersAt(replica)))).flat()
        expect(found.map(({ user, sub }) => [user, sub])).toEqual([['two', '1']])
      })
    }
  )

  test.each(['node', 'sentinel'] as const)(
    'rejects when a %s refuses, and the connections stay what they were',
    async (hop) => {
      connect()
      const before = await connected()
      const wrong = hop === 'node' ? vault : sentinelVault
      wrong.password = 'not-the-one'
      const error = await outcome(client.reauthenticate())
      expect(error).toBeInstanceOf(AccessError)
      expect(error).toMatchObject({ hop, reason: 'wrong-password' })
      expect((error as Error).message).toMatch(/answers (AUTH with )?"WRONGPASS.*"(sentinelUsername|username)" and/)
      expect((error as Error).message).not.toContain('not-the-one')
      expect(await connections()).toEqual(before)
      expect(await client.set('key', 'still')).toBe('OK')
      wrong.password = undefined
      await client.reauthenticate()
    }
  )

  test('rejects when the function fails', async () => {
    connect()
    await connected()
    vault.trouble = new Error('the vault is sealed')
    const error = await outcome(client.reauthenticate())
    expect(error).toMatchObject({ reason: 'credentials-failed', hop: 'node', cause: vault.trouble })
    expect(await client.set('key', 'still')).toBe('OK')
  })

  test('needs a function', async () => {
    connect({ credentials: undefined, sentinelCredentials: undefined })
    expect(await outcome(client.reauthenticate())).toBeInstanceOf(ConfigurationError)
  })
})

describe('refreshAfterMs', () => {
  test('has live connections authenticated anew by themselves, again and again', async () => {
    vault.refreshAfterMs = 200
    connect()
    const before = await connected()
    const ofNodes = (found: object): object =>
      Object.fromEntries(Object.entries(found).filter(([server]) => server.startsWith('node')))
    for (const user of ['two', 'three', 'one']) {
      vault.user = user
      await eventually(async () => {
        expect(ofNodes(await connections())).toEqual(renamed(ofNodes(before), user))
      })
    }
  })

  test('tells a failure by an error event, keeps the connections, and tries again', async () => {
    vault.refreshAfterMs = 200
    connect()
    const before = await connected()
    vault.trouble = new Error('the vault is sealed')
    await eventually(() => {
      expect(overheard.errors.map(({ message }) => message)).toEqual([expect.stringMatching(/the vault is sealed/)])
    })
    expect(overheard.warnings.map(({ err }) => err?.reason)).toEqual(['credentials-failed'])
    expect(await connections()).toEqual(before)
    vault.trouble = undefined
    vault.user = 'two'
    await eventually(async () => {
      expect(Object.values(await connections())).toContain('two')
    })
  })

  test('asks no more when the last client is closed', async () => {
    vault.refreshAfterMs = 20
    connect()
    await connected()
    await client.close()
    const { calls } = vault
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(vault.calls).toBe(calls)
  })
})

describe('a function that fails', () => {
  test.each<[string, CredentialsFunction, RegExp]>([
    ['rejects', () => Promise.reject(new Error('the vault is sealed')), /failed: the vault is sealed/],
    [
      'throws',
      () => {
        throw new Error('the vault is sealed')
      },
      /failed: the vault is sealed/
    ],
    ['gives nothing', () => undefined as unknown as GivenCredentials, /gave undefined; it should give/]
  ])('%s: an error that says so, no hot loop, and a client that comes back', async (_what, fails, words) => {
    let calls = 0
    let mended = false
    connect({
      lazyConnect: true,
      connectDeadlineMs: 2_000,
      credentials: (request) => {
        calls += 1
        return mended ? vault.ask(request) : fails(request)
      }
    })
    const error = await outcome(client.connect())
    expect(accessErrorsIn(error)).toMatchObject([{ reason: 'credentials-failed', hop: 'node' }])
    expect((error as Error).message).toMatch(words)
    expect(calls).toBeLessThan(15)
    expect(overheard.errors).toHaveLength(1)
    mended = true
    if (client.status !== 'ready') await once(client, 'ready')
    expect(await client.ping()).toBe('PONG')
  })
})

test('clients share the connections to sentinels by function: the same one, or each its own', async () => {
  connect()
  await connected()
  const [sentinel] = topology.sentinels
  if (sentinel === undefined) throw new Error('there is no sentinel')
  const links = async (): Promise<number> => (await usersAt(sentinel, 'ioredis-sentinel')).length
  await using same = client.duplicate()
  await same.ping()
  expect(await links()).toBe(1)
  await using another = client.duplicate({ sentinelCredentials: new Vault().ask })
  await another.ping()
  await eventually(async () => {
    expect(await links()).toBe(2)
  })
})

test('a process does not end before its calls while the sentinels’ function fails', async () => {
  const options = JSON.stringify({ name: topology.name, sentinels: topology.sentinelAddresses })
  await using child = new Child('test/live/support/refused-at-sentinels.ts', [options])
  expect([await child.ended(), child.stderr, child.stdout]).toEqual([0, '', 'DEADLINE\n'])
})
