/**
 * rate-limiter-flexible: a limit that holds over a failover.
 *
 *   npx tsx examples/libraries/rate-limiter-flexible.ts
 *   npx tsx examples/libraries/rate-limiter-flexible.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import { SentinelRedis } from 'ioredis-sentinel'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { onGroup } from './lib/group.js'

const POINTS = 60

await onGroup(async ({ url, throughFailover }) => {
  await using redis = new SentinelRedis(url)
  const limiter = new RateLimiterRedis({
    storeClient: redis.with({ exactlyOnce: true }),
    keyPrefix: `example-${Date.now()}`,
    points: POINTS,
    duration: 600
  })

  let allowed = 0
  let refused = 0
  const calls = await throughFailover(() =>
    limiter.consume('ada').then(
      () => (allowed += 1),
      (reason: unknown) => {
        if (reason instanceof Error) throw reason
        refused += 1
      }
    )
  )
  console.log(`${allowed} of ${calls} calls allowed, ${refused} refused`)
})
