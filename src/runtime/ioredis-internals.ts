import { AbstractConnector, Command, Redis, ReplyError } from 'ioredis'
import type { ChainableCommander, RedisOptions } from 'ioredis'
import { tracingChannel } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import type { AnyRedis } from './any-redis.js'
import { ConfigurationError } from '../errors.js'
import type { Credentials } from '../protocol/handshake.js'
import type { ReplyForms } from '../routing/exactly-once/reply.js'

/**
 * All that this library needs of ioredis beyond its public API, in one file. Checked against ioredis 6.0.0 (`built/Redis.js`,
 * `built/redis/event_handler.js`, `built/DataHandler.js`, `built/Pipeline.js`) by the suite's tests on real servers, test/live/drop-in.test.ts above all.
 */
interface Internals {
  /** The connection's socket. */
  stream: Socket | undefined
  commandQueue: Queue
  offlineQueue: Queue
  /** Undefined before the first connection. */
  condition: Condition | null | undefined
  /** Of the connection before this one, until this one is ready. */
  prevCondition?: Condition | null
  manuallyClosing: boolean
  retryAttempts: number
  reconnectTimeout: NodeJS.Timeout | null
  connector: AbstractConnector
  handleReconnection: (error: Error, item: InFlight) => void
  silentEmit: (event: string, argument?: unknown) => boolean
  setStatus: (status: string, argument?: unknown) => void
  flushQueue: (error: Error) => void
  recoverFromFatalError: (commandError: Error, error: Error) => void
}

interface Queue {
  readonly length: number
  peekFront(): InFlight | undefined
  peekAt(index: number): InFlight | undefined
  shift(): InFlight | undefined
  push(item: InFlight): void
}

interface Condition {
  select: number
  /** What the greeting of this connection carries. */
  auth: string | readonly [username: string, password: string] | undefined
  handshake: boolean
  protocol: 2 | 3
  subscriber: false | { channels(kind: keyof SubscriptionNames): string[]; isEmpty(): boolean }
}

/** By the command that makes them. */
export interface SubscriptionNames {
  readonly subscribe: readonly string[]
  readonly psubscribe: readonly string[]
  readonly ssubscribe: readonly string[]
}

/** A command written to the socket, its reply outstanding. */
export interface InFlight {
  readonly command: Command
  readonly stream: PipelineStream | undefined
  readonly select: number
}

/** The stand-in stream by which a Pipeline collects its commands into one write. */
export interface PipelineStream {
  readonly isPipeline: true
  readonly destination: { redis: AnyRedis }
  /** Of whoever traces it. */
  batch?: unknown
  /** Collects what is written; when each command of the pipeline has written, all of it goes to the socket. */
  write(data: string | Buffer): void
}

function internals(redis: AnyRedis): Internals {
  return redis as unknown as Internals
}

/** ioredis's own sendCommand, past whatever a subclass puts in front of it. */
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with a `this` of its own below
const plainSend = Redis.prototype.sendCommand as (this: AnyRedis, command: Command, stream?: unknown) => unknown

/**
 * Writes a command to the socket of `redis`. False when ioredis could not write and queued it instead: it is taken out of
 * that queue again, so that the caller's queue stays the only one.
 */
export function writeCommand(redis: AnyRedis, command: Command, stream?: PipelineStream): boolean {
  if (isPlain(command.name) && writePlainly(redis, command, stream)) return true
  plainSend.call(redis, countedAnew(command), stream)
  const { offlineQueue } = internals(redis)
  if (offlineQueue.length === 0) return true
  while (offlineQueue.shift() !== undefined);
  return false
}

/** What is answered once for each channel, and has been written. */
const COUNTED = new WeakSet<Command>()
const STANDS_FOR = new WeakMap<Command, Command>()

/**
 * ioredis counts the answers to a command for several channels, by its object, and goes on counting when that is written again after a
 * connection was lost between two of them: then the last answers would be taken for those to the commands behind it
 * (`built/DataHandler.js`). Another object stands for it from the second time on.
 */
