import { UnknownOutcomeError } from 'ioredis-sentinel'
import type { SentinelRedis } from 'ioredis-sentinel'
import { describe, expect, test } from 'vitest'
import { clientOf, failOver } from '../support/clients.js'
import { useQuietTopology } from '../support/quiet-topology.js'
import { eventually, killConnections } from '../support/server-view.js'

// Beside this one: test/live/cut-at-every-byte.test.ts, where the place of the cut is chosen byte by byte.

const NAME = 'callers'
const CALLERS = 40
const CUTS = 8

const quiet = useQuietTopology()

type Caller = (redis: SentinelRedis, own: string) => Promise<void>

/** The value says whose it is. Only an outcome that nobody can know may take its place. */
const CALLERS_OF: Readonly<Record<string, Caller>> = {
  'single calls': async (redis, own) => {
    expect(await redis.set(own, own)).toBe('OK')
    expect(await redis.get(own)).toBe(own)
    expect(await redis.echo(own)).toBe(own)
  },
  pipelines: async (redis, own) => {
    expect(await redis.pipeline().set(own, own).get(own).echo(own).exec()).toEqual([
      [null, 'OK'],
      [null, own],
      [null, own]
    ])
  },
  MULTI: async (redis, own) => {
    expect(await redis.multi().set(own, own).get(own).strlen(own).exec()).toEqual([
      [null, 'OK'],
      [null, own],
      [null, own.length]
    ])
  },
  'writes that may not be repeated': async (redis, own) => {
    const answers = await Promise.allSettled([redis.rpush(`list:${own}`, own), redis.set(own, own, 'GET')])
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(UnknownOutcomeError)
    }
    const [, got] = answers
    if (got.status === 'fulfilled') expect([own, null]).toContain(got.value)
  }
}

describe.each([false, true])('enableAutoPipelining: %s', (enableAutoPipelining) => {
  test(`${CALLERS} callers at once, the connections cut again and again and a failover in between: each gets its own reply`, async () => {
    await using redis = clientOf(quiet.topology, { connectionName: NAME, enableAutoPipelining })
    await redis.ping()
    let rounds = 0
    let stop = false
    const callers = Array.from({ length: CALLERS }, async (_, index) => {
      const all = Object.values(CALLERS_OF)
      const call = all[index % all.length] as Caller
      const own = `caller:${index}:${'x'.repeat(index * 3)}`
      while (!stop) {
        await call(redis, own)
        rounds += 1
      }
    })
    const over = Promise.all(callers)
    over.catch(() => undefined)
    const onward = async (more: number): Promise<void> => {
      const until = rounds + more
      await Promise.race([over, eventually(() => expect(rounds).toBeGreaterThan(until))])
    }
    for (let cut = 0; cut < CUTS; cut += 1) {
      await onward(CALLERS)
      await Promise.all(quiet.topology.nodes.map((node) => killConnections(node, NAME)))
    }
    await failOver(quiet.topology, redis)
    await onward(10 * CALLERS)
    stop = true
    await over
    expect(redis.stats().retried).toBeGreaterThan(CUTS)
    expect(redis.stats()).toMatchObject({ held: 0, inFlight: 0 })
  })
})
