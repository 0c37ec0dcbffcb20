/**
 * NestJS: the client as a provider, through a failover.
 *
 *   npx tsx examples/libraries/nestjs.ts
 *   npx tsx examples/libraries/nestjs.ts redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/mymaster --failover
 *
 * Without a URL it starts a group of its own on this machine. It fails the group over meanwhile: its own, or with --failover yours.
 */
import 'reflect-metadata'
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { SentinelRedis } from 'ioredis-sentinel'
import { onGroup } from './lib/group.js'

class Visits implements OnApplicationShutdown {
  readonly #redis: SentinelRedis

  constructor(redis: SentinelRedis) {
    this.#redis = redis
  }

  async add(who: string): Promise<void> {
    await this.#redis.sadd('example-visitors', who)
  }

  count(): Promise<number> {
    return this.#redis.scard('example-visitors')
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#redis.close()
  }
}

// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- that is what a module of Nest is
class AppModule {
  static of(url: string): DynamicModule {
    return {
      module: AppModule,
      providers: [
        { provide: SentinelRedis, useFactory: () => new SentinelRedis(url) },
        { provide: Visits, useFactory: (redis: SentinelRedis) => new Visits(redis), inject: [SentinelRedis] }
      ]
    }
  }
}

await onGroup(async ({ url, throughFailover }) => {
  const app = await NestFactory.createApplicationContext(AppModule.of(url), { logger: false })
  const visits = app.get(Visits)
  const added = await throughFailover((n) => visits.add(`visitor-${n}`))
  console.log(`${await visits.count()} of ${added} visitors counted`)
  await app.close()
})
