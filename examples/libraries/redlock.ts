/**
 * redlock: a lock that is handed on, through a failover. Read in docs/libraries.md what no lock survives.
 *
 *   npx tsx examples/libraries/redlock.ts
 *   npx tsx examples/libraries/redlock.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import { SentinelRedis } from 'ioredis-sentinel'
import Redlock from 'redlock'
import { onGroup } from './lib/group.js'

await onGroup(async ({ url, throughFailover }) => {
  await using redis = new SentinelRedis(url)
  const redlock = new Redlock([redis.with({ exactlyOnce: true })], { retryDelay: 5, retryJitter: 5 })

  let holders = 0
  let most = 0
  const turn = async (): Promise<void> => {
    const lock = await redlock.acquire(['example-lock'], 10_000, { retryCount: -1 })
    holders += 1
    most = Math.max(most, holders)
    await redis.incr('example-turns')
    holders -= 1
    await lock.release()
  }
  const turns = await throughFailover(() => Promise.all([turn(), turn(), turn()]))
  console.log(`${3 * turns} turns, ${most} at a time`)
})
