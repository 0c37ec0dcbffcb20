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
import { failOverBy } from '../support/group-faults.js'
import { nothingLeft } from './support/nothing-left.js'
import { eventually } from '../support/server-view.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 1_000 })
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
  app.put('/last/:id', ({ params }) => namespaced(app, 'plain').set('last', (params as { id: string }).id))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const ask = async (method: string, path: string): Promise<string> => {
    const response = await fetch(url + path, { method })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    return text
  }
  const counts: number[] = []
  const visits = new Ledger({ write: async () => counts.push(Number(await ask('POST', '/visits'))), everyMs: 10 })
  const sets = new Ledger({ write: (id) => ask('PUT', `/last/${id}`), everyMs: 10 })
  try {
    for (const fault of ['manual', 'kill'] as const) {
      await flows(40, visits, sets)
      await failOverBy(fault, topology, redis)
    }
    await flows(40, visits, sets)
  } finally {
    await Promise.all([visits.stop(), sets.stop()])
  }
  for (const { entries } of [visits, sets]) expect(entries.filter(({ outcome }) => outcome !== 'acked')).toEqual([])
  expect(counts.toSorted((a, b) => a - b)).toEqual(visits.entries.map((_, index) => index + 1))
  expect(await (await topology.primary()).command('GET', 'last')).toBe(sets.entries.at(-1)?.id)
  await app.close()
  await eventually(() => {
    expect([redis.status, named.status]).toEqual(['end', 'end'])
  })
  await nothingLeft(topology)
})
