// Run where the packed tarball is installed: starts a topology, writes and reads through it, and ends by itself.
import { Redis } from 'ioredis'
import { SentinelRedis } from 'ioredis-sentinel'
import { startTopology } from 'ioredis-sentinel/testkit'

const topology = await startTopology({ replicas: 1, sentinels: 1 })
try {
  const redis = new SentinelRedis(topology.url)
  await redis.set('greeting', 'hello from ESM')
  const value = await redis.get('greeting')
  await redis.close()
  console.log(JSON.stringify({ value, isRedis: redis instanceof Redis }))
} finally {
  await topology.stop()
}
