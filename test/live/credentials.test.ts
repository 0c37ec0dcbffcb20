import { NoPrimaryError, SentinelRedis, SentinelsUnreachableError } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientOf, failOver, outcome, startQuickTopology } from './support/clients.js'
import { eventually } from './support/server-view.js'

const SECRET = {
  node: 'node-secret-6dc1',
  sentinel: 'sentinel-secret-93ab',
  appUser: 'app-secret-11f0',
  watcher: 'watcher-secret-77e2',
  wrong: 'wrong-secret-5a5a'
}

let topology: LocalTopology

beforeAll(async () => {
  topology = await startQuickTopology({ password: SECRET.node, sentinelPassword: SECRET.sentinel })
  const rules = ['on', `>${SECRET.appUser}`, '~*', '&*', '+@all', '-@dangerous']
  await Promise.all(topology.nodes.map((node) => node.command('ACL', 'SETUSER', 'app', ...rules)))
  const watching = ['on', `>${SECRET.watcher}`, 'resetchannels', '&*', '+@all', '-@dangerous', '+client|setname']
  await Promise.all(
    topology.sentinels.map((sentinel) =>
      sentinel.command('ACL', 'SETUSER', 'watcher', ...watching, '+sentinel', '-sentinel|failover', '-sentinel|reset')
    )
  )
})
afterAll(() => topology.stop())

const nodes = (): string[] => topology.nodes.map(({ address }) => `${address.host}:${address.port}`)
const sentinels = (): string[] => topology.sentinelAddresses.map(({ host, port }) => `${host}:${port}`)

interface Refusal {
  readonly error: Error
  readonly said: string
}

/** What is said by a client that cannot connect. On a busy machine it may not know why by its deadline: then another is given more time. */
async function refusal(options: Partial<SentinelRedisOptions>, knows: (error: Error) => boolean): Promise<Refusal> {
  const first = await refusalWithin(1_000, options)
  if (knows(first.error)) return first
  const second = await refusalWithin(15_000, options)
  return { error: second.error, said: first.said + second.said }
}

/** Its error, its 'error' events, and its log. */
async function refusalWithin(connectDeadlineMs: number, options: Partial<SentinelRedisOptions>): Promise<Refusal> {
  let log = ''
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      log += String(chunk)
      done()
    }
  })
  await using client = clientOf(topology, {
    connectDeadlineMs,
    lazyConnect: true,
    logger: pino({ level: 'trace' }, stream),
    ...options
  })
  const events: unknown[] = []
  client.on('error', (event) => events.push(event))
  const error = (await outcome(client.connect())) as Error
  const said = inspect([error, events, client.topology], { depth: 20, showHidden: true }) + JSON.stringify(error) + log
  return { error, said }
}

describe('the right ones', () => {
  test.each<[string, Partial<SentinelRedisOptions>]>([
    ['passwords', { password: SECRET.node, sentinelPassword: SECRET.sentinel }],
    [
      'ACL users without dangerous rights, on both hops',
      { username: 'app', password: SECRET.appUser, sentinelUsername: 'watcher', sentinelPassword: SECRET.watcher }
    ],
    [
      'empty texts for users that are not set',
      { username: '', password: SECRET.node, sentinelUsername: '', sentinelPassword: SECRET.sentinel }
    ],
    ['ACL users, RESP2', { username: 'app', password: SECRET.appUser, sentinelPassword: SECRET.sentinel, protocol: 2 }]
  ])('%s', async (_name, options) => {
    await using client = clientOf(topology, options)
    const failures: unknown[] = []
    client.on('error', (error) => failures.push(error))
    expect(await client.set('allowed', 'yes')).toBe('OK')
    expect(await client.get('allowed')).toBe('yes')
    expect(await client.with({ readFrom: 'replica' }).get('written by somebody else')).toBeNull()
    expect(client.stats().readsOnReplicas).toBeGreaterThan(0)
    expect(failures).toEqual([])
  })

  test('the URL carries them too', async () => {
    await using client = new SentinelRedis(topology.url)
    expect(await client.ping()).toBe('PONG')
  })

  test('an ACL user without dangerous rights follows a failover', async () => {
    await using client = clientOf(topology, {
      username: 'app',
      password: SECRET.appUser,
      sentinelUsername: 'watcher',
      sentinelPassword: SECRET.watcher
    })
    const before = await topology.primary()
    await client.set('survives', 'yes')
    await client.wait(2, 5_000)
    await failOver(topology, client)
    expect(client.topology.primary?.address).not.toEqual(before.address)
    expect(await client.set('survives', 'still')).toBe('OK')
    expect(await client.get('survives')).toBe('still')
  })
})

