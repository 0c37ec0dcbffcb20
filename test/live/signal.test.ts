import { AbortedError } from 'ioredis-sentinel'
import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { encodeGreeting } from '../../src/protocol/handshake.js'
import { ByteProxy } from './support/byte-proxy.js'
import { holds } from './support/client-view.js'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { connectionsNamed, eventually, killConnections } from './support/server-view.js'

const quiet = useQuietTopology({ replicas: 1 })

/** Resolves when the connection of this name waits in a blocking call. */
async function blocks(name: string): Promise<void> {
  await eventually(async () => {
    expect((await connectionsNamed(quiet.primary, name))[0]?.['flags']).toContain('b')
  })
}

/** A worker that reaches the primary through this proxy. */
function workerThrough(proxy: ByteProxy): SentinelRedis {
  return clientOf(quiet.topology, { addressMap: proxy.asPrimary, readFrom: 'primary', connectionName: 'worker' })
}

/** Runs while the primary does not answer: the probe is in flight, and what is called later waits here. */
async function silent(act: (client: SentinelRedis) => Promise<void>): Promise<void> {
  await using client = clientOf(quiet.topology, { readFrom: 'primary' })
  await client.ping()
  await quiet.primary.freeze()
  try {
    client.set('probe', 'x').catch(() => undefined)
    await holds(client, 'silence')
    await act(client)
  } finally {
    await quiet.primary.thaw()
  }
}

test('a signal that was aborted before the call: it is not made', async () => {
  await using client = clientOf(quiet.topology)
  const aborted = client.with({ signal: AbortSignal.abort(new Error('changed my mind')) })
  const error = await outcome(aborted.set('k', 'v'))
  expect(error).toBeInstanceOf(AbortedError)
  expect(error).toMatchObject({
    code: 'ABORTED',
    stage: 'queued',
    command: 'set',
    cause: { message: 'changed my mind' }
  })
  const results = await aborted.pipeline().set('k', 'v').get('k').exec()
  expect(results?.map(([failure]) => failure)).toEqual([expect.any(AbortedError), expect.any(AbortedError)])
  expect(await outcome(aborted.multi().set('k', 'v').exec())).toBeInstanceOf(AbortedError)
  expect(await client.exists('k')).toBe(0)
})

test('a call that waits here ends at once and is not executed', async () => {
  const controller = new AbortController()
  await silent(async (client) => {
    const waiting = outcome(client.with({ signal: controller.signal }).set('never', '1'))
    const pipeline = client.with({ signal: controller.signal }).pipeline().set('never', '2').incr('never').exec()
    const multi = outcome(client.with({ signal: controller.signal }).multi().set('never', '3').exec())
    const other = client.set('other', '1')
    expect(client.stats().held).toBeGreaterThanOrEqual(5)
    controller.abort()
    expect(await waiting).toMatchObject({ code: 'ABORTED', stage: 'queued' })
    expect((await pipeline)?.map(([error]) => error)).toEqual([expect.any(AbortedError), expect.any(AbortedError)])
    expect(await multi).toMatchObject({ code: 'ABORTED', stage: 'queued' })
    await quiet.primary.thaw()
    expect(await other).toBe('OK')
    expect(await client.exists('never')).toBe(0)
  })
})

test('one that was written ends at once too, and says that it may have been executed', async () => {
  await using client = clientOf(quiet.topology, { readFrom: 'primary' })
  await client.ping()
  await quiet.primary.freeze()
  try {
    const controller = new AbortController()
    const flying = outcome(client.with({ signal: controller.signal }).incr('hits'))
    await eventually(() => {
      expect(client.stats().inFlight).toBe(1)
    })
    controller.abort()
    expect(await flying).toMatchObject({
      code: 'ABORTED',
      stage: 'in-flight',
      message: /may have been executed/ as never
    })
  } finally {
    await quiet.primary.thaw()
  }
  expect(await client.get('hits')).toBe('1')
})

test('a blocking call is ended on the server: the connection is free, and takes no element any more', async () => {
  await using client = clientOf(quiet.topology, { readFrom: 'primary', connectionName: 'worker' })
  const controller = new AbortController()
  const popping = outcome(client.with({ signal: controller.signal }).blpop('jobs', 0))
  await blocks('worker')
  const behind = client.set('behind', '1')
  controller.abort()
  expect(await popping).toMatchObject({ code: 'ABORTED', command: 'blpop' })
  expect(await behind).toBe('OK')
  expect(await client.rpush('jobs', 'kept')).toBe(1)
  expect(await client.lrange('jobs', 0, -1)).toEqual(['kept'])
})

