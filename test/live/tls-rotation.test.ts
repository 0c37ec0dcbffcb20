import { SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions, TlsFunction } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { failOver, hasten, outcome, startQuickTopology } from './support/clients.js'
import { accessErrorsIn, Overheard } from './support/overheard.js'
import { connectionsNamed, eventually, killConnections } from './support/server-view.js'

let topology: LocalTopology
const rejections: unknown[] = []
const note = (reason: unknown): number => rejections.push(reason)

beforeAll(async () => {
  process.on('unhandledRejection', note)
  topology = await startQuickTopology({ tls: true, password: 'pw', sentinelPassword: 'spw', downAfterMs: 60_000 })
})
afterAll(async () => {
  await topology.stop()
  process.off('unhandledRejection', note)
  expect(rejections).toEqual([])
})

const current: TlsFunction = () => Promise.resolve({ ca: topology.ca ?? '' })

const options = (more: Partial<SentinelRedisOptions> = {}): SentinelRedisOptions => ({
  name: topology.name,
  sentinels: topology.sentinelAddresses,
  password: 'pw',
  sentinelPassword: 'spw',
  tls: current,
  sentinelTls: current,
  connectionName: 'rotating',
  ...more
})

/** Ids of the client's connections to nodes. */
async function connections(): Promise<readonly string[]> {
  const found = await Promise.all(
    topology.nodes.map(async (node) =>
      (await connectionsNamed(node, 'rotating')).map(({ id }) => `${String(node)} ${id}`)
    )
  )
  return found.flat().sort()
}

test('the function is told each connection, on both hops', async () => {
  const asked: string[] = []
  const tls: TlsFunction = (connection) => {
    const { hop, announced, reached, signal } = connection
    expect(signal.aborted).toBe(false)
    expect(announced).toEqual(reached)
    asked.push(`${hop} ${announced.host}:${announced.port}`)
    return current(connection)
  }
  await using client = new SentinelRedis(options({ tls, sentinelTls: tls }))
  await client.set('key', 'value')
  await usable(client, 2)
  const servers = [...topology.nodes, ...topology.sentinels].map(String)
  await eventually(() => {
    expect([...new Set(asked)].sort()).toEqual(servers.sort())
  })
  const before = asked.length
  await killConnections(await topology.primary(), 'rotating')
  await client.set('key', 'value')
  expect(asked.length).toBeGreaterThan(before)
})

test('authority and certificates are replaced under a client that writes and reads: no connection to a node is lost, no call fails', async () => {
  const overheard = new Overheard()
  await using client = new SentinelRedis(options({ logger: overheard.logger }))
  overheard.listen(client)
  await client.set('counter', 0)
  await usable(client, 2)
  const before = await connections()
  expect(before).toHaveLength(3)
  const old = topology.ca
  let rotated = false
  let written = 0
  const traffic = (async () => {
    while (!rotated) {
      written = await client.incr('counter')
      await client.with({ readFrom: 'replica' }).get('another key')
    }
  })()
  await topology.rotateCertificates()
  rotated = true
  await traffic
  expect(written).toBeGreaterThan(10)
  expect(await connections()).toEqual(before)
  expect(topology.ca).not.toBe(old)
  expect(overheard.errors).toEqual([])
  // What it does from now on it does by the new certificates alone.
  await using late = new SentinelRedis(
    options({
      tls: { ca: old ?? '' },
      sentinelTls: { ca: topology.ca ?? '' },
      lazyConnect: true,
      connectDeadlineMs: 3_000
    })
  )
  expect(accessErrorsIn(await outcome(late.connect()))).toMatchObject([{ reason: 'unknown-issuer', hop: 'node' }])
  await hasten(topology)
  await eventually(() => {
    expect(client.topology.sentinels.every(({ reachable }) => reachable)).toBe(true)
  })
  await failOver(topology, client)
  expect(await client.incr('counter')).toBe(written + 1)
}, 90_000)

test.each(['node', 'sentinel'] as const)(
  'a function that fails for a %s is an error that says so, and is called again',
  async (hop) => {
    let mended = false
    let calls = 0
    const overheard = new Overheard()
    const tls: TlsFunction = (connection) => {
      calls += 1
      if (!mended) throw new Error('no such secret')
      return current(connection)
    }
    await using client = new SentinelRedis(
      options({
        [hop === 'node' ? 'tls' : 'sentinelTls']: tls,
        lazyConnect: true,
        connectDeadlineMs: 2_000,
        logger: overheard.logger
      })
    )
    overheard.listen(client)
    const found = accessErrorsIn(await outcome(client.connect()))
    expect(found[0]).toMatchObject({
      reason: 'tls-failed',
      hop,
      message: expect.stringMatching(/no such secret/) as string
    })
    // A second or two apart at the end, at each of up to three servers.
    expect(calls).toBeLessThan(45)
    mended = true
    if (client.status !== 'ready') await once(client, 'ready')
    expect(await client.ping()).toBe('PONG')
  }
)
