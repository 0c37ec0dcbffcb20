import { Redis } from 'ioredis'
import type { ChainableCommander, Command, RedisOptions, RedisStatus, ScanStreamOptions } from 'ioredis'
import { ConfigurationError } from './errors.js'
import type { FailoverTimeline, SentinelRedisEvents } from './events.js'
import { inspect } from 'node:util'
import { publish } from './observe/channels.js'
import { groupLogger } from './observe/log.js'
import type { ResolvedOptions, SentinelRedisOptions } from './options.js'
import { resolveOptions } from './options.js'
import type { Mapped, ReplyForm, ReplyMapping } from './options/reply-mapping.js'
import type { CallOptions } from './runtime/call.js'
import { CallTrace } from './runtime/call-trace.js'
import { Traced } from './runtime/traced.js'
import { checkedOptions, setOptions } from './runtime/call.js'
import { ClientCore } from './runtime/client-core.js'
import type { SentinelRedisStats } from './runtime/client-stats.js'
import { statsOf } from './runtime/client-stats.js'
import { issueAsOne, listenersTo, traceMember, tracePipeline } from './runtime/command-tracing.js'
import { ExactlyOnce } from './runtime/exactly-once.js'
import { ScriptTexts } from './runtime/exactly-once-scripts.js'
import { sessionFrom } from './runtime/give-session.js'
import { hideAccess } from './runtime/hide-secrets.js'
import type { FailoverOptions } from './runtime/handover/failover-options.js'
import { resolveFailover } from './runtime/handover/failover-options.js'
import type { PipelineStream } from './runtime/ioredis-internals.js'
import {
  connectionClosedError,
  connectorFor,
  endNow,
  endWhenAnswered,
  enterMonitorMode,
  forgetEnd,
  inFlightCount,
  interceptErrorEvents,
  interceptErrorReplies,
  isHandshake,
  keepSubscriptions,
  loseAtFatalError,
  passThrough,
  reconnectNow,
  reconnectsByItself,
  pipelineCommands,
  question,
  replaceable,
  replyForms,
  scriptText,
  databaseOf,
  viewOf
} from './runtime/ioredis-internals.js'
import { RestartingScanStream } from './runtime/scan-stream.js'
import type { TransactionConnection } from './runtime/transactions/transaction-connections.js'
import { TransactionConnections } from './runtime/transactions/transaction-connections.js'
import type { Transaction, TransactionOptions } from './runtime/transactions/transaction-types.js'
import { Transactions } from './runtime/transactions/transactions.js'
import { callApplication } from './runtime/uncaught.js'
import { untilReady } from './runtime/until-ready.js'
import { formatAddress } from './protocol/address.js'
import { AnsweredTokens } from './routing/exactly-once/answered-tokens.js'
import type { Topology } from './topology/topology.js'

/** How long close() lets commands in flight finish, in milliseconds. */
const FINISH_WITHIN_MS = 500

const CORE: unique symbol = Symbol('ioredis-sentinel.core')
const RESOLVED: unique symbol = Symbol('ioredis-sentinel.options')
const SELF: unique symbol = Symbol('ioredis-sentinel.self')
const VIEW: unique symbol = Symbol('ioredis-sentinel.view')
const END: unique symbol = Symbol('ioredis-sentinel.end')
const END_PARTS: unique symbol = Symbol('ioredis-sentinel.end-parts')
const ONCE: unique symbol = Symbol('ioredis-sentinel.once')
const TRANSACTIONS: unique symbol = Symbol('ioredis-sentinel.transactions')
const TOGETHER: unique symbol = Symbol('ioredis-sentinel.together')
const TRACED: unique symbol = Symbol('ioredis-sentinel.traced')

/** A client for the connection of a transaction: what it reads is the primary's, and it is nobody's but the transaction's. */
const FOR_TRANSACTIONS: Partial<SentinelRedisOptions> = {
  readFrom: 'primary',
  consistency: 'eventual',
  maxLagMs: undefined,
  zone: undefined,
  zones: undefined,
  lazyConnect: false,
  enableOfflineQueue: true,
  enableAutoPipelining: false,
  scripts: undefined,
  monitor: undefined,
  logger: undefined
}

