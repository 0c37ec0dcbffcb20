import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { SentinelRedis } from 'ioredis-sentinel'
import type { FakeSentinel } from 'ioredis-sentinel/testkit'
import { register } from 'prom-client'
import type { Server } from 'socket.io'
import { io as connect } from 'socket.io-client'
import { expect } from 'vitest'
import { eventually } from '../support/server-view.js'
import { LIBRARY_PROGRAMS } from './library-programs.js'
import type { Program, Running } from './program.js'
import { GROUP, listensTo, REDIS } from './program.js'

const works = async ({ redis }: Running): Promise<void> => {
  expect(await redis.ping()).toBe('PONG')
}

/** With the port of its own that it got. */
const portOf = (server: HttpServer): number => (server.address() as AddressInfo).port

/** That section is about certificates only. */
const withPassword = (block: string): string => block.replace(`'mymaster'`, `'mymaster', password: 'secret'`)

const onFreePort = (block: string): string => block.replace('3000', '0')

async function chats(channels: string, running: Running): Promise<void> {
  const io = running.made<Server & { readonly httpServer: HttpServer }>('io')
  const client = connect(`http://127.0.0.1:${portOf(io.httpServer)}`)
  try {
    const heard = new Promise((resolve) => client.once('said', resolve))
    client.emit('say', 'hello')
    expect(await heard).toBe('hello')
    await listensTo(channels, running)
  } finally {
    client.close()
    await io.close()
  }
}

const FETCH_TOKEN = `const fetchToken = async (_: object) => ({ token: 'secret', secondsLeft: 3600 })`
const READ_FILE = `import { readFile } from 'node:fs/promises'`

