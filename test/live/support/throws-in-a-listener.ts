import { SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'
import { once } from 'node:events'

// Two clients of one group; what the first one's listener throws is printed, and so is what the second one is told of a failover.

const options = JSON.parse(process.argv[2] ?? '{}') as SentinelRedisOptions
const uncaught: string[] = []
process.on('uncaughtException', ({ message }) => void uncaught.push(message))

const [first, second] = [new SentinelRedis(options), new SentinelRedis(options)]
await Promise.all([first.connect(), second.connect()].map((connected) => connected.catch(() => undefined)))
await Promise.all([first.set('before', '1'), second.set('before', '1')])
first.on('primary-changed', () => {
  throw new Error('of the listener')
})
const changed = once(second, 'primary-changed')
const timelines = [once(first, 'failover'), once(second, 'failover')]
console.log('ready')
await Promise.all([changed, ...timelines])
const values = await Promise.all([first.set('after', '1'), second.set('after', '1')])
console.log(JSON.stringify({ uncaught, values }))
await Promise.all([first.close(), second.close()])
