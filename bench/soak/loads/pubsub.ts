import type { SentinelRedis } from 'ioredis-sentinel'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Heard, Published, Subscription } from '../records.js'
import { SUBSCRIPTIONS } from '../records.js'
import { until } from '../../until.js'

const PACE_MS = 25
/** How many messages are published once all is calm, each of which must arrive. */
const LAST_BATCH = 10
const ARRIVE_WITHIN_MS = 10_000

const PUBLISH: Readonly<Record<Subscription, (client: SentinelRedis, text: string) => Promise<number>>> = {
  channel: (client, text) => client.publish('news', text),
  pattern: (client, text) => client.publish('weather.today', text),
  shard: (client, text) => client.spublish('shard', text) as Promise<number>
}

/** How many subscriptions of each kind the primary knows. */
const SUBSCRIBED: Readonly<Record<Subscription, (client: SentinelRedis) => Promise<number>>> = {
  channel: async (client) => Number(((await client.call('PUBSUB', 'NUMSUB', 'news')) as unknown[])[1]),
  pattern: async (client) => Number(await client.call('PUBSUB', 'NUMPAT')),
  shard: async (client) => Number(((await client.call('PUBSUB', 'SHARDNUMSUB', 'shard')) as unknown[])[1])
}

/** Publishes numbers in three ways, and writes down which are heard. */
export class PubSubLoad {
  readonly #publisher: SentinelRedis
  #number = 0
  #published = emptyLists<Published>()
  #heard = emptyLists<number>()
  #lastLossAt: number | null = null
  #running = false
  #ended: Promise<void> = Promise.resolve()

  private constructor(publisher: SentinelRedis, subscriber: SentinelRedis) {
    this.#publisher = publisher
    subscriber.on('message', (_channel, text) => this.#heard.channel.push(Number(text)))
    subscriber.on('pmessage', (_pattern, _channel, text) => this.#heard.pattern.push(Number(text)))
    subscriber.on('smessage', (_channel: string, text: string) => this.#heard.shard.push(Number(text)))
    subscriber.on('close', () => {
      this.#lastLossAt = performance.now()
    })
  }

  static async launch(publisher: SentinelRedis, subscriber: SentinelRedis): Promise<PubSubLoad> {
    const load = new PubSubLoad(publisher, subscriber)
    await subscriber.subscribe('news')
    await subscriber.psubscribe('weather.*')
    await subscriber.ssubscribe('shard')
    return load
  }

  begin(): void {
    this.#published = emptyLists()
    this.#heard = emptyLists()
    this.#lastLossAt = null
    this.#running = true
    this.#ended = this.#run()
  }

  async finish(): Promise<Readonly<Record<Subscription, Heard>>> {
    this.#running = false
    await this.#ended
    for (const kind of SUBSCRIPTIONS) {
      await until(
        `subscribed anew (${kind})`,
        ARRIVE_WITHIN_MS,
        async () => (await SUBSCRIBED[kind](this.#publisher)) === 1
      )
    }
    for (let index = 0; index < LAST_BATCH; index += 1) await this.#publish()
    const last = this.#number
    const arrived = (): boolean => SUBSCRIPTIONS.every((kind) => this.#heard[kind].includes(last))
    // The judge says which are missing.
    await until('the last message', ARRIVE_WITHIN_MS, arrived).catch(() => undefined)
    const record = (kind: Subscription): Heard => ({
      published: this.#published[kind],
      heard: this.#heard[kind],
      lastLossAt: this.#lastLossAt
    })
    return { channel: record('channel'), pattern: record('pattern'), shard: record('shard') }
  }

  async #run(): Promise<void> {
    while (this.#running) {
      await this.#publish()
      await sleep(PACE_MS)
    }
  }

  async #publish(): Promise<void> {
    const number = ++this.#number
    const issuedAt = performance.now()
    await Promise.all(
      SUBSCRIPTIONS.map(async (kind) => {
        const receivers = await PUBLISH[kind](this.#publisher, String(number)).catch(() => undefined)
        this.#published[kind].push({ number, receivers, issuedAt })
      })
    )
  }
}

function emptyLists<Item>(): Record<Subscription, Item[]> {
  return { channel: [], pattern: [], shard: [] }
}
