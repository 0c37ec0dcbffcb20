import { DurabilityError, UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually } from './support/server-view.js'

// A call that waits here may have been executed before: what it ends in must not say that it was not.

const quiet = useQuietTopology({ replicas: 1 })
let proxy: ByteProxy
beforeEach(async () => {
  proxy = await ByteProxy.to(quiet.primary.address)
  onTestFinished(() => proxy[Symbol.asyncDispose]())
})

async function connected(options: Partial<SentinelRedisOptions> = {}): Promise<SentinelRedis> {
  const client = clientOf(quiet.topology, { addressMap: proxy.asPrimary, readFrom: 'primary', ...options })
  onTestFinished(() => client.close())
  await client.ping()
  return client
}

/** The server executes what `call` makes, its reply is lost, and there is no primary any more. */
async function lost(client: SentinelRedis, call: () => Promise<unknown>): Promise<Promise<unknown>[]> {
  const met = proxy.arm('cut', 'replies', 0)
  const ended = outcome(call())
  await met
  proxy.shut()
  await eventually(() => expect(client.stats().held).toBeGreaterThan(0))
  return [ended]
}

/** It is executed, and waits for the replica, which does not say that it has it. */
async function unconfirmed(call: () => Promise<unknown>): Promise<Promise<unknown>[]> {
  await quiet.replicas[0]?.freeze()
  onTestFinished(() => quiet.replicas[0]?.thaw())
  const ended = outcome(call())
  await eventually(async () => expect(await quiet.primary.command('CLIENT', 'LIST')).toContain('cmd=wait'))
  return [ended]
}

const DURABLE = { durability: { replicas: 1, timeoutMs: 20_000 } }

describe('a call that was executed, and waits to be sent again, says that it was written', () => {
  test('when its signal ends it', async () => {
    const client = await connected()
    const controller = new AbortController()
    const { signal } = controller
    const [ended] = await lost(client, () => client.with({ idempotent: true, signal }).incr('n'))
    controller.abort()
    expect(await ended).toMatchObject({ code: 'ABORTED', stage: 'in-flight' })
    expect(await quiet.primary.command('GET', 'n')).toBe('1')
  })

  test('when the deadline of its MULTI ends it', async () => {
    const client = await connected({ deadlineMs: 5_000 })
    await client.multi({ pipeline: false })
    await client.set('k', 'v')
    const [ended] = await lost(client, () => client.exec())
    expect(await ended).toMatchObject({ code: 'DEADLINE', stage: 'in-flight' })
    expect(await quiet.primary.command('GET', 'k')).toBe('v')
  })

  test('when it had been acknowledged, and its deadline ends it', async () => {
    const client = await connected()
    const [ended] = await unconfirmed(() => client.with({ ...DURABLE, deadlineMs: 5_000 }).set('k', 'v'))
    proxy.shut()
    expect(await ended).toMatchObject({ code: 'DEADLINE', stage: 'in-flight' })
    expect(await quiet.primary.command('GET', 'k')).toBe('v')
  })

  test('when it takes effect once, and the client is closed', async () => {
    const client = await connected()
    const [ended] = await lost(client, () => client.with({ exactlyOnce: true }).incr('n'))
    await client.close()
    expect(await ended).toBeInstanceOf(UnknownOutcomeError)
    expect(await quiet.primary.command('GET', 'n')).toBe('1')
  })
})

describe('a blocking call that has got something does not get more in its place', () => {
  test('when it was not confirmed', async () => {
    const client = await connected()
    await client.rpush('jobs', 'first', 'second')
    const [ended] = await unconfirmed(() => client.with(DURABLE).blmove('jobs', 'mine', 'LEFT', 'RIGHT', 10))
    proxy.cutAll()
    expect(await ended).toBeInstanceOf(DurabilityError)
    expect(await client.lrange('mine', 0, -1)).toEqual(['first'])
  })

  test('when the reply of its EXEC was lost', async () => {
    const client = await connected()
    await client.rpush('jobs', 'first', 'second')
    const met = proxy.arm('cut', 'replies', 0)
    const ended = outcome(client.multi().blpop('jobs', 10).set('k', 'v').exec())
    await met
    expect(await ended).toBeInstanceOf(UnknownOutcomeError)
    expect(await client.lrange('jobs', 0, -1)).toEqual(['second'])
  })
})

test('what is to take effect once, in a MULTI whose EXEC has to be sent again, does', async () => {
  const client = await connected()
  const once = client.with({ exactlyOnce: true })
  await client.multi({ pipeline: false })
  await outcome(once.incr('a'))
  await outcome(once.incr('b'))
  const met = proxy.arm('cut', 'replies', 0)
  const ended = outcome(client.exec())
  await met
  await ended
  expect(await client.mget('a', 'b')).toEqual(['1', '1'])
})