describe('wrong ones: the error names the hop and the endpoint, and nothing said holds a secret', () => {
  test.each<[string, Partial<SentinelRedisOptions>, RegExp]>([
    ['wrong', { password: SECRET.wrong, sentinelPassword: SECRET.sentinel }, /WRONGPASS/],
    ['missing', { sentinelPassword: SECRET.sentinel }, /NOAUTH/],
    ['the sentinels’', { password: SECRET.sentinel, sentinelPassword: SECRET.sentinel }, /WRONGPASS/],
    ['an unknown user’s', { username: 'nobody', password: SECRET.node, sentinelPassword: SECRET.sentinel }, /WRONGPASS/]
  ])('the nodes’ password is %s', async (_name, options, words) => {
    const { error, said } = await refusal(options, ({ message }) => words.test(message))
    expect(error).toBeInstanceOf(NoPrimaryError)
    expect(nodes()).toContain((error as NoPrimaryError).endpoint)
    expect(error.message).toMatch(words)
    expect(error.message).toContain(`${(error as NoPrimaryError).endpoint} is named as the primary`)
    for (const secret of Object.values(SECRET)) expect(said).not.toContain(secret)
  })

  test.each<[string, Partial<SentinelRedisOptions>, RegExp]>([
    ['wrong', { password: SECRET.node, sentinelPassword: SECRET.wrong }, /WRONGPASS/],
    ['missing', { password: SECRET.node }, /NOAUTH/],
    ['the nodes’', { password: SECRET.node, sentinelPassword: SECRET.node }, /WRONGPASS/],
    [
      'an unknown user’s',
      { password: SECRET.node, sentinelUsername: 'nobody', sentinelPassword: SECRET.sentinel },
      /WRONGPASS/
    ]
  ])('the sentinels’ password is %s', async (_name, options, words) => {
    const { error, said } = await refusal(
      options,
      (found) => found instanceof SentinelsUnreachableError && Object.keys(found.causes).length === sentinels().length
    )
    expect(error).toBeInstanceOf(SentinelsUnreachableError)
    const { causes } = error as SentinelsUnreachableError
    expect(Object.keys(causes).sort()).toEqual(sentinels().sort())
    for (const cause of Object.values(causes)) expect(cause.message).toMatch(words)
    expect(error.message).toMatch(words)
    for (const secret of Object.values(SECRET)) expect(said).not.toContain(secret)
  })

  test('misconfiguration of the nodes is an error event, and nothing happens without a listener', async () => {
    await using client = clientOf(topology, { password: SECRET.wrong, sentinelPassword: SECRET.sentinel })
    const heard: Error[] = []
    client.on('error', (error: Error) => heard.push(error))
    await outcome(client.with({ deadlineMs: 300 }).ping())
    await eventually(() => {
      expect(heard).not.toEqual([])
    })
    expect(heard.map((error) => error.message)).toEqual([expect.stringMatching(/WRONGPASS/)])
    await using deaf = clientOf(topology, { password: SECRET.wrong, sentinelPassword: SECRET.sentinel })
    expect(await outcome(deaf.with({ deadlineMs: 300 }).ping())).toMatchObject({ code: 'DEADLINE' })
  })
})
