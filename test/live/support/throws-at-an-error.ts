import { SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'

// A listener of 'error' that throws, while nobody can say at first as whom the sentinels are to be asked.

const uncaught = new Set<string>()
process.on('uncaughtException', ({ message }) => void uncaught.add(message))

let asked = 0
const client = new SentinelRedis({
  ...(JSON.parse(process.argv[2] ?? '{}') as SentinelRedisOptions),
  sentinelCredentials: () =>
    ++asked < 3 ? Promise.reject(new Error('the vault is sealed')) : { username: 'default', password: 'any' }
})
client.on('error', () => {
  throw new Error('of the listener')
})
const value = await client.set('key', '1')
console.log(JSON.stringify({ uncaught: [...uncaught], value }))
await client.close()
