// Type-checked where the packed tarball is installed, as ESM, as CommonJS and under a bundler's resolution; never run.
import type { Redis } from 'ioredis'
import {
  SentinelError,
  SentinelRedis,
  type AnySentinelRedis,
  type FailoverTimeline,
  type SentinelRedisOptions
} from 'ioredis-sentinel'
import { startTopology, type TopologyOptions } from 'ioredis-sentinel/testkit'

const options: SentinelRedisOptions = { name: 'mymaster', sentinels: ['127.0.0.1:26379'], password: 'secret' }
const redis = new SentinelRedis(options)
const asRedis: Redis = redis

export async function use(topologyOptions: TopologyOptions): Promise<string | null> {
  const topology = await startTopology(topologyOptions)
  redis.on('failover', (timeline: FailoverTimeline) => timeline.entries.length)
  try {
    const set: 'OK' = await redis.set('key', 'value')
    return set === 'OK' ? await asRedis.get('key') : null
  } catch (error) {
    if (error instanceof SentinelError && error.code === 'DEADLINE') return error.message
    throw error
  } finally {
    await redis.close()
    await topology.stop()
  }
}

const mapped = new SentinelRedis({ ...options, replyMapping: 'resp3' })
export const score: Promise<number | null> = mapped.zscore('scores', 'one')
export const client: AnySentinelRedis = mapped

// @ts-expect-error a group needs its name
new SentinelRedis({ sentinels: ['127.0.0.1:26379'] })
