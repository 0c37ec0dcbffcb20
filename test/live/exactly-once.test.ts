import type { SentinelRedis } from 'ioredis-sentinel'
import { describe, expect, test } from 'vitest'
import { ByteProxy } from './support/byte-proxy.js'
import { clientOf } from './support/clients.js'
import { useQuietTopology } from './support/quiet-topology.js'
import { executed, resetStatistics } from './support/server-view.js'

const quiet = useQuietTopology()

/** Appends a mark of its own making, so that each execution is told from the next. */
const APPEND = `local n = redis.call('INCR', KEYS[1]) redis.call('RPUSH', KEYS[2], ARGV[1]) return {n, ARGV[1] .. ':' .. n}`

const tokensLeft = async (): Promise<number> =>
  ((await quiet.primary.command('KEYS', '*exactly-once:*')) as string[]).length

interface Swallowed {
  readonly replies: unknown[]
  readonly errors: unknown[]
}

/** So many calls of five kinds in turn; of each the reply is swallowed after the server has executed it. */
async function swallowReplies(
  once: SentinelRedis,
  proxy: ByteProxy,
  ids: readonly string[],
  { replies, errors }: Swallowed
): Promise<void> {
  const calls: ((id: string) => Promise<unknown>)[] = [
    () => once.incr('count'),
    (id) => once.rpush('list', id),
    (id) => once.xadd('stream', '*', 'id', id),
    (id) => once.multi().incr('multi').rpush('multi-list', id).exec(),
    (id) => once.eval(APPEND, 2, 'script', 'script-list', id)
  ]
  for (const id of ids) {
    for (const call of calls) {
      const met = proxy.arm('cut', 'replies', 0)
      await call(id).then(
        (reply) => replies.push(reply),
        (error: unknown) => errors.push(error)
      )
      await met
    }
  }
}

describe('the reply is swallowed after the execution', () => {
  test('1000 calls: none doubled, none unknown, and each gives the first reply', async () => {
    const { topology, primary } = quiet
    await using proxy = await ByteProxy.to(primary.address)
    await using redis = clientOf(topology, { addressMap: proxy.asPrimary, readFrom: 'primary' })
    const seen: Swallowed = { replies: [], errors: [] }
    const ids: string[] = []
    // How often one was sent again: now and then it is the answer to a question of the client's own that is swallowed.
    const swallowed = async (): Promise<number> =>
      (await executed(primary, 'eval')) + (await executed(primary, 'evalsha')) - 5 * ids.length
    await redis.ping()
    await resetStatistics([primary])
    for (let rounds = 200; rounds > 0; rounds = Math.ceil((1_000 - (await swallowed())) / 5)) {
      const more = Array.from({ length: rounds }, (_, at) => String(ids.length + at))
      await swallowReplies(redis.with({ exactlyOnce: true }), proxy, more, seen)
      ids.push(...more)
    }
    expect(seen.errors).toEqual([])
    expect(await executed(primary, 'incr')).toBe(3 * ids.length)
    const entries = (await primary.command('XRANGE', 'stream', '-', '+')) as [string, string[]][]
    expect(entries.map(([, [, id]]) => id)).toEqual(ids)
    expect(seen.replies).toEqual(
      ids.flatMap((id, at) => [
        at + 1,
        at + 1,
        entries[at]?.[0],
        [
          [null, at + 1],
          [null, at + 1]
        ],
        [at + 1, `${id}:${at + 1}`]
      ])
    )
    for (const list of ['list', 'multi-list', 'script-list'])
      expect(await primary.command('LRANGE', list, '0', '-1')).toEqual(ids)
    expect(redis.stats().unknown).toBe(0)
    // Of a call that was sent twice a copy may still be on its way somewhere: its token is kept.
    expect(await tokensLeft()).toBeGreaterThan(900)
  }, 300_000)

  test('the same calls sent again without a token are doubled: the proof can fail', async () => {
    const { topology, primary } = quiet
    await using proxy = await ByteProxy.to(primary.address)
    await using redis = clientOf(topology, { addressMap: proxy.asPrimary, readFrom: 'primary' })
    await redis.ping()
    await swallowReplies(redis.with({ idempotent: true }), proxy, ['a', 'b', 'c'], { replies: [], errors: [] })
    expect(Number(await primary.command('GET', 'count'))).toBeGreaterThan(3)
    const list = (await primary.command('LRANGE', 'list', '0', '-1')) as string[]
    expect(list.length).toBeGreaterThan(new Set(list).size)
  })

  test('many at once keep their order', async () => {
    const { topology, primary } = quiet
    await using proxy = await ByteProxy.to(primary.address)
    await using redis = clientOf(topology, { addressMap: proxy.asPrimary, readFrom: 'primary' })
    const once = redis.with({ exactlyOnce: true })
    const ids = Array.from({ length: 500 }, (_, at) => String(at))
    await redis.ping()
    for (let at = 0; at < ids.length; at += 50) {
      const met = proxy.arm('cut', 'replies', at / 10)
      const lengths = await Promise.all(ids.slice(at, at + 50).map((id) => once.rpush('list', id)))
      expect(lengths).toEqual(ids.slice(at, at + 50).map((_, n) => at + n + 1))
      await met
    }
    expect(await primary.command('LRANGE', 'list', '0', '-1')).toEqual(ids)
  })
})
