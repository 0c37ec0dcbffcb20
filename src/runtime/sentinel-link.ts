import { EventEmitter } from 'eventemitter3'
import { Redis } from 'ioredis'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import { isSentinelChannel, SENTINEL_CHANNELS } from '../protocol/channels.js'
import type { SentinelEvent } from '../protocol/parse-event.js'
import { parseEvent } from '../protocol/parse-event.js'
import type { Snapshot } from '../protocol/parse-reply.js'
import { parseGroupNames, parseSnapshot } from '../protocol/parse-reply.js'
import { backoffMs } from './backoff.js'
import { endNow, interceptErrorEvents, protocolOf } from './ioredis-internals.js'

export interface SentinelSettings {
  readonly username: string | undefined
  readonly password: string | undefined
  readonly tls: ConnectionOptions | undefined
  /** For the connection and for each answer. */
  readonly timeoutMs: number
  readonly family: number | undefined
}

interface LinkEvents {
  /** Connected, subscribed, and it has told its run id. */
  up: (id: string) => void
  down: (reason: Error) => void
  event: (event: SentinelEvent) => void
}

const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 2_000

/**
 * One connection to one sentinel: it subscribes and asks on the same socket (RESP3), comes back by itself for ever, and takes
 * a sentinel that does not answer in time for lost.
 */
export class SentinelLink extends EventEmitter<LinkEvents> {
  /** `host:port` as this process reaches it. */
  readonly key: string
  readonly address: Address
  readonly #redis: Redis
  readonly #timeoutMs: number
  #id: string | undefined
  #lastError: Error | undefined
  #greeting: NodeJS.Timeout | undefined

  constructor(address: Address, serverName: string, settings: SentinelSettings) {
    super()
    this.address = address
    this.key = formatAddress(address)
    this.#timeoutMs = settings.timeoutMs
    const { username, password, tls, family } = settings
    this.#redis = new Redis({
      host: address.host,
      port: address.port,
      ...(family === undefined ? {} : { family }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls: { ...(isIP(serverName) === 0 ? { servername: serverName } : {}), ...tls } }),
      connectionName: 'ioredis-sentinel',
      disconnectTimeout: 0,
      retryStrategy: (attempt) => backoffMs(attempt - 1, FIRST_RETRY_MS, LONGEST_RETRY_MS),
      maxRetriesPerRequest: null,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      lazyConnect: true
    })
    interceptErrorEvents(this.#redis, (error) => {
      this.#lastError = error
    })
    // ioredis limits the time for connecting, not for the greeting's answer; a frozen server accepts connections.
    this.#redis.on('connecting', () => {
      clearTimeout(this.#greeting)
      this.#greeting = setTimeout(() => {
        this.#drop(this.#late())
      }, this.#timeoutMs)
    })
    this.#redis.on('ready', () => {
      clearTimeout(this.#greeting)
      this.#begin().catch((error: unknown) => {
        this.#drop(error instanceof Error ? error : new Error(String(error)))
      })
    })
    this.#redis.on('close', () => {
      clearTimeout(this.#greeting)
      this.#id = undefined
      const reason = this.#lastError ?? new Error('the sentinel closed the connection')
      this.#lastError = undefined
      this.emit('down', reason)
    })
    this.#redis.on('message', (channel: string, message: string) => {
      if (isSentinelChannel(channel)) this.emit('event', parseEvent(channel, message))
    })
  }

  /** The sentinel's run id while the link is up. */
  get id(): string | undefined {
    return this.#id
  }

  open(): void {
    if (this.#redis.status === 'wait' || this.#redis.status === 'end') this.#redis.connect().catch(() => undefined)
  }

  close(): void {
    this.removeAllListeners()
    // ioredis tells it a tick late, and the timer would outlive the link.
    this.#redis.removeAllListeners('connecting')
    clearTimeout(this.#greeting)
    endNow(this.#redis)
  }

  /** What it says about one group. Rejects when it does not answer in time (the link is then dropped), or answers nonsense. */
  async ask(group: string): Promise<Snapshot> {
    const ask = (...words: string[]): Promise<unknown> =>
      this.#redis.call('SENTINEL', ...words).catch((error: unknown) => error)
    // The epoch before the address: if the sentinel moves on in between, it is the new address with an old epoch, which is
    // outdated at worst; the other way round a new epoch would vouch for the old address.
    const [id, primary, primaryAddress, replicas, sentinels, info] = await this.#answer(
      Promise.all([
        ask('MYID'),
        ask('MASTER', group),
        ask('GET-MASTER-ADDR-BY-NAME', group),
        ask('REPLICAS', group),
        ask('SENTINELS', group),
        this.#redis.info('sentinel').catch(() => undefined)
      ])
    )
    if (primaryAddress instanceof Error) throw primaryAddress
    return parseSnapshot({ id: this.#id ?? id, primaryAddress, primary, replicas, sentinels, info })
  }

  /** The answer to one SENTINEL command; an error reply rejects, and leaves the link as it is. */
  async command(words: readonly string[]): Promise<unknown> {
    return this.#answer(this.#redis.call('SENTINEL', ...words))
  }

  /** The names of all groups it knows. */
  async groupNames(): Promise<readonly string[]> {
    return parseGroupNames(await this.#answer(this.#redis.call('SENTINEL', 'MASTERS')))
  }

  async #begin(): Promise<void> {
    const asked = this.#redis.call('SENTINEL', 'MYID')
    // Polling goes on where events cannot be had: under RESP2 a subscribed connection takes no questions, and a user may lack the right.
    const subscribed =
      protocolOf(this.#redis) === 3 ? this.#redis.subscribe(...SENTINEL_CHANNELS).catch(ignoreRefusal) : undefined
    const [id] = await this.#answer(Promise.all([asked, subscribed]))
    this.#id = String(id)
    this.emit('up', this.#id)
  }

  async #answer<Reply>(reply: Promise<Reply>): Promise<Reply> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = this.#late()
        this.#drop(error)
        reject(error)
      }, this.#timeoutMs)
    })
    try {
      return await Promise.race([reply, late])
    } finally {
      clearTimeout(timer)
    }
  }

  #late(): Error {
    return new Error(`the sentinel does not answer within ${this.#timeoutMs} ms`)
  }

  #drop(reason: Error): void {
    this.#lastError = reason
    if (this.#redis.status !== 'end') this.#redis.disconnect(true)
  }
}

/** A sentinel that refuses the subscription is asked instead; a broken connection is noticed by the question beside it. */
function ignoreRefusal(): void {
  /* nothing is owed to anybody */
}
