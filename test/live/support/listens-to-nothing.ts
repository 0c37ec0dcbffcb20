import { SentinelRedis } from 'ioredis-sentinel'
import type { SentinelRedisOptions } from 'ioredis-sentinel'

// A program that listens to no event of its client, calls all kinds of commands, and ends on SIGTERM.

const client = new SentinelRedis(JSON.parse(process.argv[2] ?? '{}') as SentinelRedisOptions)
const subscriber = client.duplicate()
const blocked = client.duplicate()
let going = true
let calls = 0
let failed = 0

async function often(call: () => Promise<unknown>): Promise<void> {
  while (going) {
    await call().then(
      () => (calls += 1),
      () => (failed += 1)
    )
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

process.once('SIGTERM', () => {
  going = false
})

void subscriber.subscribe('news').catch(() => undefined)
await Promise.all([
  often(() => client.incr('count')),
  often(() => client.set('key', 'value')),
  often(() => client.get('key')),
  often(() => client.multi().incr('count').get('count').exec()),
  often(() => client.pipeline().get('key').incr('count').exec()),
  often(() => client.publish('news', 'x')),
  often(() => blocked.blpop('none', 0.2))
])
await Promise.all([client.quit(), subscriber.quit(), blocked.quit()])
console.log(`calls ${calls} failed ${failed}`)