function countedAnew(command: Command): Command {
  if (command.args.length === 1 || !command.name.toLowerCase().endsWith('subscribe')) return command
  if (!COUNTED.has(command)) {
    COUNTED.add(command)
    return command
  }
  const standIn = Object.create(command) as Command
  STANDS_FOR.set(standIn, command)
  return standIn
}

function meant(command: Command): Command {
  return STANDS_FOR.get(command) ?? command
}

function meantBy(item: InFlight): InFlight {
  const command = STANDS_FOR.get(item.command)
  return command === undefined ? item : { ...item, command }
}

/**
 * What ioredis's sendCommand (`built/Redis.js`) comes to for a plain command on a ready connection, without its questions about all
 * that such a command is not: they cost as much as all of this library. False, and nothing done, when one of them might matter.
 */
function writePlainly(redis: AnyRedis, command: Command, pipeline: PipelineStream | undefined): boolean {
  const { stream, condition, commandQueue } = internals(redis)
  const { commandTimeout, socketTimeout, himportFieldsets } = redis.options as ConnectionHabits
  const isSpecial = commandTimeout !== undefined || socketTimeout !== undefined || himportFieldsets !== undefined
  if (isSpecial || redis.status !== 'ready' || !condition || stream?.writable !== true) return false
  if (IS_DEBUGGED || TRACED.hasSubscribers !== false || (condition.subscriber !== false && condition.protocol !== 3))
    return false
  command.setReplyContext(condition)
  if (pipeline === undefined) stream.write(command.toWritable(stream))
  else pipeline.write(command.toWritable(internals(pipeline.destination.redis).stream ?? stream))
  commandQueue.push({ command, stream: pipeline, select: condition.select })
  return true
}

interface ConnectionHabits {
  readonly commandTimeout?: number
  readonly socketTimeout?: number
  readonly himportFieldsets?: unknown
}

/** ioredis's own channel; before Node 20.13 it cannot tell whether anybody listens. */
const TRACED = tracingChannel('ioredis:command') as { readonly hasSubscribers?: boolean }
const IS_DEBUGGED = process.env['DEBUG'] !== undefined && process.env['DEBUG'] !== ''

const PLAIN = new Map<string, boolean>()
/** Callers may make names up. */
const MOST_NAMES = 1_000

/** ioredis does nothing with such a command but write it: it neither blocks nor changes the state of the connection. */
function isPlain(name: string): boolean {
  const known = PLAIN.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  const plain =
    !SPECIAL.has(lower) &&
    SPECIAL_FLAGS.every((flag) => !Command.checkFlag(flag, lower)) &&
    !lower.includes('subscribe')
  if (PLAIN.size < MOST_NAMES) PLAIN.set(name, plain)
  return plain
}

const SPECIAL: ReadonlySet<string> = new Set(['select', 'himport', 'monitor', 'reset'])
const SPECIAL_FLAGS = ['BLOCKING_COMMANDS', 'WILL_DISCONNECT', 'HANDSHAKE_COMMANDS'] as const

/** ioredis's own sendCommand, with its own queue: for handshakes. */
export function passThrough(redis: AnyRedis, command: Command, stream?: PipelineStream): void {
  plainSend.call(redis, command, stream)
}

/** ioredis is greeting the server, and this is one of its greetings, which it never puts into a pipeline. */
export function isHandshake(redis: AnyRedis, command: Command): boolean {
  return redis.status === 'connect' && internals(redis).condition?.handshake === true && HANDSHAKE.has(command.name)
}

const HANDSHAKE: ReadonlySet<string> = new Set(['auth', 'hello', 'select', 'client', 'readonly', 'info'])

/**
 * ioredis takes itself for monitoring a tick after the answer to MONITOR; what a busy server sends in one packet with that
 * answer it would take for answers that nobody asked for.
 */
export function enterMonitorMode(redis: AnyRedis, command: Command): void {
  const { resolve } = command
  command.resolve = (answer) => {
    ;(redis as { status: string }).status = 'monitoring'
    resolve(answer)
  }
}

/** Its next answer, an error apart, goes to the hook first; true means that the hook took the command over. */
export function interceptAnswer(command: Command, hook: () => boolean): void {
  const { resolve } = command
  command.resolve = (answer) => {
    command.resolve = resolve
    if (!hook()) resolve(answer)
  }
}

