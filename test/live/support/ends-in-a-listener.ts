import { SentinelRedis } from 'ioredis-sentinel'
import type { FailoverFailedError, SentinelRedisOptions } from 'ioredis-sentinel'

// A program that ends its clients when a failover begins, in the midst of what the first one is told: the process must then end by itself.

const [who, optionsText] = process.argv.slice(2)
const options = JSON.parse(optionsText ?? '{}') as SentinelRedisOptions
const [first, second] = [new SentinelRedis(options), new SentinelRedis(options)]
await Promise.all([first.set('ends', '1'), second.set('ends', '1'), first.get('ends'), second.get('ends')])
first.on('failover-started', () => {
  first.disconnect()
  second.disconnect()
})
console.log('ready')
if (who === 'who asks for it')
  first.failover({ mode: 'manual', timeoutMs: 60_000 }).catch((error: unknown) => {
    console.log((error as FailoverFailedError).message)
  })
