import type { SentinelRedis } from 'ioredis-sentinel'
import { DurabilityError } from 'ioredis-sentinel'
import { expect, test } from 'vitest'
import { clientOf, outcome } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { eventually, killConnections } from './support/server-view.js'

const NAME = 'durable'

const quiet = useQuietTopology({ replicas: 1 })

/** Executes both while no replica confirms anything, the first one through durability, and loses the connection before they go on. */
async function afterALoss(
  first: [key: string, value: string],
  later: [key: string, value: string],
  makeLater: (client: SentinelRedis) => Promise<unknown> = (client) => client.set(...later)
): Promise<unknown> {
  await using client = clientOf(quiet.topology, { connectionName: NAME, readFrom: 'primary' })
  const durable = client.with({ durability: { replicas: 1, timeoutMs: 30_000 } })
  await Promise.all(quiet.replicas.map((node) => node.freeze()))
  try {
    const waiting = outcome(durable.set(...first))
    await eventually(async () => {
      expect(await quiet.primary.command('GET', first[0])).toBe(first[1])
    })
    expect([await makeLater(client)].flat(2)).toContain('OK')
    expect(await killConnections(quiet.primary, NAME)).toBeGreaterThanOrEqual(1)
    expect(await client.ping()).toBe('PONG')
    await Promise.all(quiet.replicas.map((node) => node.thaw()))
    return await waiting
  } finally {
    await Promise.all(quiet.replicas.map((node) => node.thaw()))
  }
}

test('a write that waits for replicas is not made again over a later one of the same key', async () => {
  expect(await afterALoss(['k', '1'], ['k', '2'])).toBeInstanceOf(DurabilityError)
  expect(await quiet.primary.command('GET', 'k')).toBe('2')
})

test('nor over what a transaction of the same client wrote, on a connection of its own', async () => {
  const later: [string, string] = ['k', '3']
  const transaction = (client: SentinelRedis): Promise<unknown> =>
    client.transaction((tx) =>
      tx
        .multi()
        .set(...later)
        .exec()
    )
  expect(await afterALoss(['k', '1'], later, transaction)).toBeInstanceOf(DurabilityError)
  expect(await quiet.primary.command('GET', 'k')).toBe('3')
})

test('of several that wait, all are made again in their order, also where they are to one key', async () => {
  const durable = (client: SentinelRedis): SentinelRedis =>
    client.with({ durability: { replicas: 1, timeoutMs: 30_000 } })
  let waiting: Promise<unknown>[] = []
  const first = await afterALoss(['hot', '1'], ['other', 'x'], async (client) => {
    waiting = ['2', '3'].map((value) => outcome(durable(client).set('hot', value)))
    await eventually(async () => {
      expect(await quiet.primary.command('GET', 'hot')).toBe('3')
    })
    return 'OK'
  })
  expect([first, await Promise.all(waiting)]).toEqual(['OK', ['OK', 'OK']])
  expect(await quiet.primary.command('GET', 'hot')).toBe('3')
})

test('it is made again after later ones of other keys', async () => {
  expect(await afterALoss(['k', '1'], ['other', '2'])).toBe('OK')
  expect(await quiet.primary.command('MGET', 'k', 'other')).toEqual(['1', '2'])
})
