import type { SentinelRedis } from 'ioredis-sentinel'

/** The application under test. It takes orders; one that is given twice within a day is one order. */
export class Shop {
  readonly #redis: SentinelRedis

  constructor(redis: SentinelRedis) {
    this.#redis = redis
  }

  async order(id: string): Promise<void> {
    await this.#redis.with({ exactlyOnce: { token: `order-${id}`, ttlMs: 86_400_000 } }).rpush('orders', id)
  }

  orders(): Promise<string[]> {
    return this.#redis.with({ readFrom: 'primary' }).lrange('orders', 0, -1)
  }
}
