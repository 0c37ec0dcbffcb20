import type { RedisOptions } from 'ioredis'
import type { Socket } from 'node:net'
import type { AnyRedis } from '../any-redis.js'
import type { Address, Route } from '../../protocol/address.js'
import type { Arg } from '../../routing/arg.js'
import type { FeedNode } from '../../routing/subscribe-policy.js'
import type { SubscriptionKind } from '../../routing/subscriptions.js'
import { markWritten } from '../call.js'
import { onHeard } from '../dial.js'
import {
  connectionClosedError,
  endNow,
  forgetArguments,
  inFlightCount,
  inSubscriberMode,
  interceptErrorEvents,
  keepSubscriptions,
  question,
  writeCommand
} from '../ioredis-internals.js'
import { authenticateLive } from '../live-credentials.js'
import { Liveness } from '../liveness.js'
import type { NodeSettings, OpenNode } from '../open-node.js'
import { openNode } from '../open-node.js'
import type { OpenError } from '../open-socket.js'
import { OpenNodeError } from '../open-socket.js'
import { redisBeside } from '../redis-beside.js'
import { SideConnection } from '../side-connection.js'
import { SilenceWatch } from '../silence.js'
import { writeByTick } from '../tick-writer.js'

export interface FeedOptions {
  readonly redis: RedisOptions
  readonly node: NodeSettings
  readonly reach: (node: FeedNode) => Route
  readonly suspectAfterMs: number
  readonly hopelessAfterMs: () => number
  readonly downAfterMs: () => number
  readonly onRole: (address: Address, role: 'primary' | 'replica') => void
}

/** A message as it came; `parts` are the arguments of ioredis's event. */
export interface Heard {
  readonly kind: SubscriptionKind
  /** The channel or the pattern that it was subscribed to by. */
  readonly name: string
  readonly parts: readonly (string | Buffer)[]
}

export interface FeedHandler {
  onHeard(heard: Heard, feed: Feed): void
  /** The connection is gone, and does not come back. */
  onEnd(feed: Feed): void
}

const NOBODY: FeedHandler = { onHeard: () => undefined, onEnd: () => undefined }

/** A connection on which the node has nothing to do, while it answers on others, is given up after this long a silence. */
const GRACE_MS = 500

/** One connection to one node that subscriptions are made on, for as long as it lasts. */
export class Feed {
  readonly node: FeedNode
  readonly redis: AnyRedis
  handler = NOBODY
  readonly #options: FeedOptions
  readonly #socket: Socket
  readonly #silence: SilenceWatch
  readonly #liveness: Liveness
  /** How often credentials had been renewed when those of this connection were asked for. */
  #renewals: number
  #ended = false

