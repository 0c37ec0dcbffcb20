import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { nextFailover } from './support/client-view.js'
import { beginFailover } from './support/clients.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startTopology({
    tls: true,
    password: 'node-secret',
    sentinelPassword: 'sentinel-secret',
    downAfterMs: 1_000
  })
})

afterAll(async () => {
  await topology.stop()
})

const options = () => ({
  name: topology.name,
  sentinels: topology.sentinelAddresses,
  password: 'node-secret',
  sentinelPassword: 'sentinel-secret',
  tls: { ca: topology.ca },
  sentinelTls: { ca: topology.ca }
})

test('TLS and passwords on both hops, with certificates checked, through a failover', async () => {
  await using client = new SentinelRedis(options())
  await client.set('key', 'before')
  const moved = nextFailover(client)
  await beginFailover(topology)
  await moved
  await client.set('key', 'after')
  expect(await client.get('key')).toBe('after')
  // The client follows before the sentinels have told each other.
  await vi.waitFor(
    async () => {
      expect(client.topology.primary?.address).toEqual((await topology.primary()).address)
    },
    { timeout: 20_000 }
  )
})

test('a node whose certificate nobody vouches for is refused, and the error says which', async () => {
  const client = new SentinelRedis({ ...options(), tls: true, lazyConnect: true, connectDeadlineMs: 2_000 })
  const errors: Error[] = []
  client.on('error', (error: Error) => errors.push(error))
  await expect(client.connect()).rejects.toMatchObject({
    code: 'NO_PRIMARY',
    message: expect.stringMatching(/certificate/) as string
  })
  expect(errors.map((error) => error.message).join()).toMatch(/certificate/)
  client.disconnect()
})

test('sentinels whose certificate nobody vouches for are refused, and the error names each', async () => {
  const client = new SentinelRedis({ ...options(), sentinelTls: true, lazyConnect: true, connectDeadlineMs: 2_000 })
  const error = await client.connect().then(
    () => undefined,
    (reason: unknown) => reason
  )
  expect(error).toMatchObject({
    code: 'SENTINELS_UNREACHABLE',
    message: expect.stringMatching(/certificate/) as string
  })
  client.disconnect()
})
