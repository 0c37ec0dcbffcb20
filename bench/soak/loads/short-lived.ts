import type { SentinelRedis } from 'ioredis-sentinel'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ShortLived } from '../records.js'
import { ErrorCounts } from './stepwise.js'

const PACE_MS = 250
const MOST_AT_ONCE = 4

/** How a client's short life goes; each must end without a trace. */
const LIVES: readonly ((client: SentinelRedis, number: number) => Promise<void>)[] = [
  async (client, number) => {
    await client.set('short', number)
    await client.get('short')
    await client.close()
  },
  async (client) => {
    client.disconnect()
  },
  async (client, number) => {
    const answer = client.set('short', number).catch(() => undefined)
    await client.close()
    await answer
  },
  async (client) => {
    await client.subscribe('short')
    await client.quit()
  }
]

/** Makes clients that do little and are closed, also while there is no primary. */
export class ShortLivedClients {
  readonly #make: () => SentinelRedis
  readonly #lives = new Set<Promise<void>>()
  #number = 0
  #made = 0
  #closed = 0
  #errors = new ErrorCounts()
  #running = false
  #ended: Promise<void> = Promise.resolve()

  constructor(make: () => SentinelRedis) {
    this.#make = make
  }

  begin(): void {
    this.#made = 0
    this.#closed = 0
    this.#errors = new ErrorCounts()
    this.#running = true
    this.#ended = this.#run()
  }

  async finish(): Promise<ShortLived> {
    this.#running = false
    await this.#ended
    await Promise.all(this.#lives)
    return { made: this.#made, closed: this.#closed, errors: this.#errors.all }
  }

  async #run(): Promise<void> {
    while (this.#running) {
      if (this.#lives.size < MOST_AT_ONCE) this.#live()
      await sleep(PACE_MS)
    }
  }

  #live(): void {
    const number = ++this.#number
    const life = this.#begin(number)
    this.#lives.add(life)
    void life.finally(() => this.#lives.delete(life))
  }

  async #begin(number: number): Promise<void> {
    const client = this.#make()
    this.#made += 1
    try {
      await LIVES[number % LIVES.length]?.(client, number)
      this.#closed += 1
    } catch (error) {
      this.#errors.add(error)
      client.disconnect()
    }
  }
}