test('a blocking call behind another one: the other goes on, and it is this one that ends', async () => {
  await using client = clientOf(quiet.topology, { readFrom: 'primary', connectionName: 'workers' })
  const first = client.blpop('first', 0)
  const controller = new AbortController()
  const second = outcome(client.with({ signal: controller.signal }).blpop('second', 0))
  await blocks('workers')
  controller.abort()
  expect(await second).toMatchObject({ code: 'ABORTED', stage: 'in-flight' })
  await quiet.primary.command('RPUSH', 'first', 'one')
  expect(await first).toEqual(['first', 'one'])
})

describe('a blocking call that ends for another reason before the server was told to end it', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['a lost connection', () => killConnections(quiet.primary, 'worker')],
    [
      'a demotion',
      async () => {
        const { host, port } = (quiet.replicas[0] as LocalNode).address
        await quiet.primary.command('REPLICAOF', host, String(port))
        await quiet.primary.command('REPLICAOF', 'NO', 'ONE')
      }
    ]
  ])('%s: it is not made again', async (_, strike) => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    await using client = workerThrough(proxy)
    const controller = new AbortController()
    const popping = outcome(client.with({ signal: controller.signal }).blpop('jobs', 0))
    await blocks('worker')
    // The connection on which the server is to be told leads nowhere.
    const told = proxy.arm('swallow', 'requests', 0)
    controller.abort()
    await told
    const greeted = once(client, 'ready')
    await strike()
    await greeted
    expect(await popping).toMatchObject({ code: 'ABORTED', stage: 'in-flight', command: 'blpop' })
    expect(await client.with({ deadlineMs: 2_000 }).ping()).toBe('PONG')
    await quiet.primary.command('RPUSH', 'jobs', 'kept')
    expect(await client.lrange('jobs', 0, -1)).toEqual(['kept'])
  })
})

test('a blocking call that a node does not end, since it says nothing any more: it ends here all the same', async () => {
  await using proxy = await ByteProxy.to(quiet.primary.address)
  await using client = workerThrough(proxy)
  const controller = new AbortController()
  const popping = outcome(client.with({ signal: controller.signal }).blpop('jobs', 0))
  await blocks('worker')
  // The connection on which it is to be told is greeted, and hears nothing more.
  void proxy.arm('swallow', 'requests', encodeGreeting(3, {}).length)
  controller.abort()
  expect(await popping).toMatchObject({ code: 'ABORTED', stage: 'in-flight', command: 'blpop' })
  expect(proxy.armed).toBe(false)
})

test('an element that came in the very moment is given rather than lost', async () => {
  await using client = clientOf(quiet.topology, { readFrom: 'primary' })
  for (let round = 0; round < 200; round++) {
    const controller = new AbortController()
    const popping = outcome(client.with({ signal: controller.signal }).blpop('jobs', 0))
    const pushed = quiet.primary.command('RPUSH', 'jobs', String(round))
    if (round % 2 === 1) await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    await pushed
    const got = await popping
    const left = await client.lrange('jobs', 0, -1)
    if (got instanceof AbortedError) expect(left).toEqual([String(round)])
    else expect([got, left]).toEqual([['jobs', String(round)], []])
    await client.del('jobs')
  }
})

test('one signal serves any number of calls, without a warning and without being kept', async () => {
  await using client = clientOf(quiet.topology)
  const warnings: Error[] = []
  const warn = (warning: Error): void => {
    warnings.push(warning)
  }
  process.on('warning', warn)
  const controller = new AbortController()
  const view = client.with({ signal: controller.signal })
  await Promise.all(Array.from({ length: 200 }, (_, i) => view.rpush('list', i)))
  controller.abort()
  expect(await client.llen('list')).toBe(200)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', warn)
  expect(warnings).toEqual([])
})

test('AbortSignal.timeout() is a signal like any other, and anything else is refused', async () => {
  await silent(async (client) => {
    const error = await outcome(client.with({ signal: AbortSignal.timeout(20) }).set('k', 'v'))
    expect(error).toMatchObject({ code: 'ABORTED', cause: { name: 'TimeoutError' } })
    expect(() => client.with({ signal: 5 as never })).toThrow(/with\(\{ signal \}\) is 5; allowed is an AbortSignal/)
  })
})
