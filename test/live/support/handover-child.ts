import { SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'

// A program that hands the primary over, and is killed in the middle of it.

const client = new SentinelRedis(JSON.parse(process.argv[2] ?? '{}') as SentinelRedisOptions)
await client.ping()
await client.failover({ patienceMs: 0 })
