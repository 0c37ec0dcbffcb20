import { AccessError, NoPrimaryError, SentinelsUnreachableError } from 'ioredis-sentinel'
import type { AccessReason, Hop, SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import type { Address, LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo, Server } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CertificateAuthority } from '../../src/testkit/certificates.js'
import { startTopology } from '../../src/testkit/index.js'
import { clientOf, outcome } from './support/clients.js'
import { accessErrorsIn, Overheard } from './support/overheard.js'
import type { Oddity } from './support/odd-certificates.js'
import { oddCertificate } from './support/odd-certificates.js'
import { passOn } from './support/pass-on.js'
import { eventually } from './support/server-view.js'
import { TlsFront } from './support/tls-front.js'

const PASSWORDS = { password: 'node-pw', sentinelPassword: 'sentinel-pw' }
const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-access-'))
const fronts: TlsFront[] = []

let plain: LocalTopology
/** Without passwords. */
let open: LocalTopology
let secure: LocalTopology
/** Wants a certificate of its clients, too. */
let authority: CertificateAuthority
let stranger: CertificateAuthority

beforeAll(async () => {
  const small = { ...PASSWORDS, replicas: 0, sentinels: 1, downAfterMs: 60_000 }
  plain = await startTopology(small)
  open = await startTopology({ replicas: 0, sentinels: 1, downAfterMs: 60_000 })
  secure = await startTopology({ ...small, tls: true })
  authority = await CertificateAuthority.create(join(folder, 'own'))
  stranger = await CertificateAuthority.create(join(folder, 'stranger'))
})
afterAll(async () => {
  for (const front of fronts) front.close()
  await Promise.all([plain.stop(), open.stop(), secure.stop()])
  afar?.close()
  rmSync(folder, { recursive: true, force: true })
})

const key = ({ host, port }: { readonly host: string; readonly port: number }): string => `${host}:${port}`
const sentinelOf = (topology: LocalTopology): string => topology.sentinelAddresses.map(key)[0] ?? ''
const nodeOf = (topology: LocalTopology): string => topology.nodes.map(({ address }) => key(address))[0] ?? ''
const tlsTo = (topology: LocalTopology): { readonly ca: string } => ({ ca: topology.ca ?? '' })
/** All that is right at the topology that speaks TLS. */
const trusting = () => ({ ...PASSWORDS, tls: tlsTo(secure), sentinelTls: tlsTo(secure) })

interface RefusedClient extends AsyncDisposable {
  readonly client: SentinelRedis
  /** Of connect(). */
  readonly error: unknown
  readonly overheard: Overheard
}

/** A client that cannot connect. On a busy machine it may not know why by its deadline: then another is given more time. */
async function refusedClient(topology: LocalTopology, options: Partial<SentinelRedisOptions>): Promise<RefusedClient> {
  const first = await refusedWithin(1_500, topology, options)
  if (accessErrorsIn(first.error).length > 0) return first
  await first.client.close()
  return refusedWithin(15_000, topology, options)
}

async function refusedWithin(
  connectDeadlineMs: number,
  topology: LocalTopology,
  options: Partial<SentinelRedisOptions>
): Promise<RefusedClient> {
  const overheard = new Overheard()
  const { logger } = overheard
  const client = clientOf(topology, { ...options, connectDeadlineMs, lazyConnect: true, logger })
  overheard.listen(client)
  const error = await outcome(client.connect())
  return { client, error, overheard, [Symbol.asyncDispose]: () => client.close() }
}

interface Refused {
  readonly topology: () => LocalTopology
  readonly options: () => Partial<SentinelRedisOptions> | Promise<Partial<SentinelRedisOptions>>
  /** What the message says beside the endpoint. */
  readonly words: RegExp
  /** As the error names it, where that is not the server's own address. */
  readonly endpoint?: () => string
}

async function frontOf(
  topology: LocalTopology,
  hop: Hop,
  host: string,
  certificate: { readonly days: number } | Oddity
): Promise<{ readonly front: TlsFront; readonly options: Partial<SentinelRedisOptions> }> {
  const [target] = hop === 'node' ? topology.nodes.map(({ address }) => address) : topology.sentinelAddresses
  if (target === undefined) throw new Error('there is no server')
  const name = `${hop}-${fronts.length}`
  const shown =
    'days' in certificate
      ? await authority.issue(host, name, certificate.days)
      : await oddCertificate(join(folder, 'own'), host, name, certificate)
  const front = await TlsFront.to(target, shown)
  fronts.push(front)
  const { ca } = authority
  const options: Partial<SentinelRedisOptions> =
    hop === 'node'
      ? { tls: { ca }, addressMap: (_address, kind) => (kind === 'sentinel' ? undefined : front.address) }
      : { sentinelTls: { ca }, sentinels: [front.address] }
  return { front, options: { ...PASSWORDS, ...options } }
}

