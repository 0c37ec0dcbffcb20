// npx vitest run --config examples/testing/vitest.config.ts
import { SentinelRedis } from 'ioredis-sentinel'
import { injectFault, Ledger, type LocalTopology, startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Shop } from './shop.js'

let topology: LocalTopology
let redis: SentinelRedis
beforeAll(async () => {
  topology = await startTopology({ replicas: 2, sentinels: 3, downAfterMs: 500 })
  redis = new SentinelRedis(topology.url)
}, 60_000)
afterAll(async () => {
  await redis.close()
  await topology.stop()
})

test('orders go on when the primary dies, and each is there once', async () => {
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
  expect(report).toMatchObject({ failed: 0, unknown: 0, hung: 0, doubled: [], foreign: [] })
  const [promoted] = promotions.promotions
  expect(report.lostAfter(promoted?.at ?? 0)).toEqual([])
}, 60_000)
