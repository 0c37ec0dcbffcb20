import type { SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { beforeEach, describe, expect, type TestContext, test } from 'vitest'
import { formatAddress } from '../../src/protocol/address.js'
import { usable } from './support/client-view.js'
import { clientOf } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually, executed, replicated, resetStatistics } from './support/server-view.js'

const quiet = useQuietTopology()

let near: LocalNode
let far: LocalNode
let zoned: Partial<SentinelRedisOptions>

beforeEach(async () => {
  await quiet.primary.command('SET', 'shared', 'value')
  await replicated(quiet.primary, quiet.replicas)
  const [first, second] = quiet.replicas
  if (first === undefined || second === undefined) throw new Error('there are not two replicas')
  ;[near, far] = [first, second]
  zoned = {
    zone: 'a',
    zones: { [formatAddress(near.address)]: 'a', [formatAddress(far.address)]: 'b' },
    // On a machine that is busy otherwise a near one may be late, and then the far one is asked too.
    hedge: false,
    suspectAfterMs: 20_000
  }
  await resetStatistics(quiet.topology.nodes)
})

async function gets(...nodes: readonly LocalNode[]): Promise<number[]> {
  return Promise.all(nodes.map((node) => executed(node, 'get')))
}

describe('the replica of the own zone', () => {
  test.each(['replicaPreferred', 'replica', 'nearest', 'any'] as const)('answers all reads: %s', async (readFrom) => {
    await using client = clientOf(quiet.topology, { ...zoned, readFrom })
    await usable(client, 2)
    await Promise.all(Array.from({ length: 60 }, () => client.get('shared')))
    for (let index = 0; index < 20; index += 1) expect(await client.get('shared')).toBe('value')
    expect(await gets(near, far, quiet.primary)).toEqual([80, 0, 0])
    expect(
      client
        .stats()
        .replicas.map(({ zone }) => zone)
        .sort()
    ).toEqual(['a', 'b'])
  })

  test('is stood in for by the other while it is gone, and answers again when it is back', async () => {
    await using client = clientOf(quiet.topology, zoned)
    await usable(client, 2)
    await near.kill()
    try {
      await usable(client, 1)
      for (let index = 0; index < 20; index += 1) expect(await client.get('shared')).toBe('value')
      expect(await gets(far, quiet.primary)).toEqual([20, 0])
    } finally {
      await near.start()
    }
    // A sentinel may have seen it just when its link was not up yet.
    await eventually(async () => {
      await resetStatistics(quiet.topology.nodes)
      for (let index = 0; index < 20; index += 1) expect(await client.get('shared')).toBe('value')
      expect(await gets(near, far, quiet.primary)).toEqual([20, 0, 0])
    }, 20_000)
  })
})

test('a function says where the nodes are; without a zone no node is nearer', async () => {
  await using client = clientOf(quiet.topology, {
    ...zoned,
    zone: 'b',
    zones: ({ host }) => (host === near.address.host ? 'a' : 'b')
  })
  await using plain = clientOf(quiet.topology)
  await Promise.all([usable(client, 2), usable(plain, 2)])
  for (let index = 0; index < 20; index += 1) await client.get('shared')
  expect(await gets(near, far)).toEqual([0, 20])
  await resetStatistics(quiet.topology.nodes)
  await Promise.all(Array.from({ length: 200 }, () => plain.get('shared')))
  expect(Math.min(...(await gets(near, far)))).toBeGreaterThan(5)
})

test('nodes that do not say where they are, are all far, and answer', async () => {
  await using client = clientOf(quiet.topology, { ...zoned, zones: undefined })
  await usable(client, 2)
  const values = await Promise.all(Array.from({ length: 200 }, () => client.get('shared')))
  expect(new Set(values)).toEqual(new Set(['value']))
  expect(Math.min(...(await gets(near, far)))).toBeGreaterThan(5)
  expect(await gets(quiet.primary)).toEqual([0])
})

describe('nodes that say where they are', () => {
  /** `availability-zone` is Valkey's, and the tests here need a server that has it. */
  async function needZones(context: TestContext): Promise<void> {
    const settings = (await quiet.primary.command('CONFIG', 'GET', 'availability-zone')) as readonly unknown[]
    if (settings.length === 0) context.skip('this server has no setting availability-zone: Valkey 8.0 or newer has it')
  }

  async function place(zones: ReadonlyMap<LocalNode, string>): Promise<void> {
    for (const [node, zone] of zones) await node.command('CONFIG', 'SET', 'availability-zone', zone)
  }

  const nowhere = () => place(new Map(quiet.topology.nodes.map((node) => [node, ''])))

  test('are read from when they are in the zone of the client', async (context) => {
    await needZones(context)
    const { primary } = quiet
    try {
      await place(new Map([near, far, primary].map((node) => [node, node === near ? 'eu-1a' : 'eu-1b'])))
      await resetStatistics(quiet.topology.nodes)
      await using client = clientOf(quiet.topology, { ...zoned, zone: 'eu-1a', zones: undefined })
      await usable(client, 2)
      for (let index = 0; index < 40; index += 1) expect(await client.get('shared')).toBe('value')
      expect(await gets(near, far, primary)).toEqual([40, 0, 0])
      const zoneOf = (node: LocalNode) =>
        client.stats().replicas.find(({ address }) => address === formatAddress(node.address))?.zone
      expect([zoneOf(near), zoneOf(far)]).toEqual(['eu-1a', 'eu-1b'])
    } finally {
      await nowhere()
    }
  })

  test('are the primary too, which answers reads of its zone where the policy has it', async (context) => {
    await needZones(context)
    const { primary } = quiet
    try {
      await place(new Map([near, far, primary].map((node) => [node, node === primary ? 'eu-1a' : 'eu-1b'])))
      await resetStatistics(quiet.topology.nodes)
      await using client = clientOf(quiet.topology, { ...zoned, zone: 'eu-1a', zones: undefined, readFrom: 'any' })
      await usable(client, 2)
      for (let index = 0; index < 40; index += 1) expect(await client.get('shared')).toBe('value')
      expect(await gets(near, far, primary)).toEqual([0, 0, 40])
    } finally {
      await nowhere()
    }
  })
})