/**
 * An ioredis client that follows the primary of a Sentinel group and reads from its replicas. Everything that ioredis's
 * `Redis` has works as there; what is added is said in the README.
 *
 * Constructor: options, or a `redis+sentinel://` URL, or a URL and options that override it. Throws ConfigurationError.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- ioredis types its events by overloads of on() and once(); the interface below puts ours before them.
export class SentinelRedis<Mapping extends ReplyMapping = 'legacy'> extends Redis<Mapping> {
  /** Written out, since bundlers rename classes. */
  static override readonly name: string = 'SentinelRedis'

  /** @internal */
  declare readonly [CORE]: ClientCore
  /** @internal */
  declare readonly [RESOLVED]: ResolvedOptions
  /** @internal The client, also on what with() returns. */
  declare readonly [SELF]: this
  /** @internal */
  declare readonly [TRACED]: Traced
  /** @internal On what with() returns: the options of each call. */
  declare readonly [VIEW]?: CallOptions
  /** @internal On what with({ exactlyOnce }) returns. */
  declare readonly [ONCE]?: ExactlyOnce

  /** @internal */
  readonly [TRANSACTIONS]: { readonly connections: TransactionConnections; readonly transactions: Transactions }

  readonly #answered = new AnsweredTokens()
  /** By which it follows its own connection. */
  readonly #own: Readonly<Record<'ready' | 'reconnecting' | 'end', (delayMs: number) => void>>
  readonly #scripts = new ScriptTexts()

  constructor(options: SentinelRedisOptions & Mapped<Mapping>)
  constructor(url: string, options: Partial<SentinelRedisOptions> & Mapped<Mapping>)
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- what may say `replyMapping`, or not, decides no type
  constructor(options: SentinelRedisOptions)
  constructor(url: string, options?: Partial<SentinelRedisOptions>)
  constructor(first: string | SentinelRedisOptions, second?: Partial<SentinelRedisOptions>) {
    const resolved = resolveOptions(first, second)
    const log = groupLogger(resolved.logger, resolved.name)
    const core = new ClientCore(resolved, log)
    const redisOptions: RedisOptions = {
      ...resolved.redis,
      Connector: connectorFor(core.source),
      lazyConnect: true,
      enableReadyCheck: false,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => core.pace.delayMs(attempt, performance.now())
    }
    super(redisOptions as RedisOptions & Mapped<Mapping>)
    // Libraries read it, and connect() copies of a lazy client themselves.
    this.options.lazyConnect = resolved.redis.lazyConnect ?? false
    this.options.name = resolved.name
    this.options.sentinels = resolved.sentinels.map(({ host, port }) => ({ host, port }))
    hideAccess(this.options, resolved, () => [...this[TRANSACTIONS].connections.credentials, ...core.watchCredentials])
    const traced = new Traced(this, resolved.name, () => core.dispatcher.database)
    // Passwords are among them: neither is printed, or copied by spread.
    Object.defineProperties(this, {
      [CORE]: { value: core },
      [RESOLVED]: { value: resolved },
      [SELF]: { value: this },
      [TRACED]: { value: traced }
    })
    if (resolved.withoutEffect.length > 0) {
      log.warn(
        { options: resolved.withoutEffect },
        'these ioredis options have no effect: retries and reconnects are this client’s own'
      )
    }
    core.bind(this, (name, ...args) => {
      // What befalls the group is told by the client whose connection this is.
      if (traced.client === this) publish(name, () => ({ client: this, group: resolved.name, event: args[0] }))
      callApplication(() => this.emit(name, ...args))
    })
    const connections = new TransactionConnections(() => connectionFor(this), resolved.maxTransactions)
    this[TRANSACTIONS] = {
      connections,
      transactions: new Transactions({
        group: resolved.name,
        client: this,
        core,
        connections,
        readOnlyCommands: resolved.readOnlyCommands,
        enableOfflineQueue: resolved.redis.enableOfflineQueue ?? true
      })
    }
    loseAtFatalError(this)
    interceptErrorReplies(this, (error, item) => core.refusedByPrimary(error, item))
    interceptErrorEvents(this, (error, emit) => {
      log.debug({ err: error }, 'the connection to the primary has an error')
      if (this.status === 'connect' || !isTransient(error)) emit()
    })
    this.#own = {
      ready: () => {
        keepSubscriptions(this)
        core.ready()
      },
      reconnecting: (delayMs: number) => {
        if (delayMs === 0) reconnectNow(this)
      },
      end: () => {
        // ioredis tells it a tick later, when connect() may have been called again.
        if (this.status === 'end') this[END_PARTS]()
      }
    }
    for (const [event, listener] of Object.entries(this.#own)) (this as NodeJS.EventEmitter).on(event, listener)
    if (resolved.redis.lazyConnect !== true) this.connect().catch(() => undefined)
  }

  /** As of any emitter, but for the three by which this client itself follows its connection. */
  override removeAllListeners(event?: string | symbol): this {
    if (event === undefined) super.removeAllListeners()
    else super.removeAllListeners(event)
    for (const [name, listener] of Object.entries(this[SELF].#own))
      if (event === undefined || event === name) (this as NodeJS.EventEmitter).on(name, listener)
    return this
  }

  /** The same as `new SentinelRedis()`, as in ioredis. */
  static override createClient<Mapping extends ReplyMapping>(
    options: SentinelRedisOptions & Mapped<Mapping>
  ): SentinelRedis<Mapping>
  static override createClient<Mapping extends ReplyMapping>(
    url: string,
    options: Partial<SentinelRedisOptions> & Mapped<Mapping>
  ): SentinelRedis<Mapping>
  static override createClient(options: SentinelRedisOptions): SentinelRedis
  static override createClient(url: string, options?: Partial<SentinelRedisOptions>): SentinelRedis
  static override createClient(...args: never[]): SentinelRedis
  static override createClient(
    first: SentinelRedisOptions | string,
    second?: Partial<SentinelRedisOptions>
  ): SentinelRedis {
    return typeof first === 'string' ? new SentinelRedis(first, second) : new SentinelRedis(first)
  }

  /** What this client believes about the group now. */
  get topology(): Topology {
    return this[CORE].topology
  }

  /** What it has done, and is doing. */
  stats(): SentinelRedisStats {
    return statsOf(this, this[CORE], this[TRANSACTIONS].connections)
  }

  /** What console.log(), util.inspect() and JSON.stringify() show of a client: no option, and so no password. */
  toJSON(): object {
    const { name, phase, primary, replicas, sentinels } = this.topology
    return {
      name,
      status: this.status,
      phase: phase.kind,
      primary: primary && formatAddress(primary.address),
      replicas: replicas.map(({ address }) => formatAddress(address)),
      sentinels: sentinels.map(({ key }) => key),
      held: this[CORE].dispatcher.heldNow,
      inFlight: inFlightCount(this)
    }
  }

  /** @internal */
  [inspect.custom](): string {
    return `${this.constructor.name} ${inspect(this.toJSON(), { breakLength: Infinity })}`
  }

  /**
   * Has `isWanted` asked before each call, pipeline or transaction of this client, in the caller's own turn; those for which it gives
   * true are told on the tracing channel `ioredis-sentinel:command-wanted`, and for the others nothing is made. What it throws is
   * uncaught, and the call is not told. Returns what ends it.
   */
  offerCalls(isWanted: () => boolean): () => void {
    return this[TRACED].offers.add(isWanted)
  }

  /**
   * Credentials have changed, or are about to: asks the functions of `credentials` and `sentinelCredentials` for them now, and has all
   * live connections, of all clients of the process that were given the same functions, authenticated by them. Resolves when they are; one
   * that waits in a blocking call or in a MULTI is as soon as that is over, and not waited for. A RESP2 connection with subscriptions is
   * made anew, and `subscription-gap` tells what that cost. Rejects with AccessError when a function fails or a server refuses what it
   * gave: connections stay what they were. Rejects with ConfigurationError when there is no such function.
   */
  async reauthenticate(): Promise<void> {
    await this[CORE].reauthenticate()
  }

  /**
   * Resolves when the primary is connected and verified. Rejects after `connectDeadlineMs` with SentinelsUnreachableError
   * (whose causes name each sentinel) or NoPrimaryError, and at once when all sentinels know no such name; the client goes
   * on trying until it is closed.
   */
  override connect(callback?: (error?: Error | null) => void): Promise<void> {
    const core = this[CORE]
    forgetEnd(this)
    core.start()
    const byItself = reconnectsByItself(this)
    const started = super.connect()
    const promise = byItself ? started : untilReady(this, core, started, this[RESOLVED].connectDeadlineMs)
    if (callback !== undefined)
      promise.then(() => {
        callback(null)
      }, callback)
    return promise
  }

  /** Lets commands in flight finish for up to half a second, then closes every socket and timer. Calls that wait are rejected. */
  async close(): Promise<void> {
    if (this.status === 'end') return
    const ended = new Promise<void>((resolve) =>
      this.once('end', () => {
        resolve()
      })
    )
    if (this.autoPipelineQueueSize > 0) await autoPipelined()
    await drain(this)
    this[END]()
    await ended
  }

  /**
   * As close(), after all calls that were made before it have been answered, or have ended by their deadlines, also those that wait for a
   * primary; a blocking call is not waited for. It is over before `end` is emitted, as in ioredis.
   */
  override async quit(callback?: (error?: Error | null, result?: 'OK') => void): Promise<'OK'> {
    await drainAndEnd(this)
    callback?.(null, 'OK')
    return 'OK'
  }

  async quitBuffer(callback?: (error?: Error | null, result?: Buffer) => void): Promise<Buffer> {
    await drainAndEnd(this)
    const ok = Buffer.from('OK')
    callback?.(null, ok)
    return ok
  }

  /**
   * Takes no more calls and closes every socket and timer, at once when nothing is in flight. The primary is told that no more will come
   * first, if there is: it answers that and closes, and has half a second for it. With `true` only the connection to the primary is
   * closed, and made anew.
   */
  override disconnect(reconnect = false): void {
    if (reconnect) {
      // It is being made anew already, and ioredis would end for good.
      if (this.status !== 'connecting') super.disconnect(true)
      return
    }
    const core = this[CORE]
    const { connections } = this[TRANSACTIONS]
    // What a `connect` listener issued is written before the client is ready.
    const answered = !(this.status === 'ready' || this.status === 'connect') || !core.hasInFlight
    if (answered && !connections.busy) {
      this[END]()
      return
    }
    if (!answered) endWhenAnswered(this)
    void Promise.all([core.finish(FINISH_WITHIN_MS), connections.drain()]).then(() => {
      // It may have been ended, and connected again, by then.
      if (core.dispatcher.refuses) this[END]()
    })
  }

  /** @internal At once; also of the client that with() was called on. */
  [END](): void {
    this[END_PARTS]()
    endNow(this)
  }

  /** @internal */
  [END_PARTS](): void {
    this[CORE].stop(connectionClosedError())
    const { connections, transactions } = this[TRANSACTIONS]
    connections.end()
    transactions.end(connectionClosedError())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Another client of the same kind, with the same options but those given. */
  override duplicate<Other extends ReplyMapping>(
    override: Partial<SentinelRedisOptions> & Mapped<Other>
  ): SentinelRedis<Other>
  override duplicate(override?: Partial<SentinelRedisOptions>): SentinelRedis<Mapping>
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what ioredis's own signature gives for options it knows
  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override): Redis<any>
  override duplicate(override?: object): object {
    return new SentinelRedis({ ...this[RESOLVED].given, ...override })
  }

  /**
   * The same client seen with other options for each call made through it: `with({ idempotent: true }).incr('hits')`. The
   * view shares connections, queue and order with the client. Throws ConfigurationError for an unknown option, or a wrong value.
   */
  with(options: CallOptions): SentinelRedis<Mapping> {
    const checked = checkedOptions(options, this[RESOLVED].name)
    const once = this.#once(checked)
    const view = Object.create(this, {
      ...viewOf(this),
      [VIEW]: { value: checked },
      [ONCE]: { value: once },
      ...(once !== undefined && {
        multi: replaceable((...args: Parameters<Redis['multi']>) => once.multi(super.multi.apply(view, args)))
      }),
      sendCommand: replaceable((command: Command, stream?: unknown) => {
        if (once !== undefined) return once.send(command)
        setOptions(command, checked)
        return this.sendCommand(command, stream)
      }),
      connect: replaceable((callback?: () => void) => this.connect(callback)),
      disconnect: replaceable((reconnect?: boolean) => {
        this.disconnect(reconnect)
      }),
      [END]: {
        value: () => {
          this[END]()
        }
      },
      with: replaceable((more: CallOptions) => this.with({ ...options, ...more }))
    }) as SentinelRedis<Mapping>
    return view
  }

  /**
   * A small text for `with({ session })` of any client of this group, in any process: its reads see all writes that were acknowledged
   * before this call, by this client or others. At most 48 characters, which may stand in a URL, a header or a cookie as they are. It
   * asks the primary for INFO replication, in order with the writes, and waits and is retried as any read of the primary. Rejects as
   * such a call does, with NoPrimaryError when the node turns out to be none, and with ConfigurationError while a MULTI is open.
   */
  async session(): Promise<string> {
    if (this[CORE].dispatcher.inTransaction)
      throw new ConfigurationError('session() was called between multi() and exec(); allowed is before or after')
    // In small letters it would pass for a part of the greeting, and go out before writes that wait.
    const asked = question('INFO', 'replication')
    this.sendCommand(asked)
    return sessionFrom((await asked.promise) as string, this[RESOLVED].name)
  }

  /**
   * Runs the callback with a connection to the primary of its own: what it reads by `tx` is watched, and what it puts into
   * `tx.multi() … .exec()` is executed only if none of that was changed meanwhile. Else the callback is run again, as it is after a
   * failover before EXEC: it should do nothing beside that could not be done twice. Resolves with what the callback gives. What it throws is
   * thrown as it is, and nothing is executed. `deadlineMs`, `signal`, `durability`, `idempotent` and `exactlyOnce` of with() hold for the whole.
   *
   * Rejects with ConflictError when others were faster in each of `attempts` runs, with DeadlineError, and with
   * UnknownOutcomeError when the connection was lost after EXEC had been written: it is not run again, unless it is `idempotent`, or `exactlyOnce` and the
   * primary says that it was not executed.
   */
  transaction<Result>(
    callback: (tx: Transaction<Mapping>) => Promise<Result> | Result,
    options?: TransactionOptions
  ): Promise<Result> {
    return this[TRANSACTIONS].transactions.run(callback, options, this[VIEW] ?? {}, this[ONCE])
  }

  #once(options: CallOptions): ExactlyOnce | undefined {
    if (options.exactlyOnce === undefined || options.exactlyOnce === false) return undefined
    const { dispatcher } = this[CORE]
    const { keyPrefix } = this.options
    return new ExactlyOnce(
      {
        group: this[RESOLVED].name,
        keyPrefix,
        forms: replyForms(this.options),
        deadlineMs: () => dispatcher.deadlineMs,
        sourceOf: (sha) => scriptText(this, sha),
        scripts: this.#scripts,
        readOnlyCommands: this[RESOLVED].readOnlyCommands,
        watching: () => dispatcher.watching,
        answered: this.#answered,
        send: (command) => void this.sendCommand(command)
      },
      options
    )
  }

  /** @internal */
  override sendCommand(command: Command, stream?: unknown): unknown {
    const pipeline = stream as PipelineStream | undefined
    if (pipeline === undefined && isHandshake(this, command)) {
      if (command.name === 'select') this[CORE].dispatcher.greet(command)
      if (!this[CORE].greeting.settles(command)) passThrough(this, command)
      if (command.name === 'select') this[CORE].dispatcher.useDatabase(databaseOf(this))
    } else {
      if (isSelectInOtherLetters(command.name)) command.name = 'select'
      command.setReplyContext(this.condition)
      if (command.name === 'monitor') enterMonitorMode(this, command)
      const { dispatcher, gaps } = this[CORE]
      if (gaps.open) gaps.issued(command)
      const trace = this.#trace(command, pipeline)
      dispatcher.dispatch(command, pipeline)
      trace?.issued()
    }
    return command.promise
  }

  /** What ioredis sends by itself to be subscribed again is told nobody. That is asked last: it is what most calls would pay for nothing. */
  #trace(command: Command, pipeline: PipelineStream | undefined): CallTrace | undefined {
    const { [TRACED]: traced, [CORE]: core } = this
    if (pipeline === undefined) {
      const listeners = listenersTo(traced)
      if (listeners === 0 || core.dispatcher.subscribesAnew(command)) return undefined
      return CallTrace.ofCall(traced, listeners, command)
    }
    return core.dispatcher.subscribesAnew(command) ? undefined : traceMember(traced, command, pipeline)
  }

  /** @internal */
  [TOGETHER](commands: readonly Command[]): void {
    issueAsOne(this[TRACED], commands, (command) => void this.sendCommand(command))
  }

  override pipeline(commands?: unknown[][]): ChainableCommander<ReplyForm<Mapping>> {
    const options = this[VIEW]
    return pipelineCommands(super.pipeline(commands), (queue, stream) => {
      if (options !== undefined) for (const command of queue) setOptions(command, options)
      const once = this[ONCE]
      const trace = once === undefined ? tracePipeline(this[TRACED], queue, stream) : undefined
      const asReads = this[CORE].dispatcher.dispatchReads(queue, stream)
      if (!asReads) once?.sendAll(queue)
      trace?.issued()
      return asReads || once !== undefined
    })
  }

  /** When its cursor is lost with the connection to the primary, it begins again and emits `restart`; so do the other scan streams. */
  override scanStream(options?: ScanStreamOptions): RestartingScanStream {
    return new RestartingScanStream(this, { command: 'scan' }, options)
  }

  override scanBufferStream(options?: ScanStreamOptions): RestartingScanStream {
    return new RestartingScanStream(this, { command: 'scan', buffers: true }, options)
  }

  override hscanStream(key: string, options?: ScanStreamOptions): RestartingScanStream {
    return new RestartingScanStream(this, { command: 'hscan', key }, options)
  }

  override hscanBufferStream(key: string, options?: ScanStreamOptions): RestartingScanStream {
    return new RestartingScanStream(this, { command: 'hscan', key, buffers: true }, options)
  }

  override sscanStream(key: string, options?: ScanStreamOptions): RestartingScanStream {
    return new RestartingScanStream(this, { command: 'sscan', key }, options)
  }

  override sscanBufferStream(key: string, options?: ScanStreamOptions): RestartingScanStream {
    return new RestartingScanStream(this, { command: 'sscan', key, buffers: true }, options)
  }

  override zscanStream(key: string, options?: ScanStreamOptions): RestartingScanStream {
    return new RestartingScanStream(this, { command: 'zscan', key }, options)
  }

  override zscanBufferStream(key: string, options?: ScanStreamOptions): RestartingScanStream {
    return new RestartingScanStream(this, { command: 'zscan', key, buffers: true }, options)
  }
}

