import type { SentinelRedis } from 'ioredis-sentinel'
import type { Fault, LedgerReport, LocalTopology } from 'ioredis-sentinel/testkit'
import { injectFault, Ledger } from 'ioredis-sentinel/testkit'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flows } from './support/acknowledged.js'
import { clientOf, startQuickTopology } from './support/clients.js'
import { eventually } from './support/server-view.js'

const WRITE_EVERY_MS = 8

let topology: LocalTopology

beforeEach(async () => {
  topology = await startQuickTopology({ downAfterMs: 1_000 })
})
afterEach(() => topology.stop())

const APPEND = `return redis.call('RPUSH', KEYS[1], ARGV[1])`
const SHA1 = createHash('sha1').update(APPEND).digest('hex')

type Scripted = SentinelRedis & { append(key: string, id: string): Promise<number> }

/** As libraries do: the hash first, and the text when the server says that it does not know it. */
const hashFirst = (once: SentinelRedis, key: string, id: string): Promise<unknown> =>
  once.evalsha(SHA1, 1, key, id).catch((error: Error) => {
    if (!error.message.startsWith('NOSCRIPT')) throw error
    return once.eval(APPEND, 1, key, id)
  })

/** A way to append an id to a list, which a second execution would append twice. */
const APPENDS: Readonly<Record<string, (once: SentinelRedis, id: string) => Promise<unknown>>> = {
  RPUSH: (once, id) => once.rpush('RPUSH', id),
  MULTI: (once, id) => once.multi().incr('count').rpush('MULTI', id).exec(),
  script: (once, id) => once.eval(`${APPEND} -- eval`, 1, 'script', id),
  evalsha: (once, id) => hashFirst(once, 'evalsha', id),
  defineCommand: (once, id) => (once as Scripted).append('defineCommand', id)
}

async function throughFault(
  fault: Fault
): Promise<Readonly<Record<string, LedgerReport & { afterPromotion: readonly string[] }>>> {
  await using redis = clientOf(topology, { readFrom: 'primary' })
  redis.defineCommand('append', { lua: `${APPEND} -- defined`, numberOfKeys: 1 })
  const once = redis.with({ exactlyOnce: true })
  await redis.ping()
  const watch = topology.watchPromotions()
  const ledgers = Object.entries(APPENDS).map(([name, append]) => ({
    name,
    ledger: new Ledger({ write: (id) => append(once, id), everyMs: WRITE_EVERY_MS, prefix: name })
  }))
  const flow = (more: number): Promise<void> => flows(more, ...ledgers.map(({ ledger }) => ledger))
  await flow(100)
  const { heal } = await injectFault(topology, fault)
  await eventually(() => {
    expect(watch.promotions).not.toEqual([])
  }, 45_000)
  await flow(300)
  await heal()
  await topology.settled(40_000)
  await flow(100)
  await Promise.all(ledgers.map(({ ledger }) => ledger.stop()))
  const primary = await topology.primary()
  const reports = await Promise.all(
    ledgers.map(async ({ name, ledger }) => {
      const report = ledger.compare((await primary.command('LRANGE', name, '0', '-1')) as string[])
      return [name, { ...report, afterPromotion: report.lostAfter(watch.promotions.at(-1)?.at ?? 0) }] as const
    })
  )
  return Object.fromEntries(reports)
}

describe('a failover between the writing and the reply', () => {
  test.each<Fault>(['kill', 'freeze'])(
    '%s: nothing unknown, doubled, reordered or hung, whatever was on the wire',
    async (fault) => {
      const reports = await throughFault(fault)
      expect(Object.keys(reports)).toEqual(Object.keys(APPENDS))
      for (const [name, report] of Object.entries(reports)) {
        expect({ name, ...report }).toMatchObject({
          name,
          failed: 0,
          unknown: 0,
          hung: 0,
          doubled: [],
          reordered: 0,
          afterPromotion: [],
          errors: {}
        })
        expect(report.acked).toBe(report.issued)
      }
    },
    120_000
  )
})
