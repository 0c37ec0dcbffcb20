import { NoReplicaError } from 'ioredis-sentinel'
import type { Address, ReadFrom, SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { formatAddress } from '../../src/protocol/address.js'
import { clientOf, hasten, outcome, startQuickTopology } from './support/clients.js'
import { patiently } from './support/patience.js'
import { eventually, executed, replicated, resetStatistics } from './support/server-view.js'

let topology: LocalTopology
let primary: LocalNode
let replicas: readonly LocalNode[]

beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 60_000 })
})
afterAll(() => topology.stop())
beforeEach(async () => {
  await topology.settled()
  primary = await topology.primary()
  replicas = await topology.replicas()
  await primary.command('SET', 'shared', 'value')
  await replicated(primary, replicas)
  await resetStatistics(topology.nodes)
})

async function reader(readFrom?: ReadFrom, options: Partial<SentinelRedisOptions> = {}): Promise<SentinelRedis> {
  const client = clientOf(topology, { ...options, ...(readFrom === undefined ? {} : { readFrom }) })
  await client.ping()
  if (readFrom !== 'primary') await usable(client, replicas.length)
  return client
}

async function readMany(client: SentinelRedis, count = 60): Promise<void> {
  for (let index = 0; index < count; index += 1) expect(await client.get('shared')).toBe('value')
}

async function readManyAtOnce(client: SentinelRedis, count = 60): Promise<void> {
  const values = await Promise.all(Array.from({ length: count }, () => client.get('shared')))
  expect(new Set(values)).toEqual(new Set(['value']))
}

/** How many GETs the primary executed, and how many the replicas. */
async function gets(): Promise<{ onPrimary: number; onReplicas: number[] }> {
  return {
    onPrimary: await executed(primary, 'get'),
    onReplicas: await Promise.all(replicas.map((node) => executed(node, 'get')))
  }
}

/** Reads all the time; `stop` gives how many were answered, and throws the first error. */
function readAllTheTime(client: SentinelRedis): { stop(): Promise<number> } {
  let going = true
  let answered = 0
  const done = (async () => {
    while (going) {
      expect(await client.get('shared')).toBe('value')
      answered += 1
    }
  })()
  done.catch(() => undefined)
  return {
    stop: async () => {
      going = false
      await done
      return answered
    }
  }
}

describe('policies', () => {
  /** What a starved node does not answer is not asked of another one too: where a read is executed is told by the policy alone. */
  const askingOnce = (readFrom?: ReadFrom): Promise<SentinelRedis> =>
    reader(readFrom, { hedge: false, suspectAfterMs: 60_000 })

  test('replicaPreferred never asks the primary while the replicas are fine, and asks each of them', async () => {
    await using client = await askingOnce()
    await readManyAtOnce(client)
    const { onPrimary, onReplicas } = await gets()
    expect(onPrimary).toBe(0)
    expect(Math.min(...onReplicas)).toBeGreaterThan(10)
    expect(client.stats().readsOnReplicas).toBe(60)
  })

  test('primary asks nobody else', async () => {
    await using client = await askingOnce('primary')
    await readMany(client)
    expect(await gets()).toEqual({ onPrimary: 60, onReplicas: [0, 0] })
    expect(client.stats().replicas).toEqual([])
  })

  test('primaryPreferred asks the primary while it is there', async () => {
    await using client = await askingOnce('primaryPreferred')
    await readMany(client)
    expect(await gets()).toEqual({ onPrimary: 60, onReplicas: [0, 0] })
  })

  test('any asks all of them', async () => {
    await using client = await askingOnce('any')
    await readMany(client)
    const { onPrimary, onReplicas } = await gets()
    expect(Math.min(onPrimary, ...onReplicas)).toBeGreaterThan(5)
  })

  test('nearest is answered', async () => {
    await using client = await askingOnce('nearest')
    await readMany(client)
    const { onPrimary, onReplicas } = await gets()
    expect(onPrimary + onReplicas.reduce((a, b) => a + b)).toBe(60)
  })

  test('a function chooses; for none of its choice the primary answers', async () => {
    let choice: readonly Address[] = []
    const asked: string[] = []
    await using client = await askingOnce((group, command) => {
      asked.push(`${group.name} ${command.name} ${command.args.join(' ')}`)
      return choice
    })
    await readMany(client, 10)
    expect(await gets()).toEqual({ onPrimary: 10, onReplicas: [0, 0] })
    choice = [{ host: '127.0.0.1', port: 1 }, ...replicas.slice(1).map((node) => node.address)]
    await readMany(client, 10)
    expect(await gets()).toEqual({ onPrimary: 10, onReplicas: [0, 10] })
    choice = [primary.address]
    await readMany(client, 10)
    expect(await gets()).toEqual({ onPrimary: 20, onReplicas: [0, 10] })
    expect(asked).toContain(`${topology.name} get shared`)
  })

  test('a function that throws fails the read, not the program', async () => {
    await using client = await askingOnce(() => {
      throw new Error('no idea')
    })
    await expect(client.get('shared')).rejects.toThrow('no idea')
    await expect(client.pipeline().get('shared').get('shared').exec()).resolves.toEqual([
      [expect.objectContaining({ message: 'no idea' })],
      [expect.objectContaining({ message: 'no idea' })]
    ])
  })

  test('writes and what may write go to the primary, whatever the policy', async () => {
    await using client = await askingOnce('replica')
    await client.set('written', '1')
    await client.getex('written', 'EX', 100)
    await client.eval('return redis.call("GET", KEYS[1])', 1, 'written')
    await client.multi().get('written').exec()
    expect(await client.info('replication')).toMatch(/role:master/)
  })
})

