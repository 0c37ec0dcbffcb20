import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Child } from '../child.js'
import { holds } from '../support/client-view.js'
import { clientOf as anyClientOf, outcome } from '../support/clients.js'
import { connectionsLeft, more, resources } from '../support/leftovers.js'
import { patiently } from '../support/patience.js'
import { connectionsNamed, eventually, killConnections } from '../support/server-view.js'

const NAME = 'lifecycle'
const REFUSING = '127.99.99.99:1'

let topology: LocalTopology

beforeAll(async () => {
  // No failover: what is broken here stays broken until the test heals it.
  topology = await startTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())

/** A client that is ended with its test even where it did not come into the state that it was made for: others count what is left. */
function clientOf(...[of, options]: Parameters<typeof anyClientOf>): SentinelRedis {
  const client = anyClientOf(of, options)
  onTestFinished(() => {
    client.disconnect()
  })
  return client
}

interface Broken {
  readonly client: SentinelRedis
  readonly pending?: readonly Promise<unknown>[]
  readonly heal?: () => Promise<unknown>
}

const calls = (client: SentinelRedis): Promise<unknown>[] => [
  client.incr('lifecycle:count'),
  client.set('lifecycle', 'x'),
  client.get('lifecycle'),
  client.pipeline().incr('lifecycle:count').get('lifecycle').exec(),
  client.multi().incr('lifecycle:count').exec(),
  client.blpop('lifecycle:none', 0)
]

/** Resolves when so many sockets that were made since `act` was called are connected. */
async function connections(count: number, act: () => void): Promise<void> {
  let connected = 0
  const onSocket = (message: unknown): void => {
    ;(message as { readonly socket: Socket }).socket.once('connect', () => (connected += 1))
  }
  subscribe('net.client.socket', onSocket)
  try {
    act()
    await eventually(() => {
      expect(connected).toBeGreaterThanOrEqual(count)
    })
  } finally {
    unsubscribe('net.client.socket', onSocket)
  }
}

/** A client brought into each of its states. */
const STATES: Readonly<Record<string, () => Promise<Broken>>> = {
  'never connected': async () => ({ client: clientOf(topology, { lazyConnect: true, connectionName: NAME }) }),
  'connecting, sentinels refuse': async () => {
    const client = clientOf(topology, { sentinels: [REFUSING], connectionName: NAME })
    const pending = calls(client)
    await eventually(() => {
      expect(client.topology.sentinels).toMatchObject([
        { reachable: false, error: expect.stringMatching(/REFUSED/) as string }
      ])
    })
    expect(client.status).toBe('connecting')
    return { client, pending }
  },
  'connecting, sentinels are silent': async () => {
    await Promise.all(topology.sentinels.map((sentinel) => sentinel.freeze()))
    const client = clientOf(topology, { connectionName: NAME, lazyConnect: true, sentinelTimeoutMs: 5_000 })
    let pending: readonly Promise<unknown>[] = []
    await connections(topology.sentinels.length, () => {
      pending = [client.connect(), ...calls(client)]
    })
    expect(client.status).toBe('connecting')
    const heal = (): Promise<unknown> => Promise.all(topology.sentinels.map((sentinel) => sentinel.thaw()))
    return { client, pending, heal }
  },
  'connecting, in the first tick': async () => {
    const client = clientOf(topology, { connectionName: NAME })
    return { client, pending: calls(client) }
  },
  'greeting the primary': async () => {
    const client = clientOf(topology, { connectionName: NAME })
    const pending = calls(client)
    await once(client, 'connect')
    return { client, pending }
  },
  ready: async () => {
    const client = clientOf(topology, { connectionName: NAME })
    await client.set('lifecycle', 'x')
    await client.get('lifecycle')
    return { client }
  },
  'ready, with calls in flight': async () => {
    const client = clientOf(topology, { connectionName: NAME })
    await client.set('lifecycle', 'x')
    return { client, pending: calls(client) }
  },
  'reconnecting to a dead primary': async () => {
    const primary = await topology.primary()
    const client = clientOf(topology, { connectionName: NAME })
    await client.set('lifecycle', 'x')
    await Promise.all([once(client, 'reconnecting'), primary.kill()])
    return { client, pending: calls(client), heal: () => primary.start() }
  },
  'between two connections': async () => {
    const client = clientOf(topology, { connectionName: NAME })
    await client.set('lifecycle', 'x')
    // After one connection that ended soon the next follows at once; after two in a row there is a time without one. On a slow machine
    // none may end soon enough at first.
    await eventually(async () => {
      if (client.status !== 'ready') await once(client, 'ready')
      client.disconnect(true)
      await once(client, 'close')
      expect(client.status).toBe('reconnecting')
    })
    return { client, pending: calls(client) }
  },
  'holding calls, others unanswered': async () => {
    const primary = await topology.primary()
    const client = clientOf(topology, { connectionName: NAME })
    await client.set('lifecycle', 'x')
    await primary.freeze()
    const pending = calls(client)
    await holds(client, 'silence')
    pending.push(...calls(client))
    expect(client.stats().held).toBeGreaterThan(0)
    return { client, pending, heal: () => primary.thaw() }
  },
  'in the middle of a transaction': async () => {
    const client = clientOf(topology, { connectionName: NAME })
    await client.watch('lifecycle')
    await client.multi({ pipeline: false })
    return { client, pending: [client.incr('lifecycle:count')] }
  },
  ended: async () => {
    const client = clientOf(topology, { connectionName: NAME })
    client.disconnect()
    await once(client, 'end')
    return { client, pending: calls(client) }
  }
}

const ENDS: Readonly<Record<string, (client: SentinelRedis) => Promise<unknown>>> = {
  'close()': (client) => client.close(),
  'quit()': async (client) => {
    await client.quit()
    if (client.status !== 'end') await once(client, 'end')
  },
  'disconnect()': async (client) => {
    client.disconnect()
    if (client.status !== 'end') await once(client, 'end')
  },
  asyncDispose: (client) => client[Symbol.asyncDispose](),
  'close() twice at once': (client) => Promise.all([client.close(), client.close()]),
  'close(), disconnect() and quit()': (client) => {
    const closed = client.close()
    client.disconnect()
    return Promise.all([closed, client.quit()])
  }
}

const EVERYWHERE = ['close()', 'disconnect()', 'close(), disconnect() and quit()']

describe.each(Object.entries(STATES))('%s', (state, enter) => {
  const ends = Object.entries(ENDS).filter(([end]) => state === 'ready' || EVERYWHERE.includes(end))
  test.each(ends)('%s ends all soon', async (_end, end) => {
    const before = resources()
    const { client, pending = [], heal } = await enter()
    try {
      const settled = Promise.allSettled(pending)
      const started = performance.now()
      await end(client)
      await settled
      expect(performance.now() - started).toBeLessThan(patiently(1_000))
      expect(client.status).toBe('end')
      while (more(resources(), before).length > 0 && performance.now() - started < patiently(1_000)) await sleep(10)
      expect(more(resources(), before)).toEqual([])
      await expect(client.get('lifecycle')).rejects.toThrow('Connection is closed')
    } finally {
      client.disconnect()
      await heal?.()
    }
    await eventually(async () => {
      expect(await connectionsLeft(topology, NAME)).toBe(0)
    })
  })
})

describe('disconnect() and connect() again works, and goes on working after a cut:', () => {
  const states = Object.entries(STATES).filter(([state]) => state !== 'connecting, sentinels refuse')
  test.each(states)('%s', async (_state, enter) => {
    const { client, pending = [], heal } = await enter()
    await using _ended = client
    const settled = Promise.allSettled(pending)
    client.disconnect()
    if (client.status !== 'end') await once(client, 'end')
    await settled
    await heal?.()
    await client.connect()
    expect(await client.set('again', 'yes')).toBe('OK')
    expect(await client.multi().get('again').exec()).toEqual([[null, 'yes']])
    expect(client.stats().holdReasons).toEqual([])
    await killConnections(await topology.primary(), NAME)
    expect(await client.set('again', 'and again')).toBe('OK')
    expect(await client.get('again')).toMatch(/yes|and again/)
  })
})

test('deadlines hold after connect() was called again', async () => {
  await using client = clientOf(topology)
  await outcome(client.set('lifecycle', 'x'))
  const unanswered = outcome(client.blpop('lifecycle:none', 0))
  client.disconnect()
  await unanswered
  if (client.status !== 'end') await once(client, 'end')
  await client.connect()
  const error = await outcome(client.with({ deadlineMs: 50 }).call('DEBUG', 'SLEEP', '0.5'))
  expect(error).toMatchObject({ code: 'UNKNOWN_OUTCOME' })
})

test('disconnect() and connect() in one tick come to a connection', async () => {
  await using client = clientOf(topology, { lazyConnect: true })
  client.disconnect()
  await client.connect()
  expect(await client.ping()).toBe('PONG')
})

test('a client may be ended by what it hears, in the midst of the answers', async () => {
  const client = clientOf(topology)
  await client.subscribe('news')
  client.on('message', () => {
    client.disconnect()
  })
  const results = await Promise.allSettled([client.publish('news', 'bye'), client.incr('a'), client.ping()])
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
  if (client.status !== 'end') await once(client, 'end')
})

test('disconnect(true) makes the connection anew, and no call is lost', async () => {
  await using client = clientOf(topology, { connectionName: 'renewed' })
  await client.ping()
  const primary = await topology.primary()
  const [before] = await connectionsNamed(primary, 'renewed')
  client.disconnect(true)
  expect(await client.set('renewed', 'yes')).toBe('OK')
  const [after] = await connectionsNamed(primary, 'renewed')
  expect(after?.['id']).not.toBe(before?.['id'])
})

test('close() lets calls in flight finish', async () => {
  const client = clientOf(topology)
  await client.del('finished')
  const calls = Array.from({ length: 100 }, () => client.incr('finished'))
  await client.close()
  expect(await Promise.all(calls)).toHaveLength(100)
  expect(await outcome(client.incr('finished'))).toBeInstanceOf(Error)
})

describe('a program ends by itself after', () => {
  const run = async (state: string, options: object): Promise<{ child: Child; exited: number }> => {
    const child = new Child('test/live/support/exits-by-itself.ts', [state, JSON.stringify(options)])
    const code = await child.ended()
    const exited = Date.now()
    expect([code, child.stderr]).toEqual([0, ''])
    return { child, exited }
  }
  const reachable = (): object => ({ name: topology.name, sentinels: topology.sentinelAddresses })

  test.each([
    ['set-get-close', reachable, /^done\nended/],
    ['never-connected', () => ({ ...reachable(), lazyConnect: true }), /^ended/],
    ['quit', reachable, /^OK\nended/],
    ['disconnect', reachable, /^ended/],
    ['connecting', () => ({ name: 'x', sentinels: [REFUSING] }), /rejected rejected rejected/]
  ])('%s', async (state, options, said) => {
    const { child, exited } = await run(state, options())
    expect(child.stdout).toMatch(said)
    const ended = Number(/ended (\d+)/.exec(child.stdout)?.[1])
    expect(exited - ended).toBeLessThan(patiently(1_000))
  })
})
