import { NoPrimaryError, SentinelsUnreachableError } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, outcome } from './support/clients.js'

let topology: LocalTopology

beforeAll(async () => {
  topology = await startTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())

const keys = (): string[] => topology.sentinelAddresses.map(({ host, port }) => `${host}:${port}`).sort()

/** SIGSTOP: connections are accepted by the kernel, and nothing is ever answered. */
async function freeze(count: number): Promise<AsyncDisposable> {
  const frozen = topology.sentinels.slice(0, count)
  await Promise.all(frozen.map((sentinel) => sentinel.freeze()))
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(frozen.map((sentinel) => sentinel.thaw()))
    }
  }
}

test('all sentinels refuse: rejects by the deadline and names each', async () => {
  const sentinels = ['127.98.1.1:1', '127.98.1.2:1', '127.98.1.3:1']
  await using client = clientOf(topology, { sentinels, connectDeadlineMs: 400, lazyConnect: true })
  const started = performance.now()
  const error = await outcome(client.connect())
  expect(performance.now() - started).toBeLessThan(1_500)
  expect(error).toBeInstanceOf(SentinelsUnreachableError)
  const { causes, message, group, stage } = error as SentinelsUnreachableError
  expect(Object.keys(causes).sort()).toEqual(sentinels)
  for (const [key, cause] of Object.entries(causes)) {
    expect(cause.message).toContain('ECONNREFUSED')
    expect(message).toContain(`${key}: connect ECONNREFUSED`)
  }
  expect([group, stage]).toEqual([topology.name, 'discovering'])
})

test('a name that does not resolve is named among the causes', async () => {
  const sentinels = ['no-such-sentinel.invalid', '127.98.1.1:1']
  await using client = clientOf(topology, { sentinels, connectDeadlineMs: 2_000, lazyConnect: true })
  const error = await outcome(client.connect())
  expect(error).toBeInstanceOf(SentinelsUnreachableError)
  const { causes } = error as SentinelsUnreachableError
  expect(Object.keys(causes).sort()).toEqual(['127.98.1.1:1', 'no-such-sentinel.invalid:26379'])
})

test('all sentinels are silent: rejects by the deadline, names each, and connects by itself when they speak again', async () => {
  const frozen = await freeze(3)
  await using client = clientOf(topology, { connectDeadlineMs: 1_000, sentinelTimeoutMs: 300, lazyConnect: true })
  try {
    const started = performance.now()
    const error = await outcome(client.connect())
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(error).toBeInstanceOf(SentinelsUnreachableError)
    const { causes } = error as SentinelsUnreachableError
    expect(Object.keys(causes).sort()).toEqual(keys())
    for (const cause of Object.values(causes)) expect(cause.message).toMatch(/does not answer within 300 ms/)
  } finally {
    await frozen[Symbol.asyncDispose]()
  }
  await once(client, 'ready')
  expect(await client.set('spoken', 'yes')).toBe('OK')
})

test('a call waits no longer than its deadline while no sentinel answers, and the cause says why', async () => {
  await using client = clientOf(topology, { sentinels: ['127.98.1.1:1'] })
  const error = await outcome(client.with({ deadlineMs: 300 }).set('a', 'b'))
  expect(error).toMatchObject({ code: 'DEADLINE', stage: 'queued', deadlineMs: 300 })
  expect((error as Error).cause).toBeInstanceOf(SentinelsUnreachableError)
})

test('two of three sentinels are silent: connected long before the deadline', async () => {
  await using _frozen = await freeze(2)
  await using client = clientOf(topology, { lazyConnect: true, connectDeadlineMs: 3_000 })
  await client.connect()
  expect(await client.set('majority', 'silent')).toBe('OK')
})

test('two of three sentinels refuse: connected at once', async () => {
  const sentinels = ['127.98.1.1:1', '127.98.1.2:1', ...topology.sentinelAddresses.slice(0, 1)]
  await using client = clientOf(topology, { sentinels, lazyConnect: true, connectDeadlineMs: 2_000 })
  await client.connect()
  expect(await client.ping()).toBe('PONG')
})

test('a name that no sentinel knows: rejects quickly, and lists those that they know', async () => {
  await using client = clientOf(topology, { name: 'nobody', lazyConnect: true })
  const started = performance.now()
  const error = await outcome(client.connect())
  expect(performance.now() - started).toBeLessThan(3_000)
  expect(error).toBeInstanceOf(NoPrimaryError)
  expect(error).toMatchObject({ knownNames: [topology.name], group: 'nobody' })
  expect((error as Error).message).toContain(`they know: ${topology.name}`)
  for (const key of keys()) expect((error as Error).message).toContain(key)
})

test('the primary does not answer: the error names it and the reason', async () => {
  const primary = await topology.primary()
  await primary.kill()
  try {
    await using client = clientOf(topology, { lazyConnect: true, connectDeadlineMs: 500 })
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
