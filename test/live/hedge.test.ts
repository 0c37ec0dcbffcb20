import type { SentinelRedis, SentinelRedisOptions } from 'ioredis-sentinel'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { usable } from './support/client-view.js'
import { clientOf } from './support/clients.js'
import { eventually, executed, replicated, resetStatistics } from './support/server-view.js'

/** What makes a late replica a silent one, or one that is down, is far away: only the hedge can help. */
const NEVER_MS = 60_000

let topology: LocalTopology
let replicas: readonly LocalNode[]

beforeAll(async () => {
  topology = await startTopology({ downAfterMs: NEVER_MS })
})
afterAll(() => topology.stop())
beforeEach(async () => {
  const primary = await topology.primary()
  replicas = await topology.replicas()
  await primary.command('SET', 'shared', 'value')
  await replicated(primary, replicas)
  await resetStatistics(topology.nodes)
})

async function reader(options: Partial<SentinelRedisOptions> = {}): Promise<SentinelRedis> {
  const client = clientOf(topology, { suspectAfterMs: NEVER_MS, ...options })
  await usable(client, replicas.length)
  return client
}

function read(client: SentinelRedis, count: number): Promise<(string | null)[]> {
  return Promise.all(Array.from({ length: count }, () => client.get('shared')))
}

async function whileFrozen(node: LocalNode | undefined, act: () => Promise<void>): Promise<void> {
  await node?.freeze()
  try {
    await act()
  } finally {
    await node?.thaw()
  }
}

test('reads that a frozen replica does not answer are asked of another, and the next ones do not go there', async () => {
  await using client = await reader()
  const [frozen] = replicas as [LocalNode]
  let hedgedLater = 0
  await whileFrozen(frozen, async () => {
    expect(new Set(await read(client, 40))).toEqual(new Set(['value']))
    const { hedged, retried } = client.stats()
    expect(hedged).toBeGreaterThan(0)
    expect(retried).toBe(0)
    for (let index = 0; index < 10; index += 1)
      await Promise.all(Array.from({ length: 10 }, () => client.strlen('shared')))
    hedgedLater = client.stats().hedged - hedged
  })
  // It answers now what it was asked before, and behind that whatever came later on that connection.
  await eventually(async () => {
    expect(await executed(frozen, 'get')).toBeGreaterThan(0)
  })
  const wentThere = await executed(frozen, 'strlen')
  // Others were hedged only where a busy machine made the other replica late too: then neither is the better one.
  if (hedgedLater <= wentThere) expect(wentThere).toBe(0)
  await resetStatistics(replicas)
  await eventually(async () => {
    await read(client, 10)
    for (const node of replicas) expect(await executed(node, 'get')).toBeGreaterThan(0)
  })
})

test('with all replicas frozen the primary answers; only a replica may with readFrom: replica', async () => {
  await using client = await reader()
  await using strict = await reader({ readFrom: 'replica' })
  const [first, second] = replicas
  await whileFrozen(first, () =>
    whileFrozen(second, async () => {
      expect(new Set(await read(client, 20))).toEqual(new Set(['value']))
      const waiting = strict.get('shared')
      await expect(Promise.race([waiting, client.with({ readFrom: 'primary' }).echo('primary')])).resolves.toBe(
        'primary'
      )
      await second?.thaw()
      expect(await waiting).toBe('value')
    })
  )
})

test('switched off, they wait for the replica', async () => {
  await using client = await reader({ hedge: false })
  await whileFrozen(replicas[0], async () => {
    let answered = 0
    const reads = read(client, 40)
    const counting = Array.from({ length: 40 }, () => client.get('shared').then(() => (answered += 1)))
    await client.with({ readFrom: 'primary' }).get('shared')
    await eventually(() => {
      expect(answered).toBeGreaterThan(0)
    })
    await client.set('other', '1')
    expect(answered).toBeLessThan(40)
    await replicas[0]?.thaw()
    expect(new Set(await reads)).toEqual(new Set(['value']))
    await Promise.all(counting)
  })
  expect(client.stats().hedged).toBe(0)
})

test('switched off, a replica that froze is left also where another database is to be selected there first', async () => {
  await using client = await reader({ hedge: false, suspectAfterMs: 100 })
  await using writer = clientOf(topology)
  await writer.select(2)
  await writer.set('shared', 'of 2')
  await replicated(await topology.primary(), replicas)
  await client.select(2)
  const [first, second] = replicas
  await whileFrozen(first, () =>
    whileFrozen(second, async () => {
      expect(new Set(await read(client, 20))).toEqual(new Set(['of 2']))
    })
  )
})

test('of a replica that is slow, and answers, only a share of the reads is asked twice', async () => {
  await using client = await reader({ hedgeMaxMs: 20 })
  const heal = await replicas[0]?.slow(60)
  try {
    for (let round = 0; round < 100; round += 1) expect(new Set(await read(client, 25))).toEqual(new Set(['value']))
  } finally {
    await heal?.()
  }
  const { hedged, readsOnReplicas } = client.stats()
  expect(readsOnReplicas).toBeGreaterThanOrEqual(2_500)
  expect(hedged).toBeGreaterThan(0)
  expect(hedged).toBeLessThan(readsOnReplicas / 4)
})