/** ioredis's `commandTimeout` does not hold for it, wherever it is set: here, or by ioredis when it is written (`built/Redis.js`). */
export function exemptFromTimeout(command: Command): void {
  command.setTimeout = () => undefined
}

/** ioredis's `blockingTimeout` counts the time that a blocking command waits to be written, too. */
export function limitBlocking(redis: AnyRedis, command: Command): void {
  const { blockingTimeout } = redis.options
  if (blockingTimeout !== undefined && Command.checkFlag('BLOCKING_COMMANDS', command.name))
    command.setBlockingTimeout(blockingTimeout)
}

/**
 * Told once, when the call is settled: with what it was rejected with, or nothing. To be called before its caller is given its promise; whether
 * anybody handles its rejection stays as it was. By a promise of its own, and not in place of `resolve`: with a second function there V8 gives up
 * to put the first into the loop over replies, for all calls and for good (2 % of each).
 */
export function onSettled(command: Command, tell: (error?: unknown) => void): void {
  const told = command.promise.then(
    (value: unknown) => {
      tell()
      return value
    },
    (error: unknown) => {
      tell(error)
      throw error
    }
  )
  command.promise = told
  // The callback is told by the promise before.
  if (command['callback'] != null) told.catch(() => undefined)
}

/** The same of one whose promise somebody has already, and handles: a member of a pipeline. */
export function onMemberSettled(command: Command, tell: (error?: unknown) => void): void {
  command.promise.then(() => {
    tell()
  }, tell)
}

/** Under RESP2 a subscribed connection takes nothing but subscriptions; ioredis refuses the rest by itself. */
export function inSubscriberMode(redis: AnyRedis): boolean {
  const { condition } = internals(redis)
  return Boolean(condition?.subscriber) && condition?.protocol !== 3
}

/** ioredis lets a subscribed connection under RESP2 send it. */
export function isForSubscribers({ name }: Command): boolean {
  return Command.checkFlag('VALID_IN_SUBSCRIBER_MODE', name)
}

/** What the connection is subscribed to: told before ioredis hears that it closed. */
export function subscriptionsOf(redis: AnyRedis): SubscriptionNames {
  const subscriber = internals(redis).condition?.subscriber
  if (!subscriber) return { subscribe: [], psubscribe: [], ssubscribe: [] }
  return {
    subscribe: subscriber.channels('subscribe'),
    psubscribe: subscriber.channels('psubscribe'),
    ssubscribe: subscriber.channels('ssubscribe')
  }
}

/**
 * ioredis takes a connection for no subscriber any more when the server counts no channel, or no shard channel, though there are some of the
 * other kind: their messages are then lost (`built/DataHandler.js`). To be called on each connection before there is anything to hear.
 */
export function keepSubscriptions(redis: AnyRedis): void {
  const { condition } = internals(redis)
  if (!condition) return
  let { subscriber } = condition
  Object.defineProperty(condition, 'subscriber', {
    get: () => subscriber,
    set: (next: Condition['subscriber']) => {
      if (next !== false || subscriber === false || subscriber.isEmpty()) subscriber = next
    },
    enumerable: true,
    configurable: true
  })
}

export function protocolOf(redis: AnyRedis): 2 | 3 | undefined {
  return internals(redis).condition?.protocol
}

/** The database the connection has selected, commands on their way included. */
export function databaseOf(redis: AnyRedis): number {
  return internals(redis).condition?.select ?? redis.options.db ?? 0
}

/** The database that the greeting of the next connection selects. ioredis by itself selects that of its options there, and the former one when it is ready, after commands that came in between. */
export function chooseDatabase(redis: AnyRedis, db: number): void {
  const { condition, prevCondition } = internals(redis)
  if (condition) condition.select = db
  if (prevCondition) prevCondition.select = db
}

export function inFlightCount(redis: AnyRedis): number {
  return internals(redis).commandQueue.length
}

export function oldestInFlight(redis: AnyRedis): Command | undefined {
  const oldest = internals(redis).commandQueue.peekFront()
  return oldest === undefined ? undefined : meant(oldest.command)
}

