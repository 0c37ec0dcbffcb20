import { SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'

// Nobody can say as whom the sentinels are to be asked. Prints what the one call comes to.

const options = JSON.parse(process.argv[2] ?? '{}') as SentinelRedisOptions
const client = new SentinelRedis({
  ...options,
  connectDeadlineMs: 500,
  deadlineMs: 6_000,
  sentinelCredentials: () => Promise.reject(new Error('the vault is sealed'))
})
client.on('error', () => undefined)
void client.get('key').catch((error: unknown) => {
  console.log(error instanceof Error && 'code' in error ? error.code : error)
  client.disconnect()
})
