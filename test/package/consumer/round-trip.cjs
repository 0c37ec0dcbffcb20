// Run where the packed tarball is installed: starts a topology, writes and reads through it, and ends by itself.
const { Redis } = require('ioredis')
const { SentinelRedis } = require('ioredis-sentinel')
const { startTopology } = require('ioredis-sentinel/testkit')

startTopology({ replicas: 1, sentinels: 1 }).then(async (topology) => {
  try {
    const redis = new SentinelRedis(topology.url)
    await redis.set('greeting', 'hello from CJS')
    const value = await redis.get('greeting')
    await redis.close()
    console.log(JSON.stringify({ value, isRedis: redis instanceof Redis }))
  } finally {
    await topology.stop()
  }
})