/** The oldest has index 0. */
export function inFlightAt(redis: AnyRedis, index: number): InFlight | undefined {
  const item = internals(redis).commandQueue.peekAt(index)
  return item === undefined ? undefined : meantBy(item)
}

/** The command is among those in flight. */
export function holdsInFlight(redis: AnyRedis, command: Command): boolean {
  const { commandQueue } = internals(redis)
  for (let i = 0; i < commandQueue.length; i++) {
    const item = commandQueue.peekAt(i)
    if (item !== undefined && meant(item.command) === command) return true
  }
  return false
}

/** The commands in flight, the oldest first; they stay ioredis's. */
export function listInFlight(redis: AnyRedis): InFlight[] {
  const { commandQueue } = internals(redis)
  const items: InFlight[] = []
  for (let i = 0; i < commandQueue.length; i++) {
    const item = commandQueue.peekAt(i)
    if (item !== undefined) items.push(meantBy(item))
  }
  return items
}

/** Takes all commands in flight away from ioredis, which then neither sends them again nor forgets them. */
export function takeInFlight(redis: AnyRedis): InFlight[] {
  const { commandQueue, offlineQueue } = internals(redis)
  const items: InFlight[] = []
  for (const queue of [commandQueue, offlineQueue]) {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(meantBy(item))
  }
  return items
}

/** The same, from a connection that is ended in the midst of what it has just read: replies that still come in it are nobody's. */
export function disownInFlight(redis: AnyRedis): InFlight[] {
  const items = takeInFlight(redis)
  for (const { stream, select } of items) {
    const nobody = question('ping')
    nobody.promise.catch(() => undefined)
    internals(redis).commandQueue.push({ command: nobody, stream, select })
  }
  return items
}

/** Error replies come here first; true means that the hook took the command over and it stays unsettled. */
export function interceptErrorReplies(redis: AnyRedis, hook: (error: Error, item: InFlight) => boolean): void {
  const target = internals(redis)
  const settle = target.handleReconnection.bind(redis)
  target.handleReconnection = (error, item) => {
    hidePassword(error)
    if (!hook(error, meantBy(item))) settle(error, item)
  }
}

/** ioredis reports trouble on connections by 'error' events, and on the console when nobody listens; the hook decides instead. */
export function interceptErrorEvents(redis: AnyRedis, hook: (error: Error, emit: () => void) => void): void {
  const target = internals(redis)
  const emit = target.silentEmit.bind(redis)
  target.silentEmit = (event, argument) => {
    if (event !== 'error' || !(argument instanceof Error)) return emit(event, argument)
    hidePassword(argument)
    hook(argument, () => {
      if (redis.listenerCount('error') > 0) emit(event, argument)
    })
    return true
  }
}

/**
 * A reply that is no RESP, or a greeting that is refused: ioredis rejects all that is in flight with that error, whatever it is, and connects anew
 * (`built/Redis.js`). Here only the connection is ended by it, and what is in flight is lost with it as with any other.
 */
export function loseAtFatalError(redis: AnyRedis): void {
  const target = internals(redis)
  target.recoverFromFatalError = (_commandError, error) => {
    target.stream?.destroy()
    target.silentEmit('error', error)
  }
}

/** The user and password of the greeting on the connection that is being made. */
export function greetWith(redis: AnyRedis, { username, password }: Credentials): void {
  const { condition } = internals(redis)
  if (!condition) return
  condition.auth = password === undefined || username === undefined ? password : [username, password]
}

/** ioredis leaves the command with its arguments on error replies: those of these hold passwords. */
function hidePassword(error: Error & { command?: { name: string; args: unknown } }): void {
  const { command } = error
  if (command !== undefined && /^(hello|auth|acl|config|migrate)$/i.test(command.name)) command.args = []
}

/** Ends the instance for good: no reconnect, no socket, status `end`. */
export function endNow(redis: AnyRedis): void {
  const target = internals(redis)
  const { status } = redis
  if (status === 'end') return
  target.manuallyClosing = true
  if (target.reconnectTimeout !== null) {
    clearTimeout(target.reconnectTimeout)
    target.reconnectTimeout = null
  }
  target.connector.disconnect()
  // Between connections there is no socket whose close would end it.
  if (status === 'wait' || status === 'reconnecting' || status === 'close') {
    target.manuallyClosing = false
    target.setStatus('end')
    target.flushQueue(new Error(CONNECTION_CLOSED))
  }
}

