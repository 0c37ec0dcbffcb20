import type { SentinelRedis, SubscriptionGap } from 'ioredis-sentinel'
import { setTimeout as sleep } from 'node:timers/promises'

/** A message that the server took: published at some moment between the two. */
export interface Published {
  readonly id: string
  readonly issuedAt: number
  readonly ackedAt: number
}

/** Publishes all the time, one after the other; what failed may or may not have been sent, and is left out. */
export class Publisher {
  readonly taken: Published[] = []
  readonly #publish: (id: string) => Promise<unknown>
  #going = true
  readonly #done: Promise<void>

  constructor(publish: (id: string) => Promise<unknown>) {
    this.#publish = publish
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#going = false
    await this.#done
  }

  async #run(): Promise<void> {
    for (let n = 0; this.#going; n += 1) {
      const [id, issuedAt] = [String(n), Date.now()]
      await this.#publish(id).then(
        () => this.taken.push({ id, issuedAt, ackedAt: Date.now() }),
        () => undefined
      )
      await sleep(1)
    }
  }
}

/** What one client hears: by a channel, by a pattern that fits the same messages, and by a shard channel. */
export class Listener {
  readonly heard: Readonly<Record<'channel' | 'pattern' | 'shard', string[]>> = { channel: [], pattern: [], shard: [] }
  readonly gaps: SubscriptionGap[] = []
  readonly client: SentinelRedis

  constructor(client: SentinelRedis) {
    this.client = client
    client.on('message', (_channel, message) => this.heard.channel.push(message))
    client.on('pmessage', (_pattern, _channel, message) => this.heard.pattern.push(message))
    client.on('smessage', (_channel: string, message: string) => this.heard.shard.push(message))
    client.on('subscription-gap', (gap) => this.gaps.push(gap))
  }

  async listen(): Promise<void> {
    await Promise.all([this.client.subscribe('news'), this.client.psubscribe('new?'), this.client.ssubscribe('shard')])
  }

  /** How it stands, for who looks into a failure. */
  describe(by: string): string {
    const { options, status, topology } = this.client
    const seen = { status, topology, stats: this.client.stats(), gaps: this.gaps.slice(-3) }
    return `${by} of RESP${options.protocol}: ${JSON.stringify(seen)}`
  }

  /** The messages that it missed without having told of a gap. `earlierMs`: by so much a gap may have begun before it says. */
  unexplained(taken: readonly Published[], heard: readonly string[], earlierMs = 0): Published[] {
    const known = new Set(heard)
    return taken.filter(
      ({ id, issuedAt, ackedAt }) =>
        !known.has(id) && !this.gaps.some(({ fromAt, untilAt }) => issuedAt <= untilAt && ackedAt >= fromAt - earlierMs)
    )
  }
}

/** In the order in which they were published, none of them twice. */
export function isInOrder(heard: readonly string[]): boolean {
  const ids = heard.map(Number)
  return ids.every((id, index) => index === 0 || id > (ids[index - 1] as number))
}
