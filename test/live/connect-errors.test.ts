import { NoPrimaryError, SentinelsUnreachableError } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf, outcome } from './support/clients.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())

const keys = (): string[] => topology.sentinelAddresses.map(({ host, port }) => `${host}:${port}`).sort()

test('a name that does not resolve is named among the causes', async () => {
  const sentinels = ['no-such-sentinel.invalid', '127.98.1.1:1']
  await using client = clientOf(topology, { sentinels, connectDeadlineMs: 2_000, lazyConnect: true })
  const error = await outcome(client.connect())
  expect(error).toBeInstanceOf(SentinelsUnreachableError)
  const { causes } = error as SentinelsUnreachableError
  expect(Object.keys(causes).sort()).toEqual(['127.98.1.1:1', 'no-such-sentinel.invalid:26379'])
})

test('a call waits no longer than its deadline while no sentinel answers, and the cause says why', async () => {
  await using client = clientOf(topology, { sentinels: ['127.98.1.1:1'] })
  const error = await outcome(client.with({ deadlineMs: 300 }).set('a', 'b'))
  expect(error).toMatchObject({ code: 'DEADLINE', stage: 'queued', deadlineMs: 300 })
  expect((error as Error).cause).toBeInstanceOf(SentinelsUnreachableError)
})

const DEFAULT_CONNECT_DEADLINE_MS = 10_000

test('a name that no sentinel knows: rejects before its deadline, and lists those that they know', async () => {
  await using client = clientOf(topology, { name: 'nobody', lazyConnect: true })
  const started = performance.now()
  const error = await outcome(client.connect())
  expect(performance.now() - started).toBeLessThan(DEFAULT_CONNECT_DEADLINE_MS)
  expect(error).toBeInstanceOf(NoPrimaryError)
  expect(error).toMatchObject({ knownNames: [topology.name], group: 'nobody' })
  expect((error as Error).message).toContain(`they know: ${topology.name}`)
  for (const key of keys()) expect((error as Error).message).toContain(key)
})

test('the primary does not answer: the error names it and the reason', async () => {
  const primary = await topology.primary()
  await primary.kill()
  try {
    await using client = clientOf(topology, { lazyConnect: true, connectDeadlineMs: 2_000 })
    const error = await outcome(client.connect())
    expect(error).toBeInstanceOf(NoPrimaryError)
    const endpoint = `${primary.address.host}:${primary.address.port}`
    expect(error).toMatchObject({ endpoint })
    expect((error as Error).message).toContain(`${endpoint} cannot be reached: connect ECONNREFUSED`)
    const ready = once(client, 'ready')
    await primary.start()
    await ready
  } finally {
    await primary.start()
  }
})

test('connect() of a listener to close has the deadline of any other', async () => {
  await using proxy = await ByteProxy.to((await topology.primary()).address)
  await using client = clientOf(topology, { addressMap: proxy.asPrimary, connectDeadlineMs: 500 })
  await client.ping()
  const rejected = new Promise((resolve) => client.once('close', () => void client.connect().catch(resolve)))
  proxy.shut()
  expect(await rejected).toBeInstanceOf(NoPrimaryError)
})