/** Sends what is written and then the end of it; when the server has answered that, and closes, the instance ends for good. */
export function endWhenAnswered(redis: AnyRedis): void {
  const target = internals(redis)
  target.manuallyClosing = true
  target.stream?.end()
}

/** It is connecting anew since its own wait is over, and nobody called connect(). */
export function reconnectsByItself(redis: AnyRedis): boolean {
  return redis.status === 'reconnecting' && internals(redis).reconnectTimeout === null
}

/** Ends ioredis's wait before it connects anew: the shortest that it can wait is a millisecond. */
export function reconnectNow(redis: AnyRedis): void {
  const target = internals(redis)
  if (redis.status !== 'reconnecting' || target.reconnectTimeout === null) return
  clearTimeout(target.reconnectTimeout)
  target.reconnectTimeout = null
  redis.connect().catch(() => undefined)
}

/** To be called before connecting an ended instance: one that was ended before it had a socket would take the next loss of a connection for that end. */
export function forgetEnd(redis: AnyRedis): void {
  if (redis.status === 'end' || redis.status === 'wait') internals(redis).manuallyClosing = false
}

/** The words of ioredis `utils` CONNECTION_CLOSED_ERROR_MSG; libraries compare them. */
const CONNECTION_CLOSED = 'Connection is closed.'

export function connectionClosedError(): Error {
  return new Error(CONNECTION_CLOSED)
}

/** The words of ioredis `Redis` sendCommand(). */
const OFFLINE_QUEUE_DISABLED = "Stream isn't writeable and enableOfflineQueue options is false"

export function offlineQueueDisabledError(reasons: readonly string[]): Error {
  return new Error(OFFLINE_QUEUE_DISABLED, { cause: `calls would wait: ${reasons.join(', ')}` })
}

const EMITTER_METHODS = [
  ...(['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners'] as const),
  ...(['prependListener', 'prependOnceListener', 'setMaxListeners', 'emit'] as const)
]

/**
 * What an object made by Object.create(redis) must have so as to be another face of the same client: listeners are the client's
 * (an emitter counts them on itself), and its batches of automatic pipelining are its own.
 */
export function viewOf(redis: AnyRedis): PropertyDescriptorMap {
  const emitting = EMITTER_METHODS.map((name): [string, PropertyDescriptor] => [
    name,
    replaceable(function (this: AnyRedis, ...args: unknown[]): unknown {
      const result = (redis[name] as (...args: unknown[]) => unknown).apply(redis, args)
      return result === redis ? this : result
    })
  ])
  return {
    ...Object.fromEntries(emitting),
    _autoPipelines: replaceable(new Map()),
    _runningAutoPipelines: replaceable(new Set())
  }
}

/** What a Proxy may show bound, as BullMQ's does, and a tracer may put its own in the place of. */
export function replaceable(value: unknown): PropertyDescriptor {
  return { value, writable: true, configurable: true }
}

/** Where the sockets of one ioredis instance come from. */
export interface SocketSource {
  /** Resolves with a connected socket to a node of the right role, however long it takes; rejects only when closed. */
  next(signal: AbortSignal): Promise<Socket>
}

/**
 * A Connector class for ioredis that takes its sockets from `source`, and destroys rather than ends them. It is in `redis.options`, and for
 * one instance alone: another made of the same options would take the first one's sockets.
 */
export function connectorFor(source: SocketSource): NonNullable<RedisOptions['Connector']> {
  let isTaken = false
  return class TopologyConnector extends AbstractConnector {
    /** Where other connectors of ioredis have them; agents that watch applications read them there. */
    readonly options: unknown
    #abort = new AbortController()

    constructor(options: unknown) {
      super(0)
      if (isTaken)
        throw new ConfigurationError(
          'new Redis() was given the options of a SentinelRedis, by which it would take that client’s connection; allowed is duplicate() of the client, which takes other options too'
        )
      isTaken = true
      this.options = options
    }

    override async connect(): Promise<Socket> {
      this.connecting = true
      this.#abort = new AbortController()
      const { signal } = this.#abort
      const socket = await source.next(signal)
      if (signal.aborted) {
        socket.destroy()
        throw connectionClosedError()
      }
      this.stream = socket
      return socket
    }

    override disconnect(): void {
      this.connecting = false
      this.#abort.abort()
      this.stream?.destroy()
    }
  }
}

