import { Redis } from 'ioredis'
import type { Address } from 'ioredis-sentinel/testkit'
import { formatAddress } from '../../src/protocol/address.js'
import { isSentinelChannel } from '../../src/protocol/channels.js'
import { parseEvent, type SentinelEvent } from '../../src/protocol/parse-event.js'
import { preciseNow } from '../lib/pace.js'
import type { Moment } from '../../src/cli/report/moments.js'

const RECONNECT_MS = 100

/** Writes down all that the sentinels publish, by one plain connection to each: it owes nothing to the client under test. */
export class SentinelEvents {
  readonly moments: Moment[] = []
  readonly #links: Redis[] = []
  #stopped = false
  /** Who a run id is, for votes. */
  readonly #names = new Map<string, string>()

  /** Resolves when every sentinel is listened to. */
  async listen(sentinels: readonly Address[]): Promise<void> {
    await Promise.all(sentinels.map((address) => this.#listenTo(address)))
  }

  stop(): void {
    this.#stopped = true
    for (const link of this.#links) link.disconnect()
  }

  async #listenTo({ host, port }: Address): Promise<void> {
    const link = new Redis({ host, port, lazyConnect: true, retryStrategy: () => RECONNECT_MS })
    const who = `sentinel ${formatAddress({ host, port })}`
    const note = (what: string, detail?: string): void => {
      const at = preciseNow()
      if (!this.#stopped) this.moments.push({ at, who, what, ...(detail !== undefined && { detail }) })
    }
    this.#links.push(link)
    link.on('error', () => undefined)
    link.on('pmessage', (_pattern, channel, message) => note(channel, this.#detail(channel, message)))
    await link.connect()
    await this.#learnName(link, who)
    await link.psubscribe('*')
    let lost = false
    link.on('close', () => {
      if (!lost) note('connection lost')
      lost = true
    })
    link.on('ready', () => {
      lost = false
      note('connected again')
    })
  }

  async #learnName(link: Redis, who: string): Promise<void> {
    // Before Redis 6.2 there is no such command, and votes name run ids.
    const id = await link.call('SENTINEL', 'MYID').catch(() => undefined)
    if (typeof id === 'string') this.#names.set(id, who)
  }

  #detail(channel: string, message: string): string | undefined {
    return isSentinelChannel(channel) ? this.#describe(parseEvent(channel, message)) : message
  }

  #describe(event: SentinelEvent): string | undefined {
    switch (event.kind) {
      case 'instance': {
        const primary = event.role === 'replica' ? ` of ${formatAddress(event.primary)}` : ''
        const more = event.detail === undefined ? '' : `, ${event.detail}`
        return `${event.role} ${formatAddress(event.address)}${primary}${more}`
      }
      case 'switch':
        return `${formatAddress(event.from)} -> ${formatAddress(event.to)}`
      case 'epoch':
        return `epoch ${event.epoch}`
      case 'vote':
        return `for ${this.#names.get(event.leaderId) ?? event.leaderId}, epoch ${event.epoch}`
      case 'unparsed':
        return event.message
      case 'tilt':
        return undefined
    }
  }
}
