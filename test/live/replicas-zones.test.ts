import type { SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalNode } from 'ioredis-sentinel/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
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
  await using client = clientOf(quiet.topology, { zone: 'a' })
  await usable(client, 2)
  const values = await Promise.all(Array.from({ length: 200 }, () => client.get('shared')))
  expect(new Set(values)).toEqual(new Set(['value']))
  expect(Math.min(...(await gets(near, far)))).toBeGreaterThan(5)
  expect(await gets(quiet.primary)).toEqual([0])
})