/**
 * Shows a pipeline's commands to `route` when it is executed, all together and before any is sent; when that returns true the
 * pipeline has been sent. ioredis itself gives them to sendCommand one by one.
 */
export function pipelineCommands(
  pipeline: ChainableCommander,
  route: (commands: readonly Command[], stream: PipelineStream) => boolean
): ChainableCommander {
  const target = pipeline as unknown as PipelineInternals
  const client = target.redis
  let routed: boolean | undefined
  target.redis = Object.create(client, {
    sendCommand: {
      value: (command: Command, stream: PipelineStream) => {
        if (stream?.isPipeline !== true) return client.sendCommand(command, stream)
        if (command.pipelineIndex === 0) routed = route(target._queue, stream)
        return routed === true ? command.promise : client.sendCommand(command, stream)
      }
    }
  }) as AnyRedis
  return pipeline
}

/** How an instance with these options gives what RESP3 tells apart and RESP2 does not (`built/DataHandler.js`). */
export function replyForms(options: RedisOptions): ReplyForms {
  const stringNumbers = options.stringNumbers === true
  if (options.protocol === 2) return { stringNumbers, doubles: 'bytes', native: false }
  const native = options.replyMapping === 'resp3'
  return { stringNumbers, native, doubles: stringNumbers ? 'text' : native ? 'number' : 'bytes' }
}

/** The keys of a command. ioredis makes up arguments where a key is missing, which cannot be written. */
export function keysIn(command: Command): (string | Buffer)[] {
  const { length } = command.args
  const keys = command.getKeys()
  if (command.args.length > length) command.args.length = length
  return keys.filter((key) => (key as unknown) !== undefined)
}

/** The text of a script that defineCommand or the `scripts` option has made, by its SHA1. */
export function scriptText(redis: AnyRedis, sha: string): string | undefined {
  const { scriptsSet } = redis as unknown as { scriptsSet: Readonly<Record<string, { sha: string; lua: string }>> }
  return Object.values(scriptsSet).find((script) => script.sha === sha)?.lua
}

interface PipelineInternals {
  redis: AnyRedis
  readonly _queue: readonly Command[]
}

/**
 * A script of defineCommand() goes out as text once a connection, and as its SHA1 from then on; ioredis decides it when it
 * writes (`built/Script.js`). One whose text was refused unread (LOADING) would be unknown as SHA1: it stays text.
 */
export function keepScriptText(command: Command): void {
  if (command.name === 'eval' && command.constructor.name === 'CustomScriptCommand')
    command.toWritable = (socket) => Command.prototype.toWritable.call(command, socket)
}

/** An error reply to this command as ioredis gives it, with a cause. */
export function replyError(message: string, { name, args }: Command, cause: Error): Error {
  const error = new (ReplyError as new (message: string) => Error)(message)
  return Object.assign(error, { command: { name, args }, cause })
}

/**
 * Has a script of defineCommand() go out as text, whatever the connection was given before, and as if the connection had not been given it: in a
 * MULTI the text is read when EXEC is executed, if it is, and the SHA1 would be unknown from then on.
 */
export function sendScriptText(command: Command): void {
  if (command.constructor.name !== 'CustomScriptCommand') return
  const writable = command.toWritable.bind(command)
  command.toWritable = () => writable({})
}

/** Of a command that was written and is never sent again: whoever looks at what is in flight sees no password. */
export function forgetArguments(command: Command): void {
  command.args = []
}

/** A command of this library's own, to be written by writeCommand(). */
export function question(name: string, ...args: (string | Buffer | number)[]): Command {
  return new Command(name, args, { replyEncoding: 'utf8' })
}
