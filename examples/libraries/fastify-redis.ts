/**
 * @fastify/redis: a counter behind a Fastify application, through a failover.
 *
 *   npx tsx examples/libraries/fastify-redis.ts
 *   npx tsx examples/libraries/fastify-redis.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import fastifyRedis from '@fastify/redis'
import Fastify from 'fastify'
import { SentinelRedis } from 'ioredis-sentinel'
import { onGroup } from './lib/group.js'

await onGroup(async ({ url, throughFailover }) => {
  const app = Fastify()
  await app.register(fastifyRedis, { client: new SentinelRedis(url).with({ exactlyOnce: true }), closeClient: true })
  app.post('/visits', () => app.redis.incr('example-visits'))
  const address = await app.listen({ host: '127.0.0.1', port: 0 })

  await app.redis.del('example-visits')
  let counted = ''
  const visits = await throughFailover(async () => {
    const response = await fetch(`${address}/visits`, { method: 'POST' })
    counted = await response.text()
  })
  console.log(`${counted} of ${visits} visits counted`)
  await app.close()
})
