import { Redis } from 'ioredis'
import { DurabilityError, SentinelRedis } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { injectFault, Ledger, startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { preciseNow } from '../../src/time-origin.js'
import { flows } from './support/acknowledged.js'
import { nextFailover } from './support/client-view.js'
import { beginFailover, clientOf, outcome, startQuickTopology } from './support/clients.js'
import { needsPartitions } from './support/partitions.js'
import { eventually, executed, resetStatistics } from './support/server-view.js'

describe('with replicas that confirm, or do not', () => {
  let topology: LocalTopology
  let primary: LocalNode
  let replicas: readonly LocalNode[]

  beforeAll(async () => {
    topology = await startTopology({ replicas: 2, downAfterMs: 60_000 })
    primary = await topology.primary()
    replicas = await topology.replicas()
  })
  afterAll(() => topology.stop())
  beforeEach(() => primary.command('FLUSHALL'))

  async function frozen(nodes: readonly LocalNode[], act: () => Promise<void>): Promise<void> {
    await Promise.all(nodes.map((node) => node.freeze()))
    try {
      await act()
    } finally {
      await Promise.all(nodes.map((node) => node.thaw()))
    }
  }

  test('a write resolves with its own reply when the replicas hold it', async () => {
    await using client = clientOf(topology)
    const durable = client.with({ durability: { replicas: 2, timeoutMs: 5_000 } })
    for (let i = 1; i <= 20; i++) {
      expect(await durable.incr('hits')).toBe(i)
      expect(await Promise.all(replicas.map((node) => node.command('GET', 'hits')))).toEqual([String(i), String(i)])
    }
  })

  test('pipelines, transactions and scripts are confirmed too', async () => {
    await using client = clientOf(topology)
    const durable = client.with({ durability: { replicas: 2, timeoutMs: 5_000 } })
    const held = (key: string): Promise<unknown[]> => Promise.all(replicas.map((node) => node.command('GET', key)))
    expect(await durable.pipeline().set('a', '1').get('a').incr('a').exec()).toEqual([
      [null, 'OK'],
      [null, '1'],
      [null, 2]
    ])
    expect(await held('a')).toEqual(['2', '2'])
    expect(await durable.multi().set('b', '1').incr('b').exec()).toEqual([
      [null, 'OK'],
      [null, 2]
    ])
    expect(await held('b')).toEqual(['2', '2'])
    expect(await durable.eval('return redis.call("INCRBY", KEYS[1], 7)', 1, 'c')).toBe(7)
    expect(await held('c')).toEqual(['7', '7'])
  })

  test('a failed write is the failure that the server told', async () => {
    await using client = clientOf(topology)
    await client.set('text', 'abc')
    await expect(client.with({ durability: { replicas: 1, timeoutMs: 1_000 } }).incr('text')).rejects.toThrow(
      /not an integer/
    )
  })

  test('one that too few confirm in time rejects, tells how many did, and stays executed', async () => {
    await using client = clientOf(topology)
    await frozen(replicas.slice(1), async () => {
      const both = await outcome(client.with({ durability: { replicas: 2, timeoutMs: 3_000 } }).set('k', 'v'))
      expect(both).toBeInstanceOf(DurabilityError)
      expect(both).toMatchObject({ code: 'NOT_DURABLE', confirmed: 1, replicas: 2, command: 'set', stage: 'in-flight' })
      expect((both as Error).message).toContain('1 of 2 replicas confirmed it within 3000 ms')
      expect(await client.with({ durability: { replicas: 1, timeoutMs: 5_000 } }).set('k', 'w')).toBe('OK')
    })
    await frozen(replicas, async () => {
      const none = await outcome(client.with({ durability: { replicas: 1, timeoutMs: 1_000 } }).set('k', 'x'))
      expect(none).toMatchObject({ code: 'NOT_DURABLE', confirmed: 0 })
      expect(await primary.command('GET', 'k')).toBe('x')
    })
  })

  test('nobody else waits meanwhile: other writes, reads, and reads through the same view', async () => {
    await using client = clientOf(topology, { readFrom: 'primary' })
    await frozen(replicas, async () => {
      const durable = client.with({ durability: { replicas: 1, timeoutMs: 20_000 } })
      let settled = false
      const waiting = durable.set('k', 'v').finally(() => {
        settled = true
      })
      waiting.catch(() => undefined)
      await client.set('other', '1')
      expect(await durable.get('other')).toBe('1')
      expect(await durable.pipeline().get('other').get('k').exec()).toEqual([
        [null, '1'],
        [null, 'v']
      ])
      expect(settled).toBe(false)
      await Promise.all(replicas.map((node) => node.thaw()))
      expect(await waiting).toBe('OK')
    })
  })

  test('writes of the same moment share a question', async () => {
    await using client = clientOf(topology)
    const durable = client.with({ durability: { replicas: 2, timeoutMs: 5_000 } })
    await durable.set('first', '1')
    await resetStatistics([primary])
    await Promise.all(Array.from({ length: 500 }, (_, i) => durable.rpush('list', i)))
    expect(await executed(primary, 'wait')).toBeLessThan(50)
    expect(await replicas[0]?.command('LLEN', 'list')).toBe(500)
  })

  test('calls that need more replicas than there are do not keep others from those that need fewer', async () => {
    await using client = clientOf(topology, { readFrom: 'primary' })
    const [lost] = replicas
    await frozen(lost === undefined ? [] : [lost], async () => {
      const demanding = client.with({ durability: { replicas: 2, timeoutMs: 30_000 } })
      const waiting: Promise<unknown>[] = []
      for (let i = 0; i < 8; i++) {
        waiting.push(outcome(demanding.rpush('list', i)))
        // Behind the reply of that, so that each is asked about by itself.
        await client.ping()
      }
      expect(await client.with({ durability: { replicas: 1, timeoutMs: 2_000 } }).set('k', 'v')).toBe('OK')
      await lost?.thaw()
      expect(await Promise.all(waiting)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    })
  })

  test('close() settles what waits for replicas', async () => {
    const client = clientOf(topology)
    await client.ping()
    await frozen(replicas, async () => {
      const waiting = outcome(client.with({ durability: { replicas: 1, timeoutMs: 60_000 } }).incr('hits'))
      await eventually(async () => {
        expect(await primary.command('GET', 'hits')).toBe('1')
      })
      await client.close()
      expect(await waiting).toMatchObject({ code: 'NOT_DURABLE', confirmed: 0 })
    })
  })

  test('a user who may not publish learns which right is missing', async () => {
    await primary.command('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '+@all', '-@dangerous', 'resetchannels')
    await using client = clientOf(topology, { username: 'app', password: 'secret', readFrom: 'primary' })
    const refused = await outcome(client.with({ durability: { replicas: 1, timeoutMs: 1_000 } }).set('k', 'v'))
    expect(refused).toMatchObject({ code: 'NOT_DURABLE', confirmed: 0 })
    expect((refused as Error).message).toContain('&ioredis-sentinel:durability')
    await primary.command('ACL', 'SETUSER', 'app', '&ioredis-sentinel:durability')
    expect(await client.with({ durability: { replicas: 1, timeoutMs: 5_000 } }).set('k', 'v')).toBe('OK')
    await primary.command('ACL', 'DELUSER', 'app')
  })

  test.each([
    [{ replicas: 0, timeoutMs: 100 }, /replicas.*is 0; allowed is a whole number of replicas from 1/],
    [{ replicas: 1 }, /timeoutMs.*is undefined; allowed is a whole number of milliseconds from 1/],
    [{ replicas: 1, timeoutMs: 1.5 }, /timeoutMs.*is 1.5/],
    [{ replicas: 1, timeoutMs: 100, timeout: 5 }, /takes no "timeout"; allowed: \{ replicas, timeoutMs \}/],
    ['all', /with\(\{ durability \}\) is 'all'; allowed: \{ replicas, timeoutMs \}/]
  ])('%j is refused with what is allowed', (durability, message) => {
    const client = new SentinelRedis({ name: 'mymaster', sentinels: ['127.0.0.1:1'], lazyConnect: true })
    expect(() => client.with({ durability: durability as never })).toThrow(message)
    client.disconnect()
  })
})

/** From one process's socket to another of the same process, on a busy machine. */
const TELLING_TAKES_MS = 50

/** When the first sentinel published that a quorum holds the primary to be down. */
async function firstOdown(topology: LocalTopology): Promise<AsyncDisposable & { readonly at: Promise<number> }> {
  const listeners = topology.sentinelAddresses.map(({ host, port }) => new Redis({ host, port }))
  const at = new Promise<number>((resolve) => {
    for (const listener of listeners)
      listener.on('message', () => {
        resolve(preciseNow())
      })
  })
  await Promise.all(listeners.map((listener) => listener.subscribe('+odown')))
  return {
    at,
    [Symbol.asyncDispose]: async () => {
      for (const listener of listeners) listener.disconnect()
      await Promise.resolve()
    }
  }
}

describe('through failovers', () => {
  let topology: LocalTopology

  beforeAll(async () => {
    topology = await startQuickTopology({ replicas: 2, downAfterMs: 1_000, failoverTimeoutMs: 5_000 })
  })
  afterAll(() => topology.stop())

  test('a primary that is cut off from its peers: nothing that was confirmed is lost, and not without it', async (context) => {
    await needsPartitions(context)
    await using client = clientOf(topology)
    await client.ping()
    const durable = client.with({ durability: { replicas: 1, timeoutMs: 500 } })
    const confirmed = new Ledger({ write: (id) => durable.rpush('confirmed', id) })
    const plain = new Ledger({ write: (id) => client.rpush('plain', id) })
    await flows(20, confirmed)
    const moved = nextFailover(client)
    await using odown = await firstOdown(topology)
    const { heal } = await injectFault(topology, 'peers')
    await moved
    await flows(20, confirmed)
    await Promise.all([confirmed.stop(), plain.stop()])
    await heal()
    await topology.settled(45_000)
    const report = confirmed.compare(await client.lrange('confirmed', 0, -1))
    expect(report.lost).toEqual([])
    expect([report.doubled, report.reordered, report.hung]).toEqual([[], 0, 0])
    const errors = confirmed.entries.flatMap((entry) => (entry.outcome === 'failed' ? [entry.error] : []))
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) expect(error).toBeInstanceOf(DurabilityError)
    const unconfirmed = plain.compare(await client.lrange('plain', 0, -1))
    expect(unconfirmed.lost.length).toBeGreaterThan(0)
    const odownAt = await odown.at
    expect(plain.entries.filter((entry) => entry.issuedAt > odownAt).length).toBeGreaterThan(0)
    expect(unconfirmed.lostAfter(odownAt + TELLING_TAKES_MS)).toEqual([])
  })

  test('a write that may be repeated is made and confirmed on the new primary', async () => {
    await topology.settled(45_000)
    await using client = clientOf(topology)
    await client.ping()
    const primary = await topology.primary()
    const replicas = await topology.replicas()
    const durable = client.with({ durability: { replicas: 2, timeoutMs: 30_000 } })
    // It cannot be confirmed while this one is gone, and the other is promoted.
    await replicas[1]?.command('CONFIG', 'SET', 'replica-priority', '0')
    await eventually(async () => {
      const known = await topology.sentinels[0]?.command('SENTINEL', 'REPLICAS', topology.name)
      expect(JSON.stringify(known)).toContain('"slave-priority","0"')
    })
    await replicas[1]?.freeze()
    const [set, increment] = [outcome(durable.set('kept', 'yes')), outcome(durable.incr('counted'))]
    await eventually(async () => {
      expect(await primary.command('GET', 'counted')).toBe('1')
    })
    const moved = nextFailover(client)
    await beginFailover(topology)
    await moved
    expect(await increment).toMatchObject({ code: 'NOT_DURABLE', confirmed: 0 })
    await replicas[1]?.thaw()
    expect(await set).toBe('OK')
    const after = await topology.primary()
    expect(after).not.toBe(primary)
    expect(await after.command('GET', 'kept')).toBe('yes')
  })
})
