/**
 * Socket.IO with its Redis adapter: messages from one server to the clients of another, through a failover.
 *
 *   npx tsx examples/libraries/socket.io-redis-adapter.ts
 *   npx tsx examples/libraries/socket.io-redis-adapter.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import { createAdapter } from '@socket.io/redis-adapter'
import { SentinelRedis } from 'ioredis-sentinel'
import { count, startChat } from './lib/chat.js'
import { onGroup } from './lib/group.js'

await onGroup(async ({ url, throughFailover }) => {
  await using redis = new SentinelRedis(url, { readFrom: 'primary' })
  const start = (subscriber: SentinelRedis): ReturnType<typeof startChat> =>
    startChat({ adapter: createAdapter(redis.with({ exactlyOnce: true }), subscriber) })
  await using first = redis.duplicate()
  await using second = redis.duplicate()
  second.on('subscription-gap', ({ lengthMs }) => console.log(`nothing was heard for ${lengthMs.toFixed(0)} ms`))
  const [a, b] = await Promise.all([start(first), start(second)])
  await count(a, b, throughFailover)
  await Promise.all([a.server.close(), b.server.close()])
})