test('what this client has just written is read back, from a replica too', async () => {
  await using client = await reader()
  await using strict = await reader('replica')
  for (let index = 0; index < 50; index += 1) {
    await client.set('own', index)
    expect(await client.get('own')).toBe(String(index))
  }
  for (let index = 0; index < 5; index += 1) {
    await strict.set('own', index)
    expect(await strict.with({ deadlineMs: 3_000 }).get('own')).toBe(String(index))
  }
})

test('a replica that joins is used, and one that leaves is not, and no read fails', async () => {
  await using client = await reader()
  const added: string[] = []
  const removed: string[] = []
  client.on('replica-up', ({ address }) => added.push(formatAddress(address)))
  client.on('replica-down', ({ address }) => removed.push(formatAddress(address)))
  const reading = readAllTheTime(client)
  const joined = await topology.addReplica()
  await usable(client, 3)
  await eventually(async () => {
    expect(await executed(joined, 'get')).toBeGreaterThan(0)
  })
  const key = formatAddress(joined.address)
  expect(added).toEqual([key])
  // The sentinels that are reset know no replica until they have asked the primary: the other two may go and come back, too.
  await topology.removeReplica(joined)
  await hasten(topology)
  await eventually(() => {
    expect(removed).toContain(key)
    const known = client.stats().replicas.map(({ address }) => address)
    expect(known.sort()).toEqual(replicas.map(({ address }) => formatAddress(address)).sort())
  })
  expect(await reading.stop()).toBeGreaterThan(20)
})

describe('without replicas', () => {
  const withoutReplicas = async (act: (comeBack: () => Promise<void>) => Promise<void>): Promise<void> => {
    const comeBack = async (): Promise<void> => {
      await Promise.all(replicas.map((node) => node.start()))
    }
    await Promise.all(replicas.map((node) => node.kill()))
    try {
      await act(comeBack)
    } finally {
      await comeBack()
    }
  }

  test('the primary answers, no read fails, and they are used again when they are back', async () => {
    await using client = await reader()
    const reading = readAllTheTime(client)
    await withoutReplicas(async () => {
      await usable(client, 0)
      await eventually(async () => {
        expect(await executed(primary, 'get')).toBeGreaterThan(10)
      })
    })
    await usable(client, 2)
    expect(await reading.stop()).toBeGreaterThan(10)
    await eventually(async () => {
      await resetStatistics(topology.nodes)
      await readMany(client, 20)
      expect((await gets()).onPrimary).toBe(0)
    })
  })

  test('policy replica waits for one, or fails with NoReplicaError by its deadline', async () => {
    await using client = await reader('replica')
    await withoutReplicas(async (comeBack) => {
      await usable(client, 0)
      const error = await outcome(client.with({ deadlineMs: 200 }).get('shared'))
      expect(error).toBeInstanceOf(NoReplicaError)
      expect(error).toMatchObject({ group: topology.name, command: 'get' })
      const waiting = client.get('shared')
      const pipeline = client.pipeline().get('shared').exists('shared').exec()
      await comeBack()
      expect(await waiting).toBe('value')
      expect(await pipeline).toEqual([
        [null, 'value'],
        [null, 1]
      ])
    })
    expect((await gets()).onPrimary).toBe(0)
  })
})

test('a frozen replica costs a read no more than the time to notice it', async () => {
  await using client = await reader()
  const [frozen] = replicas
  await frozen?.freeze()
  try {
    const started = performance.now()
    await Promise.all(Array.from({ length: 50 }, () => readMany(client, 1)))
    expect(performance.now() - started).toBeLessThan(patiently(1_000))
    await usable(client, 1)
    await readMany(client)
  } finally {
    await frozen?.thaw()
  }
  await usable(client, 2)
})