/** All blocks that no other test runs, in the order of the documents; the last fails its group over. */
export const PROGRAMS: readonly Program[] = [
  {
    document: 'docs/guarantees.md',
    heading: 'Exactly once',
    around: `${REDIS}\nconst id = '7'`,
    then: async ({ redis }) => {
      expect(await redis.mget('paid', 'stock')).toEqual(['1', '-2'])
      expect([await redis.lrange('orders', 0, -1), await redis.xlen('shipments')]).toEqual([['7'], 1])
    }
  },
  {
    document: 'docs/guarantees.md',
    heading: 'Between clients and processes',
    around: `${REDIS}
const request = { cookies: { seen: '' } }
const response = { cookie: (name, value) => { request.cookies[name] = value } }`,
    then: async ({ made }) => {
      expect(made('name')).toBe('Ada')
    }
  },
  {
    document: 'docs/guarantees.md',
    heading: 'transaction()',
    around: `${REDIS}\nconst id = '8'\nawait redis.set('stock', 3)`,
    then: async ({ made, redis }) => {
      expect([made('left'), await redis.lrange('sold', 0, -1)]).toEqual([2, ['8']])
    }
  },
  ...LIBRARY_PROGRAMS,
  { document: 'docs/logging.md', heading: 'Logging', then: works },
  {
    document: 'docs/metrics.md',
    heading: 'Prometheus',
    then: async (running) => {
      await works(running)
      expect(await register.metrics()).toContain(
        'ioredis_sentinel_phase{group="mymaster",client="orders-writer",phase="stable"} 1'
      )
      running.made<() => void>('end')()
    }
  },
  {
    document: 'docs/metrics.md',
    heading: 'OpenTelemetry',
    then: async (running) => {
      await works(running)
      running.made<() => void>('end')()
    }
  },
  {
    document: 'docs/migration.md',
    heading: 'From ioredis',
    then: async ({ made }) => {
      const redis = made<Redis>('redis')
      expect(await redis.ping()).toBe('PONG')
      redis.disconnect()
    }
  },
  { document: 'docs/migration.md', heading: 'From ioredis', then: works },
  {
    document: 'docs/migration.md',
    heading: 'From redis-sentinel and redis-sentinel-client',
    then: async ({ made, said }) => {
      await eventually(() => expect(said).toEqual(['null', 'null hello']))
      await made<SentinelRedis>('client').close()
    }
  },
  {
    document: 'docs/read-policies.md',
    heading: 'Read policies',
    then: async ({ said }) => {
      expect(said).toEqual(['null null'])
    }
  },
  {
    document: 'docs/read-policies.md',
    heading: 'The policies',
    then: async ({ redis }) => {
      await redis.zadd('report', 1, 'a')
      expect(await redis.zrange('report', '0', '-1')).toEqual(['a'])
    }
  },
  { document: 'docs/security.md', heading: 'TLS', tls: true, edit: withPassword, then: works },
  { document: 'docs/security.md', heading: 'Rotation', tls: true, edit: withPassword, then: works },
  {
    document: 'docs/security.md',
    heading: 'Credentials',
    around: `${REDIS.split('\n')[0]}\n${READ_FILE}\n${FETCH_TOKEN}`,
    then: works
  },
  { document: 'docs/start-here.md', heading: 'Connect to your own group', then: works },
  {
    document: 'docs/testkit.md',
    heading: '`startFakeSentinel(options)`',
    around: `import { startFakeSentinel } from 'ioredis-sentinel/testkit'`,
    then: ({ made }) => made<FakeSentinel>('fake').close()
  },
  {
    document: 'docs/recipes/bullmq.md',
    heading: 'Jobs: BullMQ',
    then: async ({ made, redis, said }) => {
      const worker = made<Worker>('worker')
      await eventually(async () => expect(await made<Queue>('queue').getCompletedCount()).toBe(1))
      expect(said).toEqual(['sent to ada@example.org'])
      // As SIGTERM would, of which this process dies.
      const [leave] = process.listeners('SIGTERM').slice(-1)
      leave?.('SIGTERM')
      await eventually(() => expect([worker.closing === undefined, redis.status]).toEqual([false, 'end']))
    }
  },
  {
    document: 'docs/recipes/locks.md',
    heading: 'Locks',
    around: `${REDIS}\nimport Redlock from 'redlock'`,
    then: async ({ said, redis }) => {
      expect(said).toEqual(['this holder writes as number 1'])
      expect(await redis.exists('lock:report')).toBe(0)
    }
  },
  { document: 'docs/recipes/nat.md', heading: 'A table', then: works },
  { document: 'docs/recipes/nat.md', heading: 'A rule', then: works },
  {
    document: 'docs/recipes/rate-limits.md',
    heading: 'rate-limiter-flexible',
    then: async ({ said }) => {
      expect(said).toEqual(['true'])
    }
  },
  {
    document: 'docs/recipes/rate-limits.md',
    heading: 'A counter of your own',
    then: async ({ said }) => {
      expect(said).toEqual(['1'])
    }
  },
  {
    document: 'docs/recipes/sessions.md',
    heading: 'Sessions',
    edit: (block) => onFreePort(block).replace('app.listen', 'const server = app.listen'),
    then: async ({ made }) => {
      const server = made<HttpServer>('server')
      const answer = await fetch(`http://127.0.0.1:${portOf(server)}/`, { headers: { connection: 'close' } })
      expect(await answer.text()).toMatch(/^session \S{32}$/)
      await new Promise((resolve) => server.close(resolve))
    }
  },
  {
    document: 'docs/recipes/socket.io.md',
    heading: 'By streams',
    edit: onFreePort,
    then: (running) => chats('socket.io#*', running)
  },
  {
    document: 'docs/recipes/socket.io.md',
    heading: 'By pub/sub',
    edit: onFreePort,
    then: async (running) => {
      await chats('socket.io-re*', running)
      await running.made<SentinelRedis>('subscriber').quit()
    }
  },
  { document: 'docs/recipes/tls.md', heading: 'TLS', tls: true, then: works },
  {
    document: 'docs/kubernetes.md',
    heading: 'Clients',
    around: GROUP,
    // The group has neither users nor passwords.
    edit: (block) =>
      block
        .replace(/^ {2}username: .*\n/m, '')
        .replace(`process.env['REDIS_URL'] ?? ''`, "`redis+sentinel://${sentinels.join(',')}/${name}`"),
    then: works
  },
  {
    document: 'docs/metrics.md',
    heading: 'Calls',
    then: async ({ said, url }) => {
      await using client = new SentinelRedis(url)
      expect(await client.blpop('nothing', 0.2)).toBeNull()
      await eventually(() => expect(said[0]).toMatch(/^blpop \d{3,4}\S* primary /))
    }
  },
  {
    document: 'docs/metrics.md',
    heading: 'Channels',
    then: async ({ failOver, said, url }) => {
      await using client = new SentinelRedis(url)
      await client.ping()
      await failOver()
      await eventually(() => expect(said).toContain('mymaster moved'), 20_000)
    }
  }
]
