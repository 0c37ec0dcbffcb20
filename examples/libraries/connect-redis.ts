/**
 * connect-redis: the sessions of an Express application, through a failover.
 *
 *   npx tsx examples/libraries/connect-redis.ts
 *   npx tsx examples/libraries/connect-redis.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { SentinelRedis } from 'ioredis-sentinel'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onGroup } from './lib/group.js'

declare module 'express-session' {
  interface SessionData {
    visits: number
  }
}

await onGroup(async ({ url, throughFailover }) => {
  await using redis = new SentinelRedis(url, { readFrom: 'primary' })
  const app = express()
  app.use(
    session({ store: new RedisStore({ client: redis }), secret: 'secret', resave: false, saveUninitialized: false })
  )
  app.get('/', ({ session: own }, response) => {
    own.visits = (own.visits ?? 0) + 1
    response.json(own.visits)
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  let cookie = ''
  let counted: unknown
  const visits = await throughFailover(async () => {
    const response = await fetch(address, { headers: { cookie } })
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    counted = await response.json()
  })
  console.log(`${String(counted)} of ${visits} visits counted`)
  server.closeAllConnections()
  server.close()
})
