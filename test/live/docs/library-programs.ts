import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type Bottleneck from 'bottleneck'
import type { Cache } from 'cache-manager'
import type { Express } from 'express'
import type { FastifyInstance } from 'fastify'
import type { SentinelRedis } from 'ioredis-sentinel'
import type { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Lock } from 'redlock'
import type { Server } from 'socket.io'
import { expect } from 'vitest'
import { GROUP, listensTo, type Program, REDIS } from './program.js'

const document = 'docs/libraries.md'
const SOCKETS = `${REDIS}\nimport { Server } from 'socket.io'\nconst io = new Server(0)`

/** The line that each library needs, in a program that it would stand in. */
export const LIBRARY_PROGRAMS: readonly Program[] = [
  {
    document,
    heading: 'Two options that matter for most of them',
    then: async ({ made }) => {
      expect(await made<SentinelRedis>('once').ping()).toBe('PONG')
    }
  },
  {
    document,
    heading: 'BullMQ',
    around: `${GROUP}\nimport { Queue } from 'bullmq'`,
    edit: (block) => `${block}\nconst queue = new Queue('documented', { connection })`,
    then: async ({ made }) => {
      await made<{ close(): Promise<void> }>('queue').close()
      await made<SentinelRedis>('connection').close()
    }
  },
  {
    document,
    heading: 'rate-limiter-flexible',
    around: `${REDIS}\nimport { RateLimiterRedis } from 'rate-limiter-flexible'`,
    then: async ({ made }) => {
      expect(await made<RateLimiterRedis>('limiter').consume('a caller')).toMatchObject({ remainingPoints: 59 })
    }
  },
  {
    document,
    heading: 'Socket.IO, Redis adapter',
    around: `${SOCKETS}\nimport { createAdapter } from '@socket.io/redis-adapter'`,
    then: async (running) => {
      const io = running.made<Server>('io')
      const { subClient } = io.of('/').adapter as unknown as { readonly subClient: SentinelRedis }
      await listensTo('socket.io-re*', running)
      expect(await io.fetchSockets()).toEqual([])
      await io.close()
      await subClient.quit()
    }
  },
  {
    document,
    heading: 'Socket.IO, Redis Streams adapter',
    around: `${SOCKETS}\nimport { createAdapter } from '@socket.io/redis-streams-adapter'`,
    then: async (running) => {
      const io = running.made<Server>('io')
      await listensTo('socket.io#*', running)
      expect(await io.fetchSockets()).toEqual([])
      await io.close()
    }
  },
  {
    document,
    heading: 'redlock',
    around: `${REDIS}\nimport Redlock from 'redlock'`,
    then: async ({ made }) => {
      const lock = await made<{ acquire(resources: string[], durationMs: number): Promise<Lock> }>('redlock').acquire(
        ['documented lock'],
        5_000
      )
      await lock.release()
    }
  },
  {
    document,
    heading: 'connect-redis',
    around: `${REDIS}
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
const app = express()
const secret = 'for tests'`,
    edit: (block) => `${block}\napp.get('/', (request, response) => {
  request.session.isNew = false
  response.send(request.sessionID)
})`,
    then: async ({ made, redis }) => {
      const server: HttpServer = made<Express>('app').listen(0)
      const { port } = server.address() as AddressInfo
      const id = await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text()
      await new Promise((resolve) => server.close(resolve))
      expect(await redis.get(`sess:${id}`)).toContain('"isNew":false')
    }
  },
  {
    document,
    heading: '@fastify/redis',
    around: `${REDIS}
import fastifyRedis from '@fastify/redis'
import { fastify } from 'fastify'
const app = fastify({ pluginTimeout: 60_000 })`,
    then: async ({ made }) => {
      const app = made<FastifyInstance>('app')
      await app.ready()
      expect(await app.redis.ping()).toBe('PONG')
      await app.close()
    }
  },
  {
    document,
    heading: 'NestJS',
    around: GROUP,
    then: async ({ made }) => {
      await using redis = made<{ useFactory(): SentinelRedis }>('redisProvider').useFactory()
      expect(await redis.ping()).toBe('PONG')
    }
  },
  {
    document,
    heading: 'cache-manager and Keyv',
    around: `${REDIS}
import { createCache } from 'cache-manager'
import { Keyv } from 'keyv'
import KeyvRedis from '@keyv/redis'`,
    then: async ({ made }) => {
      const cache = made<Cache>('cache')
      await cache.set('documented', 'cached')
      expect(await cache.get('documented')).toBe('cached')
    }
  },
  {
    document,
    heading: 'Bottleneck',
    around: `${REDIS}\nimport Bottleneck from 'bottleneck'`,
    edit: (block) => `${block}\nconst limiter = new Bottleneck({ id: 'documented', connection, maxConcurrent: 1 })`,
    then: async ({ made }) => {
      const limiter = made<Bottleneck>('limiter')
      expect(await limiter.schedule(async () => 'done')).toBe('done')
      await limiter.disconnect()
      await made<{ disconnect(): Promise<void> }>('connection').disconnect()
    }
  }
]