function connectionFor(client: AnySentinelRedis): TransactionConnection {
  const redis = new SentinelRedis({ ...client[RESOLVED].given, ...FOR_TRANSACTIONS })
  redis[TRACED].belongsTo(client[TRACED])
  const { credentials } = redis[RESOLVED].node
  return {
    redis,
    core: redis[CORE],
    credentials: typeof credentials === 'function' ? undefined : credentials,
    sendTogether: (commands) => {
      redis[TOGETHER](commands)
    },
    close: () => redis.close(),
    end: () => {
      redis[END]()
    }
  }
}

async function drainAndEnd(client: AnySentinelRedis): Promise<void> {
  if (client.status === 'end') return
  if (client.autoPipelineQueueSize > 0) await autoPipelined()
  await Promise.all([client[CORE].settled(), client[TRANSACTIONS].transactions.settled()])
  await drain(client)
  client[END]()
}

/** What ioredis's `enableAutoPipelining` has collected is issued at the end of this turn of the event loop. */
function autoPipelined(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function drain(client: AnySentinelRedis): Promise<void> {
  await Promise.all([client[CORE].drain(FINISH_WITHIN_MS), client[TRANSACTIONS].connections.drain()])
}

/** ioredis and this client go by `select`; asked of every call. */
function isSelectInOtherLetters(name: string): boolean {
  return name.length === 6 && name !== 'select' && name.toLowerCase() === 'select'
}

function isTransient(error: Error): boolean {
  return 'syscall' in error || error.message === connectionClosedError().message
}

export interface SentinelRedis<Mapping extends ReplyMapping = 'legacy'> {
  on: OnEvent<this> & OnIoredisEvent<this>
  once: OnEvent<this> & OnIoredisEvent<this>
  /**
   * A planned failover: `coordinated` (the default) stops all writes at the primary until every replica that may be promoted has
   * them, has a sentinel promote one, and sends the clients of the old primary away; `manual` is SENTINEL FAILOVER alone. Resolves
   * with the report of it. Rejects with FailoverFailedError, whose `primary` says how things stand, having undone what can be
   * undone. One at a time. Throws ConfigurationError for a wrong option. With words instead of an object it is ioredis's own: the
   * server's command FAILOVER, which sentinels know nothing of.
   */
  failover: ((options?: FailoverOptions) => Promise<FailoverTimeline>) & Redis<Mapping>['failover']
}

/** A client whatever the form of its replies. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- no other argument takes both
export type AnySentinelRedis = SentinelRedis<any>

const { failover: ioredisFailover } = Redis.prototype as unknown as {
  readonly failover: (this: Redis, ...args: unknown[]) => unknown
}

// A method of the class could not have both kinds of signatures.
SentinelRedis.prototype.failover = function (this: SentinelRedis, ...args: unknown[]): unknown {
  const [options] = args
  if (typeof options === 'string') return ioredisFailover.apply(this, args)
  return this[CORE].failover(resolveFailover(options as FailoverOptions | undefined))
} as SentinelRedis['failover']

/** As ioredis declares on() and once(), which give the client itself: a type that is taken from `Redis` gives a `Redis`. */
interface OnIoredisEvent<Client> {
  (event: 'message', listener: (channel: string, message: string) => void): Client
  (event: 'messageBuffer', listener: (channel: Buffer, message: Buffer) => void): Client
  (event: 'pmessage', listener: (pattern: string, channel: string, message: string) => void): Client
  (event: 'pmessageBuffer', listener: (pattern: string, channel: Buffer, message: Buffer) => void): Client
  (event: 'error', listener: (error: Error) => void): Client
  (event: RedisStatus, listener: () => void): Client
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as ioredis has it
  (event: string | symbol, listener: (...args: any[]) => void): Client
}

type OnEvent<Client> = <Name extends keyof SentinelRedisEvents>(
  event: Name,
  listener: SentinelRedisEvents[Name]
) => Client
