// node --import tsx --test examples/testing/shop.node-test.ts
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SentinelRedis } from 'ioredis-sentinel'
import { injectFault, Ledger, type LocalTopology, startTopology } from 'ioredis-sentinel/testkit'
import { Shop } from './shop.js'

let topology: LocalTopology
let redis: SentinelRedis
before(async () => {
  topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 500 })
  redis = new SentinelRedis(topology.url)
})
after(async () => {
  await redis.close()
  await topology.stop()
})

test('orders go on when the primary dies, and each is there once', { timeout: 60_000 }, async () => {
  const shop = new Shop(redis)
  await redis.ping()
  const promotions = topology.watchPromotions()
  const ledger = new Ledger({ write: (id) => shop.order(id), everyMs: 10 })
  const over = new Promise((resolve) => redis.once('failover', resolve))

  await injectFault(topology, 'kill')
  await over
  await ledger.stop()
  promotions.stop()

  const report = ledger.compare(await shop.orders())
  const { failed, unknown, hung, doubled, foreign } = report
  const ends = { failed, unknown, hung, doubled, foreign }
  assert.deepEqual(ends, { failed: 0, unknown: 0, hung: 0, doubled: [], foreign: [] })
  const [promoted] = promotions.promotions
  assert.deepEqual(report.lostAfter(promoted?.at ?? 0), [])
})
