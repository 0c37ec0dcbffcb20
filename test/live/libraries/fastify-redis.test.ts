import type { FastifyRedisNamespacedInstance } from '@fastify/redis'
import fastifyRedis from '@fastify/redis'
import type { FastifyInstance } from 'fastify'
import Fastify from 'fastify'
import type { Redis } from 'ioredis'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { Ledger } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flows } from '../support/acknowledged.js'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { failOverBy, type Interval, isWithin } from '../support/group-faults.js'
import { HttpClient } from './support/http-client.js'
import { nothingLeft } from './support/nothing-left.js'
import { eventually } from '../support/server-view.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

function namespaced({ redis }: FastifyInstance, namespace: string): Redis {
  return (redis as FastifyRedisNamespacedInstance)[namespace] as Redis
}

test('every request is answered and counted once through failovers by hand and by kill, and closing the app closes the client', async () => {
  const redis = clientOf(topology)
  const named = clientOf(topology)
  const app = Fastify()
  await app.register(fastifyRedis, { client: redis.with({ exactlyOnce: true }), closeClient: true, namespace: 'once' })
  await app.register(fastifyRedis, { client: named, closeClient: true, namespace: 'plain' })
  app.post('/visits', () => namespaced(app, 'once').incr('visits'))
  app.put('/seen/:id', ({ params }) => namespaced(app, 'plain').sadd('seen', (params as { id: string }).id))
  using http = new HttpClient(await app.listen({ host: '127.0.0.1', port: 0 }))
  const counts: number[] = []
  const visits = new Ledger({ write: async () => counts.push(Number(await http.ask('POST', '/visits'))), everyMs: 10 })
  const seen = new Ledger({ write: (id) => http.ask('PUT', `/seen/${id}`), everyMs: 10 })
  const failovers: Interval[] = []
  try {
    for (const fault of ['manual', 'kill'] as const) {
      await flows(40, visits, seen)
      failovers.push(await failOverBy(fault, topology, redis))
    }
    await flows(40, visits, seen)
  } finally {
    await Promise.all([visits.stop(), seen.stop()])
  }
  for (const { entries } of [visits, seen]) expect(entries.filter(({ outcome }) => outcome !== 'acked')).toEqual([])
  expect(counts.toSorted((a, b) => a - b)).toEqual(visits.entries.map((_, index) => index + 1))
  const kept = (await (await topology.primary()).command('SMEMBERS', 'seen')) as string[]
  const lost = seen.entries.filter(({ id }) => !kept.includes(id))
  expect(lost.filter(({ settledAt = 0 }) => !isWithin(failovers, settledAt))).toEqual([])
  await app.close()
  await eventually(() => {
    expect([redis.status, named.status]).toEqual(['end', 'end'])
  })
  await nothingLeft(topology)
})
