import type { Command } from 'ioredis'
import type { AnyRedis } from './any-redis.js'
import type { Address } from '../protocol/address.js'
import type { Arg } from '../routing/arg.js'
import { subscriptionChangeOf } from '../routing/subscriptions.js'
import type { Call } from './call.js'
import { markLost, optionsOf, sequenceOf, setOptions, writtenAt } from './call.js'
import { CallConditions } from './call-conditions.js'
import { CallRecovery } from './call-recovery.js'
import { isHarmless, mayRunTwice } from './call-repeat.js'
import { DeadlineSweep } from './deadline-sweep.js'
import { DispatcherContext } from './dispatcher-context.js'
import type { DispatcherCounts, DispatcherHost, DispatcherOptions } from './dispatcher-host.js'
import { DurabilityWaits } from './durability-waits.js'
import type { Gate, HoldReason } from './gate.js'
import { HeldQueue, sizeOf } from './held-queue.js'
import type { InFlight, PipelineStream } from './ioredis-internals.js'
import {
  connectionClosedError,
  exemptFromTimeout,
  inFlightCount,
  inSubscriberMode,
  isForSubscribers,
  listInFlight,
  passThrough,
  sendScriptText,
  subscriptionsOf
} from './ioredis-internals.js'
import type { OpenSocket } from './open-node.js'
import { PrimaryLine } from './primary-line.js'
import { PrimaryPath } from './primary-path.js'
import { ReadPath } from './read-path.js'
import type { ReplicaConnection } from './replica-connection.js'
import type { Session } from './session.js'
import { mayHaveRun, transactionOf } from './transaction.js'

/** Whoever pauses a primary to replace it makes it a replica within a moment of the promotion. */
const PAUSED_FOR_MS = 250

/**
 * The one place that decides what becomes of a command: to a replica, to the primary, held, sent again, or failed. Nothing
 * else in this library retries a command.
 */
export class Dispatcher {
  readonly #primary: AnyRedis
  readonly #options: DispatcherOptions
  readonly #host: DispatcherHost
  readonly #context: DispatcherContext
  readonly #session: Session
  readonly #held: HeldQueue
  /** Reads that only a replica may answer, while there is none. */
  readonly #readsWaiting: HeldQueue
  /** What begins or ends subscriptions that are not on the client's own connection, and is not answered. */
  readonly subscriptionsWaiting: HeldQueue
  readonly #gate: Gate
  readonly #line: PrimaryLine
  readonly #path: PrimaryPath
  readonly #reads: ReadPath
  readonly #recovery: CallRecovery
  readonly #deadlines: DeadlineSweep
  readonly #durability: DurabilityWaits
  readonly #conditions: CallConditions

