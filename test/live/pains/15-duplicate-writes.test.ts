import { UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis } from 'ioredis-sentinel'
import { describe, expect, test } from 'vitest'
import { ByteProxy } from '../support/byte-proxy.js'
import { clientOf } from '../support/clients.js'
import { useQuietTopology } from '../support/quiet-topology.js'

const CALLS = 1_000
const IN_FLIGHT = 25

const quiet = useQuietTopology({ replicas: 0, sentinels: 1 })

interface Write {
  readonly call: (redis: SentinelRedis, id: string) => Promise<unknown>
  /** How long a reply is, at least. */
  readonly replyBytes: number
  /** One entry for each effect that is there. */
  readonly effects: () => Promise<readonly string[]>
}

const command = async (...words: string[]): Promise<string[]> =>
  (await quiet.primary.command(...words)) as unknown as string[]

const WRITES: Readonly<Record<string, Write>> = {
  INCR: {
    replyBytes: 4,
    call: (redis) => redis.incr('n'),
    effects: async () =>
      Array.from({ length: Number(await quiet.primary.command('GET', 'n')) }, (_, n) => String(n + 1))
  },
  LPUSH: { replyBytes: 4, call: (redis, id) => redis.lpush('l', id), effects: () => command('LRANGE', 'l', '0', '-1') },
  XADD: {
    replyBytes: 20,
    call: (redis, id) => redis.xadd('s', '*', 'id', id),
    effects: async () =>
      ((await command('XRANGE', 's', '-', '+')) as unknown as [string, [string, string]][]).map(([, [, id]]) => id)
  },
  'a script': {
    replyBytes: 4,
    call: (redis, id) => redis.eval("return redis.call('RPUSH', KEYS[1], ARGV[1])", 1, 'scripted', id),
    effects: () => command('LRANGE', 'scripted', '0', '-1')
  },
  MULTI: {
    replyBytes: 24,
    call: async (redis, id) => (await redis.multi().rpush('members', id).exec())?.[0]?.[1],
    effects: () => command('LRANGE', 'members', '0', '-1')
  }
}

describe.each(Object.entries(WRITES))('%s', (name, { call, replyBytes, effects }) => {
  test(`${CALLS} of them, with replies that vanish after the execution: effects ≤ acked + unknown, never two of one call`, async () => {
    await using proxy = await ByteProxy.to(quiet.primary.address)
    await using redis = clientOf(quiet.topology, { addressMap: proxy.asPrimary, readFrom: 'primary' })
    const acked: string[] = []
    const replies: unknown[] = []
    const unknown: string[] = []
    for (let first = 0; first < CALLS; first += IN_FLIGHT) {
      await redis.ping()
      // At another place in the replies each time: between two of them, and within one.
      const fault = (first / IN_FLIGHT) % 2 === 0 ? 'cut' : 'swallow'
      const lost = proxy.arm(fault, 'replies', (first * 7) % (IN_FLIGHT * replyBytes)).then(() => {
        if (fault === 'swallow') proxy.cutAll()
      })
      await Promise.all(
        Array.from({ length: IN_FLIGHT }, async (_, index) => {
          const id = `id${first + index}`
          try {
            replies.push(await call(redis, id))
            acked.push(id)
          } catch (error) {
            expect(error).toBeInstanceOf(UnknownOutcomeError)
            unknown.push(id)
          }
        })
      )
      await lost
    }
    expect(acked.length + unknown.length).toBe(CALLS)
    expect(unknown.length).toBeGreaterThan(CALLS / 10)
    expect(acked.length).toBeGreaterThan(CALLS / 10)
    expect(redis.stats().unknown).toBe(unknown.length)
    const found = await effects()
    expect(new Set(found).size).toBe(found.length)
    expect(found.length).toBeLessThanOrEqual(acked.length + unknown.length)
    expect(found.length).toBeGreaterThan(acked.length)
    // Each reply is that of one effect: a number or a stream id that nobody else was given.
    expect(new Set(replies).size).toBe(replies.length)
    if (name !== 'INCR') expect(acked.filter((id) => !found.includes(id))).toEqual([])
  })
})
