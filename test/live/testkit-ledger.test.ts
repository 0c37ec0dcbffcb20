import { Redis } from 'ioredis'
import { Ledger, ReadProbe, startTopology } from 'ioredis-sentinel/testkit'
import { expect, test } from 'vitest'

test('a ledger finds the writes that a demoted primary acked and threw away, and the probe its refusal', async () => {
  const topology = await startTopology({ replicas: 1, sentinels: 1 })
  const [old, next] = topology.nodes
  // Bound to one node on purpose: no client that follows the failover would lose these.
  const redis = new Redis({ ...old?.address, maxRetriesPerRequest: 0 })
  redis.on('error', () => undefined)
  try {
    const watch = topology.watchPromotions()
    const ledger = new Ledger({ write: (id) => redis.rpush('ledger', id), everyMs: 5 })
    const probe = new ReadProbe({ read: () => redis.llen('ledger'), everyMs: 5 })
    await expect.poll(() => ledger.entries.length, { timeout: 20_000 }).toBeGreaterThan(50)
    await topology.sentinelFailover()
    await expect.poll(() => watch.promotions.length, { timeout: 30_000 }).toBe(1)
    const promotedAt = watch.promotions[0]?.at ?? Infinity
    const issuedAfter = (): number => ledger.entries.filter((entry) => entry.issuedAt > promotedAt).length
    await expect.poll(issuedAfter, { timeout: 30_000 }).toBeGreaterThan(50)
    await Promise.all([ledger.stop(), probe.stop()])

    const kept = (await next?.command('LRANGE', 'ledger', 0, -1)) as string[]
    const report = ledger.compare(kept)
    const reads = probe.report()
    const written = (await old?.command('LRANGE', 'ledger', 0, -1)) as string[]
    expect(report.issued).toBe(ledger.entries.length)
    expect(report.acked).toBe(written.length)
    expect(report.lost).toEqual(written.filter((id) => !kept.includes(id)))
    expect(report.lostAfter(promotedAt).length).toBeGreaterThan(30)
    expect(report).toMatchObject({ doubled: [], foreign: [], reordered: 0, hung: 0, failedButPresent: [] })
    // No acked write that lasted came after the promotion: the new primary got none from this client.
    expect(report.firstAckAfter(promotedAt + 20)).toBeUndefined()
    expect(ledger.compare(written).lost).toEqual([])
    expect([reads.failed, reads.hung]).toEqual([0, 0])
  } finally {
    redis.disconnect()
    await topology.stop()
  }
})

test('writes to a frozen primary hang, and those to a killed one fail with a code', async () => {
  const topology = await startTopology({ replicas: 0, sentinels: 1, downAfterMs: 60_000 })
  const [node] = topology.nodes
  const redis = new Redis({ ...node?.address, maxRetriesPerRequest: 0 })
  redis.on('error', () => undefined)
  try {
    await redis.ping()
    await node?.freeze()
    const hanging = new Ledger({ write: (id) => redis.rpush('ledger', id), everyMs: 5 })
    await expect.poll(() => hanging.outstanding, { timeout: 20_000 }).toBeGreaterThan(10)
    await hanging.stop(50)
    const hung = hanging.compare([])
    expect([hung.hung, hung.acked]).toEqual([hung.issued, 0])

    await node?.kill()
    const failing = new ReadProbe({ read: () => redis.llen('ledger'), everyMs: 5 })
    await expect.poll(() => failing.report().failed, { timeout: 20_000 }).toBeGreaterThan(3)
    await failing.stop()
    expect(Object.values(failing.report().errors).reduce((sum, count) => sum + count, 0)).toBe(failing.report().failed)
  } finally {
    redis.disconnect()
    await topology.stop()
  }
})
