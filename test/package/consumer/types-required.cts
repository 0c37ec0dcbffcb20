// Type-checked where the packed tarball is installed, as CommonJS with verbatimModuleSyntax; never run.
import library = require('ioredis-sentinel')
import testkit = require('ioredis-sentinel/testkit')

const options: library.SentinelRedisOptions = { name: 'mymaster', sentinels: ['127.0.0.1:26379'] }
const redis = new library.SentinelRedis(options)

async function use(topologyOptions: testkit.TopologyOptions): Promise<string | null> {
  const topology = await testkit.startTopology(topologyOptions)
  const set: 'OK' = await redis.set('key', topology.name)
  await topology.stop()
  return set === 'OK' ? await redis.get('key') : null
}

// @ts-expect-error a group needs its name
new library.SentinelRedis({ sentinels: ['127.0.0.1:26379'] })

export = use