  private constructor(node: FeedNode, { socket, clientId, renewals }: OpenNode, options: FeedOptions) {
    this.node = node
    this.#options = options
    this.#socket = socket
    this.#renewals = renewals
    const redisOptions = { ...options.redis }
    // It is the call's own time that counts, not that of what is asked for it here.
    delete redisOptions.commandTimeout
    this.redis = redisBeside(redisOptions, { next: () => Promise.resolve(socket) }, () => null)
    this.#silence = new SilenceWatch(this.redis, options.suspectAfterMs, options.hopelessAfterMs, {
      onSilent: () => {
        this.#liveness.suspect()
      },
      onAnswer: () => undefined,
      onHopeless: () => {
        if (this.#liveness.working) return false
        socket.destroy()
        return true
      }
    })
    this.#liveness = new Liveness(
      this.redis,
      options.downAfterMs,
      {
        heardAt: () => this.#silence.heardAt,
        ping: () => {
          this.ask('ping').catch(() => undefined)
        },
        openSide: (signal) => SideConnection.open(options.reach(node), options.node, signal),
        onDead: () => {
          socket.destroy()
        }
      },
      { graceMs: GRACE_MS }
    )
    interceptErrorEvents(this.redis, () => undefined)
    this.#listen(socket)
    this.#liveness.attach(clientId)
  }

  /** Connects and greets. Rejects with OpenNodeError, also when the node has another role, and when aborted. */
  static async open(node: FeedNode, options: FeedOptions, signal: AbortSignal): Promise<Feed> {
    const route = options.reach(node)
    const open = await openNode(route, options.node, signal)
    const { socket, role } = open
    if (role !== 'sentinel') options.onRole(node.address, role)
    if (role !== node.role) {
      socket.destroy()
      throw new OpenNodeError('alien', route, `is no ${node.role}, but a ${role}`)
    }
    const feed = new Feed(node, open, options)
    const giveUp = (): void => {
      socket.destroy()
    }
    const timer = setTimeout(giveUp, options.node.connectTimeoutMs)
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      await feed.redis.connect()
      keepSubscriptions(feed.redis)
      return feed
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
    }
  }

  get ended(): boolean {
    return this.#ended
  }

  /** When something was last heard on it: performance.now(). */
  get heardAt(): number {
    return this.#silence.heardAt
  }

  /** Rejects when the connection breaks, and not before `ended` says so: any other error is the node's answer. */
  ask(name: string, ...args: readonly Arg[]): Promise<unknown> {
    const command = question(name, ...args)
    markWritten(command, Math.floor(performance.now()))
    if (this.#ended) command.reject(connectionClosedError())
    else if (writeCommand(this.redis, command)) this.#silence.expectAnswer()
    else {
      // It cannot be written to any more, and is about to be closed.
      this.#socket.once('close', () => {
        command.reject(connectionClosedError())
      })
      this.#socket.destroy()
    }
    if (name === 'auth') forgetArguments(command)
    return command.promise
  }

  /** Credentials have been renewed since, and the node does not know. */
  get isOutdated(): boolean {
    return this.#options.node.access.credentials.renewals !== this.#renewals
  }

  /** Tells the node of new credentials. A connection that takes nothing but subscriptions (RESP2) ends instead: the next one is greeted with them. */
  async authenticate(onLate: (error: OpenError) => void): Promise<void> {
    const { node, reach } = this.#options
    this.#renewals = node.access.credentials.renewals
    const authenticate = (words: readonly string[]): Promise<unknown> | 'none' => {
      if (!this.#ended && !inSubscriberMode(this.redis)) return this.ask('auth', ...words)
      this.#socket.destroy()
      return 'none'
    }
    await authenticateLive({ route: reach(this.node), authenticate }, node.access, node.connectTimeoutMs, onLate)
  }

  /** The handler is not told. */
  close(): void {
    if (this.#ended) return
    this.#end()
    endNow(this.redis)
  }

  #listen(socket: Socket): void {
    writeByTick(socket, () => inFlightCount(this.redis) === 0)
    this.#silence.attach()
    onHeard(socket, () => {
      this.#silence.heard()
    })
    socket.once('close', () => {
      if (this.#ended) return
      this.#end()
      this.handler.onEnd(this)
    })
    this.redis.on('messageBuffer', (channel: Buffer, message: Buffer) => {
      this.#hears('subscribe', channel, [channel, message])
    })
    this.redis.on('pmessageBuffer', (pattern: string, channel: Buffer, message: Buffer) => {
      this.#hears('psubscribe', pattern, [pattern, channel, message])
    })
    this.redis.on('smessageBuffer', (channel: Buffer, message: Buffer) => {
      this.#hears('ssubscribe', channel, [channel, message])
    })
  }

  #hears(kind: SubscriptionKind, name: string | Buffer, parts: readonly (string | Buffer)[]): void {
    if (!this.#ended) this.handler.onHeard({ kind, name: name.toString(), parts }, this)
  }

  #end(): void {
    this.#ended = true
    this.#silence.reset()
    this.#liveness.reset()
  }
}
