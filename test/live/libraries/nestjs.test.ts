import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { Ledger } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flows } from '../support/acknowledged.js'
import { clientOf, startQuickTopology } from '../support/clients.js'
import { failOverBy, type Interval, isWithin } from '../support/group-faults.js'
import { nothingLeft } from './support/nothing-left.js'

let topology: LocalTopology
beforeAll(async () => {
  topology = await startQuickTopology({ downAfterMs: 2_000 })
})
afterAll(() => topology.stop())

class Visits {
  readonly #redis: SentinelRedis

  constructor(redis: SentinelRedis) {
    this.#redis = redis
  }

  async add(who: string): Promise<number> {
    return this.#redis.sadd('visits', who)
  }

  async has(who: string): Promise<boolean> {
    return (await this.#redis.sismember('visits', who)) === 1
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#redis.close()
  }
}

test('a provider of the container serves through failovers by hand and by kill, and ends with the application', async () => {
  const module = Module({
    providers: [
      { provide: SentinelRedis, useFactory: () => clientOf(topology) },
      { provide: Visits, useFactory: (redis: SentinelRedis) => new Visits(redis), inject: [SentinelRedis] }
    ]
  })
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- that is what a module of Nest is
  class AppModule {}
  module(AppModule)
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false })
  const visits = app.get(Visits)
  const redis = app.get(SentinelRedis)
  const adds = new Ledger({ write: (id) => visits.add(id) })
  const failovers: Interval[] = []
  for (const fault of ['manual', 'kill'] as const) {
    await flows(50, adds)
    failovers.push(await failOverBy(fault, topology, redis))
  }
  await flows(50, adds)
  await adds.stop()
  expect(adds.entries.filter(({ outcome }) => outcome !== 'acked')).toEqual([])
  const lost = await Promise.all(adds.entries.map(async (entry) => ((await visits.has(entry.id)) ? [] : [entry])))
  expect(lost.flat().filter(({ settledAt = 0 }) => !isWithin(failovers, settledAt))).toEqual([])
  await app.close()
  expect(redis.status).toBe('end')
  await nothingLeft(topology)
})
