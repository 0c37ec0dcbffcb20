import { Redis } from 'ioredis'
import { startTopology } from 'ioredis-sentinel/testkit'
import { expect, test } from 'vitest'

test('with tls every process serves TLS only, replicates over it and fails over', { timeout: 120_000 }, async () => {
  const topology = await startTopology({ tls: true, replicas: 1, sentinels: 3, password: 'p', downAfterMs: 500 })
  const [old, next] = topology.nodes
  const clients: Redis[] = []
  const connect = (options: object): Redis => {
    const redis = new Redis({
      ...old?.address,
      password: 'p',
      lazyConnect: true,
      retryStrategy: () => null,
      ...options
    })
    redis.on('error', () => undefined)
    clients.push(redis)
    return redis
  }
  try {
    expect(topology.ca).toContain('BEGIN CERTIFICATE')
    await expect(connect({}).connect()).rejects.toThrow()
    await expect(connect({ tls: {} }).connect()).rejects.toThrow()
    const trusted = connect({ tls: { ca: topology.ca } })
    await trusted.set('over', 'tls')
    await expect.poll(() => next?.command('GET', 'over'), { timeout: 20_000 }).toBe('tls')
    await old?.kill()
    // When the sentinels did not agree they begin anew after 20 s.
    await expect.poll(async () => (await topology.primary()) === next, { timeout: 45_000 }).toBe(true)
    await old?.start()
    await topology.settled()
  } finally {
    for (const redis of clients) redis.disconnect()
    await topology.stop()
  }
})