/** Servers may not show it. */
const FOR_CLIENTS = 'extendedKeyUsage=clientAuth'

let afar: Server | undefined
/** Of the addresses of its own machine an older server knows but 127.0.0.1 (redis 7.0 `networking.c` clientAcceptHandler(); later connIsLocal()). */
async function takesLoopbackForFar(node: LocalNode | undefined): Promise<boolean> {
  const [, major = '0', minor = '0'] =
    /redis_version:(\d+)\.(\d+)/.exec(String(await node?.command('INFO', 'server'))) ?? []
  return Number(major) < 7 || (major === '7' && Number(minor) < 2)
}

/** Leads to this server from an address that such a one takes for that of another machine. */
async function fromAfar(target: Address | undefined): Promise<Address> {
  if (target === undefined) throw new Error('there is no server')
  const server = createServer((near) => {
    passOn(near, connect({ ...target, localAddress: '127.0.0.99' }))
  })
  afar = server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

const unresponsive = { connectTimeout: 300, sentinelTimeoutMs: 300 }

const CASES: Readonly<Record<Hop, Partial<Record<AccessReason, Refused>>>> = {
  node: {
    'wrong-password': {
      topology: () => plain,
      options: () => ({ ...PASSWORDS, password: 'wrong' }),
      words: /WRONGPASS.*"username" and "password"/
    },
    'no-password': {
      topology: () => plain,
      options: () => ({ sentinelPassword: PASSWORDS.sentinelPassword }),
      words: /NOAUTH.*"username" and "password"/
    },
    'unknown-issuer': {
      topology: () => secure,
      options: () => ({ ...trusting(), tls: { ca: stranger.ca } }),
      words: /certificate.*option "tls", \{ ca \}/
    },
    'wrong-name': {
      topology: () => secure,
      options: () => ({ ...trusting(), tls: { ...tlsTo(secure), servername: 'other.test' } }),
      words: /other\.test.*replica-announce-ip.*servername/
    },
    expired: {
      topology: () => plain,
      options: async () => (await frontOf(plain, 'node', plain.nodes[0]?.address.host ?? '', { days: -1 })).options,
      words: /has expired.*Renew the certificate/
    },
    'not-yet-valid': {
      topology: () => plain,
      options: async () => (await frontOf(plain, 'node', plain.nodes[0]?.address.host ?? '', { inDays: 1 })).options,
      words: /not yet valid.*Compare the clocks/
    },
    'bad-certificate': {
      topology: () => plain,
      options: async () =>
        (await frontOf(plain, 'node', plain.nodes[0]?.address.host ?? '', { extensions: FOR_CLIENTS })).options,
      words: /certificate.*openssl s_client.*option "tls"/
    },
    'protected-mode': {
      topology: () => open,
      options: async () => {
        await open.nodes[0]?.command('CONFIG', 'SET', 'protected-mode', 'yes')
        const distant = await fromAfar(open.nodes[0]?.address)
        return { addressMap: (_address, kind) => (kind === 'sentinel' ? undefined : distant) }
      },
      words: /DENIED.*Give it a password/
    },
    'client-certificate': {
      topology: () => secure,
      options: async () => {
        await secure.nodes[0]?.command('CONFIG', 'SET', 'tls-auth-clients', 'yes')
        return trusting()
      },
      words: /certificate required.*\{ cert, key \}/
    },
    'needs-tls': {
      topology: () => secure,
      options: () => ({ ...trusting(), tls: false }),
      words: /without TLS.*option "tls"/
    },
    'no-tls': {
      topology: () => plain,
      options: () => ({ ...PASSWORDS, ...unresponsive, tls: true }),
      words: /no TLS handshake.*option "tls"/
    },
    'credentials-failed': {
      topology: () => plain,
      options: () => ({
        sentinelPassword: PASSWORDS.sentinelPassword,
        credentials: () => Promise.reject(new Error('the vault is sealed'))
      }),
      words: /the function of the option "credentials" failed: the vault is sealed/,
      endpoint: () => ''
    },
    'tls-failed': {
      topology: () => secure,
      options: () => ({
        ...trusting(),
        tls: () => {
          throw new Error('no such file')
        }
      }),
      words: /the function of the option "tls" failed: no such file/
    }
  },
  sentinel: {
    'wrong-password': {
      topology: () => plain,
      options: () => ({ ...PASSWORDS, sentinelPassword: 'wrong' }),
      words: /WRONGPASS.*"sentinelUsername" and "sentinelPassword"/
    },
    'no-password': {
      topology: () => plain,
      options: () => ({ password: PASSWORDS.password }),
      words: /NOAUTH.*"sentinelUsername" and "sentinelPassword"/
    },
    'no-permission': {
      topology: () => plain,
      options: async () => {
        await plain.sentinels[0]?.command('ACL', 'SETUSER', 'poor', 'on', '>poor-pw', '+@all', '-sentinel')
        return { ...PASSWORDS, sentinelUsername: 'poor', sentinelPassword: 'poor-pw' }
      },
      words: /NOPERM.*ACL SETUSER.*at the sentinels/
    },
    'unknown-issuer': {
      topology: () => secure,
      options: () => ({ ...trusting(), sentinelTls: { ca: stranger.ca } }),
      words: /certificate.*option "sentinelTls", \{ ca \}/
    },
    'wrong-name': {
      topology: () => secure,
      options: () => ({ ...trusting(), sentinelTls: { ...tlsTo(secure), servername: 'other.test' } }),
      words: /other\.test.*announce-hostnames.*"sentinelTls" a servername/
    },
    expired: {
      topology: () => plain,
      options: async () => (await frontOf(plain, 'sentinel', '127.0.0.1', { days: -1 })).options,
      words: /has expired.*restart of a sentinel/,
      endpoint: () => key(fronts.at(-1)?.address ?? { host: '', port: 0 })
    },
    'not-yet-valid': {
      topology: () => plain,
      options: async () => (await frontOf(plain, 'sentinel', '127.0.0.1', { inDays: 1 })).options,
      words: /not yet valid.*Compare the clocks/,
      endpoint: () => key(fronts.at(-1)?.address ?? { host: '', port: 0 })
    },
    'bad-certificate': {
      topology: () => plain,
      options: async () => (await frontOf(plain, 'sentinel', '127.0.0.1', { extensions: FOR_CLIENTS })).options,
      words: /certificate.*openssl s_client.*option "sentinelTls"/,
      endpoint: () => key(fronts.at(-1)?.address ?? { host: '', port: 0 })
    },
    'needs-tls': {
      topology: () => secure,
      options: () => ({ ...trusting(), sentinelTls: false }),
      words: /without TLS.*option "sentinelTls"/
    },
    'no-tls': {
      topology: () => plain,
      options: () => ({ ...PASSWORDS, ...unresponsive, sentinelTls: true }),
      words: /no TLS handshake.*option "sentinelTls"/
    },
    'credentials-failed': {
      topology: () => plain,
      options: () => ({
        password: PASSWORDS.password,
        sentinelCredentials: () => Promise.resolve('sentinel-pw' as unknown as { password: string })
      }),
      words: /the function of the option "sentinelCredentials" gave a string; it should give \{ username, password \}/,
      endpoint: () => ''
    },
    'tls-failed': {
      topology: () => secure,
      options: () => ({
        ...trusting(),
        sentinelTls: () => ({ ca: secure.ca ?? '', key: 'nonsense', cert: 'nonsense' })
      }),
      words: /its options of node:tls cannot be used.*option "sentinelTls"/
    }
  }
}

describe.each(['node', 'sentinel'] as const)('at a %s', (hop) => {
  test.for(Object.entries(CASES[hop]))('%s', async ([reason, { topology, options, words, endpoint }], context) => {
    if (reason === 'protected-mode' && !(await takesLoopbackForFar(open.nodes[0])))
      context.skip('this server takes all of 127.0.0.0/8 for its own machine: Redis before 7.2 does not')
    await using refused = await refusedClient(topology(), await options())
    const { error, overheard } = refused
    if (topology() === secure) await secure.nodes[0]?.restart()

    expect(error).toBeInstanceOf(hop === 'node' ? NoPrimaryError : SentinelsUnreachableError)
    const [found] = accessErrorsIn(error)
    expect(found).toBeInstanceOf(AccessError)
    const where = endpoint?.() ?? (hop === 'node' ? nodeOf(topology()) : sentinelOf(topology()))
    expect(found).toMatchObject({ code: 'ACCESS', hop, reason, endpoint: where === '' ? undefined : where })
    const { message, remedy } = found as AccessError
    expect(message).toMatch(words)
    expect(message).toContain(where === '' ? hop : `the ${hop} ${where} `)
    expect(message.endsWith(remedy)).toBe(true)
    expect((error as Error).message).toContain(message)
    // Told once, however often it was tried.
    expect(overheard.errors.filter((one) => (one as AccessError).reason === reason)).toHaveLength(1)
    expect(overheard.warnings.filter(({ err }) => err?.reason === reason)).toHaveLength(1)
  })
})

describe('a client recovers by itself', () => {
  test.each([
    ['node', 'password'],
    ['sentinel', 'sentinelPassword']
  ] as const)('when the %s learns the password', async (hop, option) => {
    await using refused = await refusedClient(plain, { ...PASSWORDS, [option]: `new-${hop}-pw` })
    const { client, error } = refused
    expect(error).toMatchObject({ message: expect.stringMatching(/WRONGPASS/) as string })
    const [server] = hop === 'node' ? plain.nodes : plain.sentinels
    await server?.command('ACL', 'SETUSER', 'default', `>new-${hop}-pw`)
    expect(await client.set('mended', hop)).toBe('OK')
  })

  test('when a sentinel’s user is given the rights', async () => {
    const rules = ['on', '>watcher-pw', 'allchannels', '+@all', '-sentinel']
    await plain.sentinels[0]?.command('ACL', 'SETUSER', 'watcher', ...rules)
    const watcher = { sentinelUsername: 'watcher', sentinelPassword: 'watcher-pw' }
    await using refused = await refusedClient(plain, { ...PASSWORDS, ...watcher })
    const { client, error } = refused
    expect(error).toMatchObject({ message: expect.stringMatching(/NOPERM/) as string })
    await plain.sentinels[0]?.command('ACL', 'SETUSER', 'watcher', '+sentinel')
    expect(await client.ping()).toBe('PONG')
  })

  test.each(['node', 'sentinel'] as const)('when the %s shows a certificate that has not expired', async (hop) => {
    const host = hop === 'node' ? (plain.nodes[0]?.address.host ?? '') : '127.0.0.1'
    const { front, options } = await frontOf(plain, hop, host, { days: -1 })
    await using refused = await refusedClient(plain, options)
    const { client, error } = refused
    expect(accessErrorsIn(error)[0]).toMatchObject({ reason: 'expired' })
    front.show(await authority.issue(host, `${hop}-renewed`))
    expect(await client.set('renewed', hop)).toBe('OK')
  })

  test('and does not knock at the door all the time meanwhile', async () => {
    const [node] = plain.nodes
    const connections = async (): Promise<number> =>
      Number(/total_connections_received:(\d+)/.exec(String(await node?.command('INFO', 'stats')))?.[1])
    const before = await connections()
    await using client = clientOf(plain, {
      ...PASSWORDS,
      password: 'wrong',
      lazyConnect: true,
      connectDeadlineMs: 3_000
    })
    await outcome(client.connect())
    // The sentinel and this test connect too.
    expect((await connections()) - before).toBeLessThan(20)
  })
})

test('a call without the right: the reply error is ioredis’s own, and says behind the server’s words who and what to do', async () => {
  await plain.nodes[0]?.command('ACL', 'SETUSER', 'reader', 'on', '>reader-pw', '~*', '+@all', '-@write')
  await using client = clientOf(plain, { ...PASSWORDS, username: 'reader', password: 'reader-pw' })
  const error = await outcome(client.set('a', 'b'))
  expect(error).toMatchObject({ name: 'ReplyError', hop: 'node', endpoint: nodeOf(plain) })
  const { message } = error as Error
  expect(message).toMatch(/^NOPERM (this user|User reader) has no permissions to run the 'set' command/)
  expect(message).toContain(`(says the node ${nodeOf(plain)}. Give the user that right by ACL SETUSER`)
  expect(await client.get('a')).toBeNull()
})

test('TLS options that cannot be used are an error at once, and no hang', async () => {
  const nonsense = { ca: secure.ca ?? '', cert: 'nonsense', key: 'nonsense' }
  await using refused = await refusedClient(secure, { ...trusting(), tls: nonsense })
  const [found] = accessErrorsIn(refused.error)
  expect(found).toMatchObject({ reason: 'tls-failed', hop: 'node', endpoint: nodeOf(secure) })
})

test('a client certificate lets in where one is asked for', async () => {
  const { certFile, keyFile } = await authority.issue('client.test', 'client')
  const [node] = secure.nodes
  if (node === undefined) throw new Error('there is no node')
  const files = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  await node.command('CONFIG', 'SET', 'tls-ca-cert-file', join(folder, 'own', 'ca.crt'), 'tls-auth-clients', 'yes')
  try {
    await using client = clientOf(secure, { ...trusting(), tls: { ...tlsTo(secure), ...files } })
    await eventually(async () => {
      expect(await client.set('with a certificate', '1')).toBe('OK')
    })
  } finally {
    await node.restart()
  }
})