  constructor(primary: AnyRedis, options: DispatcherOptions, host: DispatcherHost) {
    this.#primary = primary
    this.#options = options
    this.#host = host
    const context = new DispatcherContext(primary, options, host)
    this.#context = context
    this.#session = context.session
    this.#held = new HeldQueue(options.maxQueuedCommands, options.maxQueuedBytes)
    this.#readsWaiting = new HeldQueue(options.maxQueuedCommands, options.maxQueuedBytes)
    this.subscriptionsWaiting = new HeldQueue(options.maxQueuedCommands, options.maxQueuedBytes)
    this.#line = new PrimaryLine(primary, options, {
      onDown: () => {
        this.#gate.hold('connection')
      },
      onSilent: () => {
        this.#gate.hold('silence')
      },
      onAnswer: () => {
        this.#gate.release('silence')
      },
      onHopeless: () => {
        host.onHopeless()
      },
      onDead: (why) => {
        host.onDead(why)
      },
      ping: () => {
        // Of all questions a subscriber under RESP2 may ask this one.
        const pinged = inSubscriberMode(primary) ? this.#line.ask('ping') : this.ask('ping')
        pinged?.catch(() => undefined)
      },
      openSide: (address, signal) => host.openSide(address, signal),
      onLost: (items, address) => {
        this.#gate.release('silence')
        this.#durability.connectionLost()
        if (context.closed === undefined) host.onLost(address)
        context.readPipelines.comeBack(items)
        this.#recovery.lost(items, address)
        this.#reads.leavePrimary()
      }
    })
    this.#durability = new DurabilityWaits({
      primary: () => this.#line.connection,
      open: (address, signal) => host.openSide(address, signal)
    })
    this.#conditions = new CallConditions({
      errors: context.errors,
      durability: this.#durability,
      overwrites: context.overwrites,
      withdraw: (call, errorAt) => this.#withdraw(call, errorAt),
      unblock: (call) => (this.#isNext(call) ? this.#line.unblock() : Promise.resolve(false)),
      repeat: (call) => {
        if (context.closed !== undefined || transactionOf(call) !== undefined || !mayRunTwice(call)) return false
        if (context.overwrites.has(call)) return false
        markLost(call)
        this.#path.again([call])
        return true
      }
    })
    this.#deadlines = new DeadlineSweep(
      {
        held: this.#held,
        reads: this.#readsWaiting,
        subscriptions: this.subscriptionsWaiting,
        connections: () => [primary, ...host.readers()],
        standardMs: options.deadlineMs
      },
      {
        onHeldTooLong: (call, deadlineMs) => {
          this.#path.fail(call, this.#heldTooLong(call, deadlineMs))
        },
        onReadHeldTooLong: (call, deadlineMs) => {
          call.reject(context.errors.noReplica(call, deadlineMs))
        },
        onSubscriptionTooLong: (call, deadlineMs) => {
          const { errors } = context
          if (writtenAt(call) !== undefined) call.reject(errors.unanswered(call, deadlineMs, undefined))
          else if (options.subscribeTo === 'replica') call.reject(errors.noReplica(call, deadlineMs))
          else call.reject(errors.waitedTooLong(call, deadlineMs, [], host.whyNotReady()))
        },
        onUnanswered: (call, deadlineMs, connection) => {
          const endpoint = connection === primary ? this.#line.address : undefined
          call.reject(
            isHarmless(call) ? context.errors.unanswered(call, deadlineMs, endpoint) : context.unknown(call, endpoint)
          )
        }
      }
    )
    this.#path = new PrimaryPath(context, this.#line, this.#deadlines, this.#held)
    this.#gate = this.#path.gate
    this.#reads = new ReadPath(context, this.#path, this.#conditions, this.#deadlines, this.#readsWaiting, this.#held)
    this.#recovery = new CallRecovery(context, this.#path, this.#line, this.#held)
  }

  get counts(): DispatcherCounts {
    return this.#context.counts
  }

  /** Calls that were executed and wait for replicas to have them. */
  get unconfirmed(): readonly Call[] {
    return [...this.#conditions.unconfirmed]
  }

  /** How many calls have been issued. */
  get issued(): number {
    return this.#context.issued
  }

  /** What waits, in whichever queue. */
  get waiting(): readonly Call[] {
    return [this.#held, this.#readsWaiting, this.subscriptionsWaiting].flatMap((queue) =>
      [...queue].map(({ command }) => command)
    )
  }

  get heldNow(): number {
    return this.#held.length
  }

  /** How many reads wait for a replica, which alone may answer them. */
  get readsWaiting(): number {
    return this.#readsWaiting.length
  }

  get holdReasons(): readonly HoldReason[] {
    return this.#gate.reasons
  }

  /** A moving estimate of the primary's round trip in milliseconds. */
  get latencyMs(): number | undefined {
    return this.#line.latencyMs
  }

  /** When the primary's connection last gave a sign: performance.now(). */
  get heardAt(): number {
    return this.#line.heardAt
  }

  /** The primary has not answered for `suspectAfterMs`, on a connection that stands. */
  get silent(): boolean {
    return this.#line.silent
  }

  /** The connection is destroyed as soon as what is in flight there has been answered. */
  get leaving(): boolean {
    return this.#line.leaving
  }

  /** It is silent, and said a moment ago on another connection that it holds back what it was sent. */
  get paused(): boolean {
    return this.#line.paused
  }

  /** Calls wait, and the connection to the primary holds nothing that would be lost with it: no call, no MULTI, no subscription. */
  get idle(): boolean {
    const { session } = this.#context
    const { subscribe, psubscribe, ssubscribe } = subscriptionsOf(this.#primary)
    const subscribed = subscribe.length + psubscribe.length + ssubscribe.length > 0
    const bound = session.inTransaction || session.multiIsOpen || session.watching || subscribed
    return (
      !this.#gate.open &&
      this.#primary.status === 'ready' &&
      !bound &&
      inFlightCount(this.#primary) === 0 &&
      this.unconfirmed.length === 0
    )
  }

  /** Writes go straight out. */
  get open(): boolean {
    return this.#gate.open
  }

  /** As ioredis means it: there is no connection to write to, or it may not be written to. */
  get offline(): boolean {
    return this.#path.offline
  }

  get connectedTo(): Address | undefined {
    return this.#line.address
  }

  /** Every command of the client comes through here, once. */
  dispatch(command: Call, stream: PipelineStream | undefined): void {
    const context = this.#context
    if (context.closed !== undefined) {
      command.reject(context.closed)
      return
    }
    if (inSubscriberMode(this.#primary) && this.#isLeftToIoredis(command, stream)) return
    const now = performance.now()
    const subscribesAnew = this.subscribesAnew(command)
    context.issue(command, Math.floor(now), subscribesAnew)
    const options = optionsOf(command)
    if (options !== undefined && !this.#conditions.attach(command, options)) {
      // A pipeline is sent when all of its commands have been written to its stream.
      if (this.#gate.open) stream?.write('')
      return
    }
    // What ioredis sends by itself when it is ready; it leaves those promises to nobody.
    if (!this.#gate.open && this.#primary.status === 'ready') command.promise.catch(() => undefined)
    // Nobody waits for it, and nobody would hear that it was given up.
    if (subscribesAnew) {
      exemptFromTimeout(command)
      setOptions(command, { deadlineMs: Infinity })
      this.#path.hold(command, true)
      return
    }
    if (this.#options.commandTimeoutMs !== undefined) command.setTimeout(this.#options.commandTimeoutMs)
    if (this.#options.subscribeTo !== 'primary' && !this.#session.inTransaction && isSubscription(command)) {
      this.#subscribe(command, stream)
      return
    }
    const intent = this.#session.inTransaction ? 'session' : context.intentOf(command)
    if (intent === 'session') {
      this.#session.note(command)
      const transaction = transactionOf(command)
      if (transaction !== undefined) sendScriptText(command)
      if (transaction?.complete === true) this.#recovery.watch(command, transaction)
    }
    // What a transaction on watched keys is decided by must not come from a replica that lags behind the WATCH.
    if (intent === 'read' && stream === undefined && !this.#session.watching) this.#reads.send(command, now)
    else this.#path.send(command, stream, now)
  }

  /** A pipeline of reads goes to one replica as a whole; true when it did. */
  dispatchReads(commands: readonly Call[], stream: PipelineStream): boolean {
    return this.#reads.sendPipeline(commands, stream)
  }

  /** A transaction of this client wrote it, on a connection of its own. */
  wroteBeside(command: Call, db: number): void {
    const { overwrites } = this.#context
    if (overwrites.active) overwrites.wrote(command, db)
  }

  /** Reads that a replica did not answer, or not in time. */
  unanswered(items: readonly InFlight[]): void {
    this.#reads.unanswered(items)
  }

  /** Reads that a replica answers late. */
  late(items: readonly InFlight[], quiet: boolean, from: ReplicaConnection): void {
    this.#reads.late(items, quiet, from)
  }

  /** A replica became usable, or ceased to be. */
  readersChanged(): void {
    this.#reads.readersChanged()
  }

  /** An error reply of the primary; true when the command is kept to be sent again. */
  refusedByPrimary(error: Error, item: InFlight): boolean {
    this.#context.readPipelines.comeBack([item])
    return this.#recovery.refused(error, item)
  }

  /** An error reply of a replica; true when the read is asked elsewhere. */
  refusedByReplica(error: Error, item: InFlight, from: ReplicaConnection): boolean {
    return this.#reads.refused(error, item, from)
  }

  /** A question of this library's own, behind the writes so far; undefined while it could not be answered for them. */
  ask(name: string, ...args: string[]): Promise<string> | undefined {
    if (!this.#gate.open || this.#session.inTransaction || inSubscriberMode(this.#primary)) return undefined
    return this.#line.ask(name, ...args)
  }

  /** AUTH, behind what was written so far; see LiveConnection. Under RESP2 a connection with subscriptions takes none, and is to be made anew. */
  authenticate(words: readonly string[]): Promise<unknown> | 'later' | 'none' | 'subscribed' {
    if (this.#primary.status !== 'ready' || this.#context.closed !== undefined) return 'none'
    if (inSubscriberMode(this.#primary)) return 'subscribed'
    if (this.#session.inTransaction || this.#session.multiIsOpen) return 'later'
    return this.#line.ask('auth', ...words) ?? 'none'
  }

  /** A socket to a verified primary is about to be ioredis's. */
  attach(connection: OpenSocket, address: Address): void {
    this.#line.attach(connection, address, this.#context.database.now)
  }

  /** The deadline of a call that sets none. */
  get deadlineMs(): number {
    return this.#options.deadlineMs()
  }

  /** Keys are watched for the next MULTI. */
  get watching(): boolean {
    return this.#session.watching
  }

  /** Told when the connection is lost by which keys were watched, before what becomes of the calls on it is decided. */
  set onWatchLost(listener: (() => void) | undefined) {
    this.#session.onWatchLost = listener
  }

  /** A MULTI is open: what is issued becomes part of it. */
  get inTransaction(): boolean {
    return this.#session.inTransaction
  }

  /** The database that calls issued from now on are for. */
  get database(): number {
    return this.#context.database.now
  }

  /** Calls issued from now on are for this database. */
  useDatabase(db: number): void {
    this.#context.database.set(db)
  }

  /** ioredis selects the database of a new connection to the primary. */
  greet(select: Command): void {
    this.#line.greet(select)
  }

  /** ioredis has greeted the primary. */
  connected(): void {
    if (this.#line.writable) this.#gate.release('connection')
  }

  /** Destroys the connection to the primary: what was written and not answered there has an unknown outcome from now on. */
  cut(): void {
    this.#line.cut()
  }

  /** The same when what is on its way there has been answered, for a node that refuses to execute anything; false when that is under way. */
  leave(): boolean {
    return this.#line.leave()
  }

  /**
   * The same for a node that was replaced while it holds back what is on its way to it, as in a planned failover: it refuses that
   * as soon as it is a replica, which is waited for. True when it is left so; else it is to be cut off.
   */
  leavePaused(): boolean {
    const line = this.#line
    if (line.leaving) return true
    if (!line.paused || line.address === undefined) return false
    this.#gate.hold('connection')
    this.#recovery.distrust(listInFlight(this.#primary), line.address)
    return line.leave(PAUSED_FOR_MS)
  }

  holdForTopology(hold: boolean): void {
    if (hold) this.#gate.hold('topology')
    else this.#gate.release('topology')
  }

  holdForHandover(hold: boolean): void {
    if (hold) this.#gate.hold('handover')
    else this.#gate.release('handover')
  }

  /** Takes no new commands; those in flight go on. */
  refuse(): void {
    this.#context.closed ??= connectionClosedError()
  }

  get refuses(): boolean {
    return this.#context.closed !== undefined
  }

  /** Refuses everything from now on and settles what waits. Written commands are settled too. */
  close(reason: Error): void {
    this.#context.closed = reason
    this.#deadlines.stop()
    this.#durability.connectionLost()
    const endpoint = this.#line.address
    this.#line.stop()
    this.#session.end()
    this.#gate.hold('connection')
    this.#gate.release('silence')
    for (const queue of [this.#held, this.#readsWaiting, this.subscriptionsWaiting])
      for (const { command } of queue.remove(() => true))
        command.reject(
          command.carries !== undefined && mayHaveRun(command) ? this.#context.unknown(command, endpoint) : reason
        )
    // They stay in ioredis's queue: an answer that is being read in this very tick looks for its command there.
    for (const { command } of listInFlight(this.#primary)) {
      const call = command as Call
      if (!call.isSettled)
        call.reject(sequenceOf(call) === 0 || isHarmless(call) ? reason : this.#context.unknown(call, endpoint))
    }
  }

  /** Takes commands again after close(). */
  reopen(): void {
    this.#context.closed = undefined
  }

  /** ioredis does, by itself, when it is ready and just before this client takes the connection for ready: to what was subscribed to before. */
  subscribesAnew({ name }: Call): boolean {
    return (
      !this.#gate.open &&
      this.#primary.status === 'ready' &&
      this.#gate.reasons.includes('connection') &&
      (name === 'subscribe' || name === 'psubscribe' || name === 'ssubscribe')
    )
  }

  /** Of a subscribed connection under RESP2: what it refuses there, in its own words, and QUIT, after which it is not to connect again. */
  #isLeftToIoredis(command: Call, stream: PipelineStream | undefined): boolean {
    const allowed = isForSubscribers(command)
    if (allowed && command.name.toLowerCase() !== 'quit') return false
    passThrough(this.#primary, command, stream)
    // A pipeline is sent when all of its commands have been written to its stream.
    if (!allowed && this.#gate.open) stream?.write('')
    return true
  }

  /** It goes to wherever this client's subscriptions are. */
  #subscribe(command: Call, stream: PipelineStream | undefined): void {
    // A pipeline is sent when all of its commands have been written to its stream.
    if (this.#gate.open) stream?.write('')
    const queue = this.subscriptionsWaiting
    const bytes = sizeOf(command)
    if (!queue.hasRoomFor(bytes)) {
      const { maxQueuedCommands: commands, maxQueuedBytes } = this.#options
      command.reject(this.#context.errors.queueFull(command, queue, { commands, bytes: maxQueuedBytes }))
      return
    }
    if (this.#primary.status === 'wait') this.#host.wake()
    queue.push({ command, since: performance.now(), bytes, replay: false })
    this.#deadlines.start()
    this.#host.subscribe(command)
  }

  /** Ends a call that waits, in whichever queue; false when it waits in none. */
  #withdraw(command: Call, errorAt: (stage: 'queued' | 'in-flight') => Error): boolean {
    const { subscriptionsWaiting } = this
    const queue = [this.#held, this.#readsWaiting, subscriptionsWaiting].find(
      (one) => one.remove((item) => item.command === command).length > 0
    )
    if (queue === undefined) return false
    const isUnanswered = queue === subscriptionsWaiting ? writtenAt(command) !== undefined : mayHaveRun(command)
    this.#path.fail(command, errorAt(isUnanswered ? 'in-flight' : 'queued'))
    return true
  }

  /** No other call of the caller's stands before it on the connection. */
  #isNext(call: Call): boolean {
    return listInFlight(this.#primary).find(({ command }) => sequenceOf(command) > 0)?.command === call
  }

  #heldTooLong(command: Call, deadlineMs: number): Error {
    const { errors } = this.#context
    if (mayHaveRun(command)) {
      // Of a transaction only one comes back that is harmless as a whole.
      const harmless = transactionOf(command) !== undefined || isHarmless(command)
      return harmless ? errors.unanswered(command, deadlineMs, undefined) : this.#context.unknown(command, undefined)
    }
    const cause = this.#line.address === undefined ? this.#host.whyNotReady() : undefined
    return errors.waitedTooLong(command, deadlineMs, this.#gate.reasons, cause)
  }
}

/** Asked of every command, so nearly all are told without a search. */
function isSubscription({ name, args }: Call): boolean {
  return name.length >= 'subscribe'.length && subscriptionChangeOf(name, args as Arg[]) !== undefined
}
