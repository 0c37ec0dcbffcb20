import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { failOverBy } from '../support/group-faults.js'
import { eventually } from '../support/server-view.js'
import { nothingLeft } from './support/nothing-left.js'

declare module 'express-session' {
  interface SessionData {
    visits: number
  }
}

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

async function startApp(client: SentinelRedis): Promise<Server> {
  const app = express()
  app.use(session({ store: new RedisStore({ client }), secret: 'secret', resave: false, saveUninitialized: false }))
  app.get('/', ({ session: own }, response) => {
    own.visits = (own.visits ?? 0) + 1
    response.json(own.visits)
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** One browser: it keeps its cookie, and asks the two programs in turn. */
class Browser {
  readonly #urls: readonly string[]
  #cookie = ''
  visits = 0

  constructor(servers: readonly Server[]) {
    this.#urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }

  async visit(): Promise<void> {
    const url = this.#urls[this.visits % this.#urls.length] ?? ''
    const response = await fetch(url, { headers: { cookie: this.#cookie, connection: 'close' } })
    expect(response.status).toBe(200)
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie
    this.visits += 1
    expect(await response.json()).toBe(this.visits)
  }
}

test('a session is kept by two programs through failovers by hand and by kill, and each visit is counted', async () => {
  await using one = clientOf(topology, { readFrom: 'primary' })
  await using other = clientOf(topology, { readFrom: 'primary' })
  const servers = await Promise.all([startApp(one), startApp(other)])
  const browser = new Browser(servers)
  let browsing = true
  const visits = (async (): Promise<void> => {
    while (browsing) await browser.visit()
  })()
  visits.catch(() => undefined)
  const goesOn = async (): Promise<void> => {
    const { visits: before } = browser
    await eventually(() => {
      expect(browser.visits).toBeGreaterThan(before + 20)
    })
  }
  try {
    await goesOn()
    for (const fault of ['manual', 'kill'] as const) {
      await failOverBy(fault, topology, one)
      await goesOn()
    }
    browsing = false
    await visits
    const store = new RedisStore({ client: one })
    expect(await store.length()).toBe(1)
    expect(await store.all()).toMatchObject([{ visits: browser.visits }])
  } finally {
    browsing = false
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  }
  await Promise.all([one.close(), other.close()])
  await nothingLeft(topology)
})
