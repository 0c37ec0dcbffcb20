/**
 * Bottleneck: jobs of which a few run at a time, through a failover.
 *
 *   npx tsx examples/libraries/bottleneck.ts
 *   npx tsx examples/libraries/bottleneck.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import Bottleneck from 'bottleneck'
import { SentinelRedis } from 'ioredis-sentinel'
import { onGroup } from './lib/group.js'

const AT_ONCE = 3

await onGroup(async ({ url, throughFailover }) => {
  const client = new SentinelRedis(url).with({ exactlyOnce: true })
  const connection = new Bottleneck.IORedisConnection({ client })
  const limiter = new Bottleneck({ id: `example-${Date.now()}`, connection, maxConcurrent: AT_ONCE })

  let running = 0
  let most = 0
  const job = async (): Promise<void> => {
    running += 1
    most = Math.max(most, running)
    await client.ping()
    running -= 1
  }
  const rounds = await throughFailover(() =>
    Promise.all(Array.from({ length: AT_ONCE + 2 }, () => limiter.schedule(job)))
  )
  console.log(`${rounds * (AT_ONCE + 2)} jobs done, at most ${most} at a time`)
  await limiter.disconnect()
  await connection.disconnect()
})
