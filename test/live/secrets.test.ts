import { Redis } from 'ioredis'
import { ConfigurationError, SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Child } from './child.js'
import { usable } from './support/client-view.js'
import { failOver, outcome, startQuickTopology } from './support/clients.js'
import { inEveryForm, Overheard } from './support/overheard.js'
import { eventually, killConnections } from './support/server-view.js'
import { COMMAND_LINE } from './support/command-line.js'

/** Each is found by the scan wherever it stands; none is a word that anybody would say. */
const SECRETS = {
  node: 'pwNode8431',
  sentinel: 'pwSentinel9927',
  user: 'pwUser5512',
  next: 'pwNext7064',
  wrong: 'pwWrong3380',
  passphrase: 'pwPhrase1859'
}

const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-secrets-'))
let topology: LocalTopology
let privateKey: string
let certificate: string

beforeAll(async () => {
  topology = await startQuickTopology({
    tls: true,
    password: SECRETS.node,
    sentinelPassword: SECRETS.sentinel,
    config: { 'tls-auth-clients': 'optional' },
    downAfterMs: 60_000
  })
  for (const node of topology.nodes)
    await node.command('ACL', 'SETUSER', 'user', 'on', `>${SECRETS.user}`, '~*', '&*', '+@all')
  // Its authority is the one that the servers trust.
  const directory = topology.nodes[0]?.directory ?? ''
  const ofANode = (end: string): string =>
    readFileSync(join(dirname(directory), 'tls', `${basename(directory)}.${end}`), 'utf8')
  privateKey = ofANode('key')
  certificate = ofANode('crt')
  writeFileSync(join(folder, 'ca.crt'), topology.ca ?? '')
})
afterAll(async () => {
  await topology.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Every secret there is, also of the key: one line of its middle is enough to know it by. */
const secrets = (): Record<string, string> => ({ ...SECRETS, key: privateKey.split('\n')[1] ?? '' })

function expectNoSecretIn(text: string): void {
  const found = Object.entries(secrets()).filter(([, secret]) => text.includes(secret))
  // Base64 and percent-encoding are no hiding place.
  const encoded = Object.entries(SECRETS).filter(([, secret]) => text.includes(Buffer.from(secret).toString('base64')))
  expect([...found, ...encoded].map(([name]) => name)).toEqual([])
}

/** It was said, in so many words: what holds no secret must not be empty either. A report of megabytes helps nobody. */
function expectWords(said: string, words: RegExp): void {
  expect(words.test(said), `${String(words)} in what was said`).toBe(true)
}

const urlOf = (password: string, sentinelPassword: string): string =>
  `redis+sentinel://user:${password}@${topology.sentinelAddresses.map(({ host, port }) => `${host}:${port}`).join(',')}/${topology.name}?sentinelPassword=${sentinelPassword}`

const tls = (): { readonly ca: string; readonly key: string; readonly cert: string; readonly passphrase: string } => ({
  ca: topology.ca ?? '',
  key: privateKey,
  cert: certificate,
  passphrase: SECRETS.passphrase
})

/** All that can be seen of a client from outside. */
function shownBy(client: SentinelRedis): string {
  const { options, topology: seen } = client
  const parts: unknown[] = [
    client,
    options,
    seen,
    client.stats(),
    client.with({ idempotent: true }),
    { ...client },
    { ...options }
  ]
  const shallow = inspect(client, { customInspect: false, depth: 1, showHidden: false })
  return [...parts.map(inEveryForm), shallow, JSON.stringify(client), JSON.stringify(options)].join('\n')
}

/** Uses a client in every way in which something can go wrong, and gives all that was said. */
async function everythingSaid(
  make: (options: Partial<SentinelRedisOptions>) => SentinelRedis,
  during: (client: SentinelRedis) => Promise<unknown> = () => Promise.resolve()
): Promise<string> {
  const overheard = new Overheard()
  const client = make({
    logger: overheard.logger,
    connectDeadlineMs: 1_500,
    connectionName: 'scanned',
    lazyConnect: true
  })
  overheard.listen(client)
  const errors: unknown[] = [await outcome(client.connect())]
  let shown = shownBy(client)
  errors.push(await outcome(client.with({ deadlineMs: 300 }).set('key', 'value')))
  errors.push(await outcome(client.with({ deadlineMs: 300 }).incr('key')))
  errors.push(await outcome(client.with({ deadlineMs: 300 }).auth(SECRETS.wrong)))
  errors.push(await outcome(client.with({ deadlineMs: 300 }).call('AUTH', 'user', SECRETS.wrong)))
  errors.push(await outcome(client.with({ deadlineMs: 300 }).hello(3, 'AUTH', 'user', SECRETS.wrong)))
  errors.push(
    await outcome(client.with({ deadlineMs: 300 }).call('ACL', 'SETUSER', 'user', `>${SECRETS.wrong}`, 'nonsense'))
  )
  errors.push(await outcome(client.with({ deadlineMs: 300 }).config('SET', 'masterauth', SECRETS.wrong, 'nonsense')))
  errors.push(await outcome(during(client)))
  shown += shownBy(client)
  await client.close()
  shown += shownBy(client)
  errors.push(await outcome(client.get('key')))
  return [overheard.text, ...errors.map(inEveryForm), shown].join('\n')
}

const right = (): SentinelRedisOptions => ({
  name: topology.name,
  sentinels: topology.sentinelAddresses,
  username: 'user',
  password: SECRETS.user,
  sentinelPassword: SECRETS.sentinel,
  tls: tls(),
  sentinelTls: tls()
})

describe('nothing that a client says or shows holds a secret', () => {
  test('all goes well, connections break, and a failover comes', async () => {
    const said = await everythingSaid(
      (options) => new SentinelRedis({ ...right(), ...options }),
      async (client) => {
        await usable(client, 2)
        for (const node of topology.nodes) await killConnections(node, 'scanned')
        await client.set('key', 'value')
        await failOver(topology, client)
        await client.set('key', 'value')
      }
    )
    expectWords(said, /failover over/)
    expectWords(said, /WRONGPASS/)
    expectNoSecretIn(said)
  })

  test.each<[string, () => Partial<SentinelRedisOptions>, RegExp]>([
    ['a wrong password at the nodes', () => ({ password: SECRETS.wrong }), /WRONGPASS/],
    ['a wrong password at the sentinels', () => ({ sentinelPassword: SECRETS.wrong }), /WRONGPASS/],
    [
      'an authority that is not trusted',
      () => ({ tls: { ...tls(), ca: certificate } }),
      /unable to verify|certificate/
    ],
    ['TLS left out', () => ({ tls: false }), /NO_PRIMARY/],
    [
      'a key that does not fit',
      () => ({ tls: { ...tls(), cert: topology.ca ?? '' } }),
      /options of node:tls cannot be used/
    ],
    [
      'functions that give the wrong ones',
      () => ({
        username: undefined,
        password: undefined,
        credentials: () => ({ username: 'user', password: SECRETS.wrong }),
        tls: () => tls()
      }),
      /WRONGPASS/
    ],
    [
      'a function that gives the password alone',
      () => ({
        username: undefined,
        password: undefined,
        credentials: () => SECRETS.user as unknown as { password: string }
      }),
      /gave a string/
    ],
    [
      'a function that gives the key alone',
      () => ({ tls: () => privateKey as unknown as { key: string } }),
      /gave a string/
    ]
  ])('%s', async (_what, options, words) => {
    const said = await everythingSaid((more) => new SentinelRedis({ ...right(), ...options(), ...more }))
    expectWords(said, words)
    expectNoSecretIn(said)
  })

  test('credentials and TLS of functions, renewed, through a refusal', async () => {
    for (const node of topology.nodes) await node.command('ACL', 'SETUSER', 'user', `>${SECRETS.next}`)
    let password = SECRETS.user
    const said = await everythingSaid(
      (options) =>
        new SentinelRedis({
          ...right(),
          username: undefined,
          password: undefined,
          sentinelPassword: undefined,
          credentials: () => ({ username: 'user', password, refreshAfterMs: 60_000 }),
          sentinelCredentials: () => Promise.resolve({ password: SECRETS.sentinel }),
          tls: () => tls(),
          ...options
        }),
      async (client) => {
        await usable(client, 2)
        for (password of [SECRETS.next, SECRETS.wrong]) await client.reauthenticate()
      }
    )
    expectWords(said, /answers AUTH with \\?"WRONGPASS/)
    expectNoSecretIn(said)
  })

  test('a server that does not know HELLO repeats its arguments, and this client does not', async () => {
    const [small] = [
      await startTopology({
        replicas: 0,
        sentinels: 1,
        password: SECRETS.node,
        config: { 'rename-command': 'HELLO ""' }
      })
    ]
    try {
      const said = await everythingSaid(
        (options) =>
          new SentinelRedis({
            name: small.name,
            sentinels: small.sentinelAddresses,
            password: SECRETS.node,
            ...options
          })
      )
      expectWords(said, /unknown command 'HELLO'/)
      expectNoSecretIn(said)
    } finally {
      await small.stop()
    }
  })

  test('a URL', async () => {
    const secure = { tls: { ca: topology.ca ?? '' }, sentinelTls: { ca: topology.ca ?? '' } }
    const url = urlOf(SECRETS.user, SECRETS.sentinel)
    expectNoSecretIn(await everythingSaid((options) => new SentinelRedis(url, { ...secure, ...options })))
    for (const broken of [
      url.replace('redis+sentinel', 'http'),
      url.replace(`/${topology.name}`, ''),
      `${url}&nonsense=1`,
      url.replace(':2', ':x2'),
      url.replace('user:', 'user:pa#ss@'),
      `${url}&sentinelPassword=${SECRETS.wrong}&deadlineMs=x`
    ])
      expectNoSecretIn(inEveryForm(await outcome((async () => new SentinelRedis(broken))())))
  })

  test('options that are refused', async () => {
    for (const wrong of [
      { password: [SECRETS.wrong] },
      { sentinelPassword: { password: SECRETS.wrong } },
      { credentials: SECRETS.wrong },
      { sentinelCredentials: { password: SECRETS.wrong } },
      { credentials: () => ({ password: SECRETS.wrong }) },
      { sentinels: [`user:${SECRETS.wrong}@127.0.0.1:1`] },
      { pasword: SECRETS.wrong }
    ])
      expectNoSecretIn(
        inEveryForm(await outcome((async () => new SentinelRedis({ ...right(), ...wrong } as SentinelRedisOptions))()))
      )
  })
})

test('libraries read the password where ioredis has it', async () => {
  await using client = new SentinelRedis({ ...right(), lazyConnect: true })
  expect(client.options.username).toBe('user')
  expect(client.options.password).toBe(SECRETS.user)
  expect(client.options.tls).toMatchObject({ ca: topology.ca })
  expect(client.options.name).toBe(topology.name)
  expect(client.options.sentinels).toEqual(topology.sentinelAddresses.map(({ host, port }) => ({ host, port })))
})

test('a client of plain ioredis with these options is refused: it would take the first one’s connection', async () => {
  await using client = new SentinelRedis(right())
  await client.ping()
  const again = (): unknown => Reflect.construct(Redis, [client.options])
  expect(again).toThrow(ConfigurationError)
  expect(again).toThrow(/duplicate\(\)/)
  expect(await client.ping()).toBe('PONG')
})

test('another password that is set where ioredis has it is that of the next connections, and of duplicate()', async () => {
  const primary = await topology.primary()
  for (const node of topology.nodes)
    await node.command('ACL', 'SETUSER', 'rotated', 'on', '>first', '~*', '&*', '+@all')
  await using client = new SentinelRedis({
    ...right(),
    username: 'rotated',
    password: 'first',
    connectionName: 'rotated'
  })
  await client.ping()
  expect(await client.transaction(async (tx) => tx.multi().set('rotated', 'no').exec())).toEqual([[null, 'OK']])
  for (const node of topology.nodes) await node.command('ACL', 'SETUSER', 'rotated', '>second', '<first')
  client.options.password = 'second'
  expect(client.options.password).toBe('second')
  await killConnections(primary, 'rotated')
  expect(await client.transaction(async (tx) => tx.multi().set('rotated', 'also').exec())).toEqual([[null, 'OK']])
  expect(await client.set('rotated', 'yes')).toBe('OK')
  await using copy = client.duplicate()
  expect(await copy.ping()).toBe('PONG')
  expect(() => {
    Object.assign(client.options, { password: 12 })
  }).toThrow(ConfigurationError)
  expect(inEveryForm(client.options).includes('second')).toBe(false)
})

test('it is that of what follows the group too, which another client had begun', { timeout: 120_000 }, async () => {
  for (const node of topology.nodes) await node.command('ACL', 'SETUSER', 'shared', 'on', '>first', '~*', '&*', '+@all')
  const options = { ...right(), username: 'shared', password: 'first', readFrom: 'primary' as const }
  const first = new SentinelRedis(options)
  await first.ping()
  await using client = new SentinelRedis(options)
  await client.ping()
  await first.close()
  for (const node of topology.nodes) await node.command('ACL', 'SETUSER', 'shared', '>second', '<first')
  client.options.password = 'second'
  await failOver(topology, client)
  expect(await client.set('shared', 'yes')).toBe('OK')
  expect(await client.failover({ mode: 'coordinated' })).toMatchObject({ outcome: 'moved' })
})

test('what a client shows says which it is', async () => {
  await using client = new SentinelRedis(right())
  await client.ping()
  await usable(client, 2)
  expect(inspect(client)).toMatch(
    /^SentinelRedis \{ name: 'mymaster', status: 'ready', phase: 'stable', primary: '127\./
  )
  expect(JSON.parse(JSON.stringify(client))).toMatchObject({ name: 'mymaster', status: 'ready', held: 0 })
  expect(inspect(client.with({ idempotent: true }))).toMatch(/^SentinelRedis \{ name: 'mymaster'/)
})

describe('nor the command line', () => {
  async function cli(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    await using child = new Child(COMMAND_LINE, ['status', ...args], env)
    await child.ended()
    return `${child.stdout}\n${child.stderr}`
  }

  test.each<[string, () => readonly string[], RegExp]>([
    ['the right passwords in a URL', () => ['--url', urlOf(SECRETS.user, SECRETS.sentinel), '--json'], /"health"/],
    ['a wrong one', () => ['--url', urlOf(SECRETS.wrong, SECRETS.sentinel)], /WRONGPASS/],
    [
      'a wrong one of the sentinels',
      () => ['--url', urlOf(SECRETS.user, SECRETS.wrong), '--timeout', '500'],
      /WRONGPASS/
    ],
    [
      'a URL with a mistake',
      () => ['--url', urlOf(SECRETS.user, SECRETS.sentinel).replace('/mymaster', '')],
      /names no group/
    ],
    ['a flag with a mistake', () => ['--pasword', SECRETS.wrong], /unknown option '--pasword'/]
  ])('%s', async (_what, args, words) => {
    const said = await cli([...args(), '--tls', '--sentinel-tls', '--ca', join(folder, 'ca.crt')])
    expectWords(said, words)
    expectNoSecretIn(said)
  })
})

test('nor the testkit: not in what it shows, nor in the error of a server that refuses its configuration', async () => {
  const { url: _url, ...shown } = topology as unknown as Record<string, unknown>
  expectNoSecretIn([topology, shown, ...topology.nodes, ...topology.sentinels].map(inEveryForm).join('\n'))
  const lines: string[] = []
  const log = (line: string): number => lines.push(line)
  const refused = await outcome(
    startTopology({
      password: SECRETS.node,
      config: { masterauth: `${SECRETS.node} nonsense` },
      replicas: 0,
      sentinels: 1,
      log
    })
  )
  expect(inEveryForm(refused)).toMatch(/masterauth/)
  expectNoSecretIn([inEveryForm(refused), ...lines].join('\n'))
  for (const password of [`${SECRETS.wrong} x`, 7])
    expectNoSecretIn(inEveryForm(await outcome(startTopology({ password } as { password: string }))))
  await eventually(() => topology.settled())
})
