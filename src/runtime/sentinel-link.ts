import { EventEmitter } from 'eventemitter3'
import { Redis } from 'ioredis'
import type { Socket } from 'node:net'
import { AccessError } from '../errors.js'
import { refusedAccess, withoutArguments } from '../protocol/access.js'
import type { Address, Route } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import { isSentinelChannel, SENTINEL_CHANNELS } from '../protocol/channels.js'
import type { SentinelEvent } from '../protocol/parse-event.js'
import { parseEvent } from '../protocol/parse-event.js'
import type { Snapshot } from '../protocol/parse-reply.js'
import { parseGroupNames, parseSnapshot } from '../protocol/parse-reply.js'
import { authWords } from '../protocol/handshake.js'
import type { Access } from './access.js'
import { accessError } from './access-errors.js'
import { backoffMs, orAborted, pause } from './backoff.js'
import {
  connectionClosedError,
  connectorFor,
  endNow,
  greetWith,
  interceptErrorEvents,
  protocolOf
} from './ioredis-internals.js'
import { isOpenError, OpenNodeError, openSocket, socketTrouble } from './open-socket.js'

export interface SentinelSettings {
  readonly access: Access
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
  readonly #route: Route
  readonly #redis: Redis
  readonly #settings: SentinelSettings
  readonly #timeoutMs: number
  #id: string | undefined
  #lastError: Error | undefined
  #greeting: NodeJS.Timeout | undefined
  /** Those who wait for an answer on the present connection. */
  readonly #waiting = new Set<(reason: Error) => void>()
  /** How often credentials had been renewed when those of this connection were asked for. */
  #renewals = 0

  constructor(route: Route, settings: SentinelSettings) {
    super()
    this.#route = route
    this.address = route.reached
    this.key = formatAddress(route.reached)
    this.#settings = settings
    this.#timeoutMs = settings.timeoutMs
    this.#redis = new Redis({
      Connector: connectorFor({ next: (signal) => this.#connect(signal) }),
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
      this.#lastError = this.#trouble(error)
    })
    this.#redis.on('ready', () => {
      clearTimeout(this.#greeting)
      settings.access.credentials.accepted()
      this.#begin().catch((error: unknown) => {
        this.#drop(this.#trouble(error))
      })
    })
    this.#redis.on('close', () => {
      clearTimeout(this.#greeting)
      this.#id = undefined
      const reason = this.#lastError ?? new Error('the sentinel closed the connection')
      const { current } = settings.access.credentials
      if (reason instanceof AccessError && current !== undefined) settings.access.credentials.refused(current)
      this.#lastError = undefined
      for (const giveUp of this.#waiting) giveUp(reason)
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
    clearTimeout(this.#greeting)
    endNow(this.#redis)
  }

  /** Authenticates the connection anew, if there is one. Rejects with AccessError when that is refused; it stays what it was then. */
  async authenticate(): Promise<void> {
    const { current, renewals } = this.#settings.access.credentials
    if (this.#id === undefined || current?.password === undefined) return
    this.#renewals = renewals
    const [, ...words] = authWords(current)
    try {
      await this.#answer(this.#redis.call('AUTH', ...words))
    } catch (error) {
      const trouble = this.#trouble(error)
      if (trouble instanceof AccessError) throw trouble
    }
  }

  /** A connected socket, however long it takes; each attempt that fails is told. */
  async #connect(signal: AbortSignal): Promise<Socket> {
    const { access, family, timeoutMs } = this.#settings
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) throw connectionClosedError()
      try {
        this.#renewals = access.credentials.renewals
        const credentials = await orAborted(Promise.resolve(access.credentials.get()), signal)
        const tls = await orAborted(Promise.resolve(access.tls(this.#route)), signal)
        const socket = await openSocket(
          this.#route,
          tls,
          { access, family, noDelay: true, connectTimeoutMs: timeoutMs },
          signal
        )
        greetWith(this.#redis, credentials)
        // A frozen server accepts connections.
        clearTimeout(this.#greeting)
        this.#greeting = setTimeout(() => {
          this.#drop(this.#late())
        }, timeoutMs)
        return socket
      } catch (error) {
        if (!signal.aborted) this.emit('down', this.#trouble(error))
      }
      await pause(backoffMs(attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS), signal)
    }
  }

  /** In words that name the sentinel. */
  #trouble(error: unknown): Error {
    if (isOpenError(error)) return error
    if (!(error instanceof Error)) return new Error(String(error))
    const words = withoutArguments(error.message)
    const reason = refusedAccess(words)
    const { hop } = this.#settings.access
    if (reason !== undefined) return accessError({ hop, reason, route: this.#route, what: `answers "${words}"` })
    if (words !== error.message) return new OpenNodeError('alien', this.#route, `answers "${words}"`)
    const ofSocket = error as NodeJS.ErrnoException
    return ofSocket.code === undefined ? error : socketTrouble(this.#route, this.#settings.access, ofSocket, true)
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
    for (const answer of [id, primaryAddress, primary, replicas, sentinels])
      if (answer instanceof Error && refusedAccess(answer.message) !== undefined) throw this.#trouble(answer)
    // Without a connection ioredis refuses in words of its own.
    if (primaryAddress instanceof Error)
      throw this.#redis.status === 'ready' ? primaryAddress : new Error('there is no connection to the sentinel')
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
    if (this.#settings.access.credentials.renewals !== this.#renewals)
      this.authenticate().catch((error: unknown) => {
        this.#drop(this.#trouble(error))
      })
    this.emit('up', this.#id)
  }

  /** Rejects when it does not come in time, or the connection breaks: ioredis settles nothing then that it does not send again. */
  async #answer<Reply>(reply: Promise<Reply>): Promise<Reply> {
    let giveUp: (reason: Error) => void = () => undefined
    const none = new Promise<never>((_, reject) => {
      giveUp = reject
    })
    this.#waiting.add(giveUp)
    const timer = setTimeout(() => {
      const error = this.#late()
      this.#drop(error)
      giveUp(error)
    }, this.#timeoutMs)
    try {
      return await Promise.race([reply, none])
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(giveUp)
    }
  }

  #late(): Error {
    return new Error(`the sentinel does not answer within ${this.#timeoutMs} ms`)
  }

  /** Ends the present connection. While the next one is made there is none: ioredis would take that for the wish to have no more. */
  #drop(reason: Error): void {
    const { status } = this.#redis
    if (status !== 'connect' && status !== 'ready') return
    this.#lastError = reason
    this.#redis.disconnect(true)
  }
}

/** A sentinel that refuses the subscription is asked instead; a broken connection is noticed by the question beside it. */
function ignoreRefusal(): void {
  /* nothing is owed to anybody */
}
