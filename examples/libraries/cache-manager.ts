/**
 * cache-manager with Keyv: a cache that is kept over a failover.
 *
 *   npx tsx examples/libraries/cache-manager.ts
 *   npx tsx examples/libraries/cache-manager.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import { SentinelRedis } from 'ioredis-sentinel'
import { Keyv } from 'keyv'
import { onGroup } from './lib/group.js'

const TTL_MS = 600_000

await onGroup(async ({ url, throughFailover }) => {
  await using redis = new SentinelRedis(url)
  // @keyv/redis 3 knows the types of ioredis 5 only.
  const store = new KeyvRedis(redis as never)
  const cache = createCache({ stores: [new Keyv({ store })] })

  const key = `example-${Date.now()}`
  let made = 0
  const make = async (): Promise<string> => {
    made += 1
    return 'dear'
  }
  const looks = await throughFailover(() => cache.wrap(key, make, TTL_MS))
  console.log(`${looks} looks, made ${made} time${made === 1 ? '' : 's'}`)
})
