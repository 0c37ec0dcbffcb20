import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ScratchServer } from '../../scripts/scratch-server.js'
import { startScratchServer } from '../../scripts/scratch-server.js'
import { redirectTarget, refusalOf } from '../../src/routing/refusal.js'

const servers: ScratchServer[] = []

async function start(host: string, ...settings: string[]): Promise<ScratchServer> {
  const server = await startScratchServer('redis-server', host, ['--enable-debug-command', 'yes', ...settings])
  servers.push(server)
  return server
}

afterAll(() => Promise.all(servers.map((server) => server.stop())))

const linkUp = (client: Redis) =>
  vi.waitFor(async () => expect(await client.info('replication')).toContain('master_link_status:up'), {
    timeout: 20_000,
    interval: 50
  })

/** The message of the error that a call ends in; fails when it ends well. */
const messageOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    (value) => expect.fail(`answered ${JSON.stringify(value)}`),
    (error: unknown) => (error as Error).message
  )

const SET = "redis.call('set', KEYS[1], 'v')"
const TRY_SET = "local reply = redis.pcall('set', KEYS[1], 'v');"
const SCRIPTS = [
  `return ${SET}`,
  `${TRY_SET} return reply`,
  `${TRY_SET} error(reply)`,
  `${TRY_SET} error(reply.err)`,
  `redis.call('get', KEYS[1]); ${SET}`,
  `#!lua\nreturn ${SET}`
]

describe('a replica', () => {
  let primary: ScratchServer
  let replica: ScratchServer
  let client: Redis

  beforeAll(async () => {
    primary = await start('127.74.2.1', '--repl-diskless-sync-delay', '0')
    replica = await start('127.74.2.2', '--replicaof', primary.host, `${primary.port}`)
    client = replica.connect()
    await linkUp(client)
  })

  it('refuses a write', async () => {
    expect(refusalOf(await messageOf(client.set('k', 'v')))).toBe('demoted')
  })

  it.each(SCRIPTS)('refuses the script %s', async (script) => {
    expect(refusalOf(await messageOf(client.eval(script, 1, 'k')))).toBe('demoted')
  })

  it('refuses a function that may write', async () => {
    const library = `#!lua name=lib\nredis.register_function('f', function(keys) return redis.call('set', keys[1], 'v') end)`
    await primary.connect().call('FUNCTION', 'LOAD', library)
    await vi.waitFor(async () => expect(await client.call('FUNCTION', 'LIST')).not.toEqual([]), { timeout: 30_000 })
    expect(refusalOf(await messageOf(client.call('FCALL', 'f', 1, 'k')))).toBe('demoted')
  })

  it('leaves the reason why it aborts a transaction to the queued commands', async () => {
    const error = await client
      .multi()
      .set('k', 'v')
      .exec()
      .then(
        () => expect.fail('executed'),
        (reason: unknown) => reason as Error & { previousErrors: Error[] }
      )
    expect(refusalOf(error.message)).toBeUndefined()
    expect(error.previousErrors.map(({ message }) => refusalOf(message))).toEqual(['demoted'])
  })

  it('has written none of it', async () => {
    expect(await primary.connect().dbsize()).toBe(0)
    expect(await client.dbsize()).toBe(0)
  })

  it('names its primary to a client that asked to be redirected, if it is a Valkey', async () => {
    const own = replica.connect()
    const valkey = (await own.info('server')).includes('valkey_version')
    if (valkey) await own.call('CLIENT', 'CAPA', 'redirect')
    const message = await messageOf(own.set('k', 'v'))
    expect(refusalOf(message)).toBe(valkey ? 'redirected' : 'demoted')
    expect(redirectTarget(message)).toEqual(valkey ? { host: primary.host, port: primary.port } : undefined)
  })
})

describe('a replica that loads what its primary sent', () => {
  it('refuses everything', async () => {
    const primary = await start('127.74.2.3', '--repl-diskless-sync-delay', '0')
    await primary.connect().call('DEBUG', 'POPULATE', 2000, 'key', 100)
    const slowly = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024']
    const replica = await start('127.74.2.4', ...slowly)
    const client = replica.connect()
    await client.call('REPLICAOF', primary.host, primary.port)
    const message = await vi.waitFor(() => messageOf(client.get('k')), { timeout: 20_000, interval: 5 })
    expect(message).toMatch(/^LOADING /)
    expect(refusalOf(message)).toBe('loading')
  })
})

describe('a primary', () => {
  let server: ScratchServer
  let client: Redis
  let queued: Redis

  beforeAll(async () => {
    server = await start('127.74.2.5')
    client = server.connect()
    queued = server.connect()
  })

  const blocked = (count: number) =>
    vi.waitFor(async () => expect(await client.info('clients')).toContain(`blocked_clients:${count}\r`), {
      timeout: 20_000
    })

  const nowhere = () => client.call('REPLICAOF', '127.74.2.6', 1)

  it('without enough replicas refuses to write, in scripts and transactions too', async () => {
    await queued.call('MULTI')
    await queued.call('SET', 'k', 'v')
    await client.config('SET', 'min-replicas-to-write', 1)
    expect(refusalOf(await messageOf(client.set('k', 'v')))).toBe('no-replicas')
    expect(refusalOf(await messageOf(queued.call('EXEC')))).toBe('no-replicas')
    for (const script of SCRIPTS.slice(0, 3)) {
      expect(refusalOf(await messageOf(client.eval(script, 1, 'k'))), script).toBe('no-replicas')
    }
    expect(await client.dbsize()).toBe(0)
    await client.config('SET', 'min-replicas-to-write', 0)
  })

  it('that is demoted ends blocked calls and refuses the transaction that was queued', async () => {
    await queued.call('MULTI')
    await queued.call('SET', 'k', 'v')
    const pop = messageOf(server.connect().blpop('list', 0))
    await blocked(1)
    await nowhere()
    expect(refusalOf(await pop)).toBe('unblocked')
    expect(refusalOf(await messageOf(queued.call('EXEC')))).toBe('demoted')
  })

  it('that is demoted and may not serve old data refuses reads', async () => {
    await client.call('REPLICAOF', 'NO', 'ONE')
    await queued.call('MULTI')
    await queued.call('GET', 'k')
    await client.config('SET', 'replica-serve-stale-data', 'no')
    await nowhere()
    expect(refusalOf(await messageOf(client.get('k')))).toBe('stale')
    expect(refusalOf(await messageOf(client.eval("return redis.call('get', 'k')", 0)))).toBe('stale')
    expect(refusalOf(await messageOf(queued.call('EXEC')))).toBe('stale')
    await client.call('REPLICAOF', 'NO', 'ONE')
  })

  it('that ends a blocked call on request, or for want of the stream, has refused nothing', async () => {
    const pop = messageOf(server.connect().blpop('list', 0))
    await blocked(1)
    await client.call('CLIENT', 'UNBLOCK', await clientIdOfBlocked(), 'ERROR')
    expect(await pop).toMatch(/^UNBLOCKED /)
    expect(refusalOf(await pop)).toBeUndefined()
    await blocked(0)

    await client.xgroup('CREATE', 'stream', 'g', '$', 'MKSTREAM')
    const read = messageOf(server.connect().xreadgroup('GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 'stream', '>'))
    await blocked(1)
    await client.del('stream')
    expect(refusalOf(await read)).toBeUndefined()
  })

  async function clientIdOfBlocked(): Promise<string> {
    const lines = String(await client.client('LIST')).split('\n')
    return /\bid=(\d+)/.exec(lines.find((line) => line.includes('cmd=blpop')) ?? '')?.[1] ?? ''
  }
})
