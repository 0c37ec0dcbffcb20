import type { CallOptions, SentinelRedis } from 'ioredis-sentinel'
import { DurabilityError, UnknownOutcomeError } from 'ioredis-sentinel'
import type { Fault, LocalTopology } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, startQuickTopology } from './support/clients.js'
import { failOverBy } from './support/group-faults.js'
import { eventually } from './support/server-view.js'

const AT_ONCE = 20
/** They get in each other's way as before, and leave the servers their share of the processor. */
const PAUSE_MS = 10
const CONNECTIONS = 10
const FAULTS: readonly Fault[] = ['kill', 'freeze', 'manual']
/** What one replica holds survives: it is the one that is promoted, or the one that is has as much. */
const SAFE: CallOptions = { durability: { replicas: 1, timeoutMs: 30_000 } }

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

interface Increments {
  /** By id: what the counter was set to. */
  readonly acked: Map<string, number>
  readonly errors: Map<string, unknown>
  /** How often a callback ran beyond the first time. */
  reruns: number
}

/** 20 at a time add 1 to the counter by reading and setting it, and append what they have set it to with an id of their own. */
async function throughFailovers(redis: SentinelRedis, options: CallOptions, name: string): Promise<Increments> {
  const { acked, errors, ...counts } = {
    acked: new Map<string, number>(),
    errors: new Map<string, unknown>(),
    reruns: 0
  }
  const safe = redis.with({ ...SAFE, ...options })
  let going = true
  let next = 0
  const work = async (): Promise<void> => {
    while (going) {
      const id = `${name}-${next++}`
      let runs = 0
      try {
        const value = await safe.transaction(
          async (tx) => {
            runs += 1
            const set = Number((await tx.get(`${name}:counter`)) ?? 0) + 1
            await tx.multi().set(`${name}:counter`, set).rpush(`${name}:list`, `${set} ${id}`).exec()
            return set
          },
          { attempts: Infinity }
        )
        acked.set(id, value)
      } catch (error) {
        errors.set(id, error)
      }
      counts.reruns += runs - 1
      await sleep(PAUSE_MS)
    }
  }
  const workers = Array.from({ length: AT_ONCE }, work)
  const more = async (): Promise<void> => {
    const before = acked.size
    await eventually(() => {
      expect(acked.size).toBeGreaterThan(before + 50)
    }, 30_000)
  }
  try {
    for (const fault of FAULTS) {
      await more()
      await failOverBy(fault, topology, redis)
      await more()
    }
  } finally {
    // Of a client that is closed they would take nothing but errors, for ever.
    going = false
  }
  await Promise.all(workers)
  return { acked, errors, reruns: counts.reruns }
}

/** Each entry is one more than the one before, whatever was unknown; each id is there at most once, and each acknowledged one with its value. */
async function check(name: string, { acked, errors, reruns }: Increments): Promise<number> {
  const primary = await topology.primary()
  const list = ((await primary.command('LRANGE', `${name}:list`, '0', '-1')) as string[]).map((entry) =>
    entry.split(' ')
  )
  expect(list.map(([value]) => Number(value))).toEqual(list.map((_, index) => index + 1))
  expect(await primary.command('GET', `${name}:counter`)).toBe(String(list.length))
  const ids = list.map(([, id = '']) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const there = new Map(ids.map((id, index) => [id, index + 1]))
  for (const [id, value] of acked) expect([id, there.get(id)]).toEqual([id, value])
  const others = ids.filter((id) => !acked.has(id))
  for (const id of others) expect([...errors.keys()]).toContain(id)
  expect(reruns).toBeGreaterThan(0)
  return others.length
}

test('20 transactions at once through failovers: no increment is lost or doubled, and what is unknown is said to be', async () => {
  await using redis = clientOf(topology, { readFrom: 'primary' })
  const increments = await throughFailovers(redis, {}, 'plain')
  expect(await check('plain', increments)).toBeLessThanOrEqual(increments.errors.size)
  const errors = [...increments.errors.values()]
  for (const error of errors)
    expect([UnknownOutcomeError, DurabilityError].some((kind) => error instanceof kind)).toBe(true)
  expect(errors.length).toBeLessThanOrEqual(CONNECTIONS * FAULTS.length)
}, 120_000)

test('with exactlyOnce nothing is unknown', async () => {
  await using redis = clientOf(topology, { readFrom: 'primary' })
  const increments = await throughFailovers(redis, { exactlyOnce: true }, 'once')
  expect([...increments.errors]).toEqual([])
  expect(await check('once', increments)).toBe(0)
}, 120_000)
