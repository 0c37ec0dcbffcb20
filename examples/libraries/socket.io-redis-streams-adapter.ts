/**
 * Socket.IO with its Redis Streams adapter: messages from one server to the clients of another, through a failover.
 *
 *   npx tsx examples/libraries/socket.io-redis-streams-adapter.ts
 *   npx tsx examples/libraries/socket.io-redis-streams-adapter.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { SentinelRedis } from 'ioredis-sentinel'
import { setTimeout as delay } from 'node:timers/promises'
import { join, startChat } from './lib/chat.js'
import { onGroup } from './lib/group.js'

await onGroup(async ({ url, throughFailover }) => {
  await using redis = new SentinelRedis(url, { readFrom: 'primary' })
  const start = (): ReturnType<typeof startChat> =>
    startChat({ adapter: createAdapter(redis.with({ exactlyOnce: true })), connectionStateRecovery: {} })
  const [a, b] = await Promise.all([start(), start()])
  const { socket, heard } = await join(b.url)
  // Nobody is told when a server has begun to listen.
  while (heard.length === 0) {
    a.server.emit('n', 0)
    await delay(10)
  }

  const messages = await throughFailover(async (n) => {
    a.server.emit('n', n + 1)
    await delay(5)
  })
  while (!heard.includes(-1)) {
    a.server.emit('n', -1)
    await delay(10)
  }

  const numbers = heard.filter((n) => n > 0)
  console.log(
    `${new Set(numbers).size} of ${messages} messages arrived, ${numbers.length - new Set(numbers).size} of them twice`
  )
  socket.disconnect()
  await Promise.all([a.server.close(), b.server.close()])
})
