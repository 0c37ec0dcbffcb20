import type { Command, Redis } from 'ioredis'
import type { Address } from '../protocol/address.js'
import type { Arg } from '../routing/arg.js'
import { blockingMs, withTimeLeft } from '../routing/blocking.js'
import { intentOf } from '../routing/commands.js'
import type { ReadFrom } from '../routing/read-policy.js'
import { afterLoss, isBoundToConnection, isExecAbort } from '../routing/retry.js'
import type { Refusal } from '../routing/refusal.js'
import { refusalOf } from '../routing/refusal.js'
import type { Call } from './call.js'
import { databaseFor, issue, markLost, optionsOf, sequenceOf, wasLost, writtenAt } from './call.js'
import { CallConditions } from './call-conditions.js'
import { CallErrors } from './call-errors.js'
import { DeadlineSweep } from './deadline-sweep.js'
import { DurabilityWaits } from './durability-waits.js'
import { watchExec } from './exec-reply.js'
import { Gate } from './gate.js'
import type { HoldReason } from './gate.js'
import type { HeldCall } from './held-queue.js'
import { HeldQueue, sizeOf } from './held-queue.js'
import type { InFlight, PipelineStream } from './ioredis-internals.js'
import {
  chooseDatabase,
  connectionClosedError,
  databaseOf,
  inSubscriberMode,
  keepScriptText,
  listInFlight,
  oldestInFlight,
  passThrough,
  question
} from './ioredis-internals.js'
import type { OpenSocket } from './open-node.js'
import { PrimaryLine } from './primary-line.js'
import type { ReplicaConnection } from './replica-connection.js'
import { Session } from './session.js'
import type { DispatcherCounts, DispatcherHost, DispatcherOptions } from './dispatcher-host.js'
import { lacksItsScript } from './exactly-once-carrier.js'
import type { Transaction } from './transaction.js'
import { endsTransaction, transactionOf } from './transaction.js'

/** So many calls of a backlog are sent before replies are read. */
const FIRST_SLICE = 4
const SLICE = 512
const FIRST_ANSWER_MS = 10
const FIRST_REST_MS = 10
const LONGEST_REST_MS = 200
const RESTS_FORGOTTEN_AFTER_MS = 1_000
/** The words of ioredis `Command` setTimeout(). */
const COMMAND_TIMED_OUT = 'Command timed out'
/** redis `networking.c` clientCommand(): the answer to a call that was ended by CLIENT UNBLOCK … ERROR. */
const UNBLOCKED_BY_CLIENT = /^UNBLOCKED client unblocked via CLIENT UNBLOCK/

/**
 * The one place that decides what becomes of a command: to a replica, to the primary, held, sent again, or failed. Nothing
 * else in this library retries a command.
 */
export class Dispatcher {
  readonly counts: DispatcherCounts = { held: 0, longestHoldMs: 0, retried: 0, unknown: 0, readsOnReplicas: 0 }
  readonly #primary: Redis
  readonly #options: DispatcherOptions
  readonly #host: DispatcherHost
  readonly #held: HeldQueue
  readonly #gate: Gate
  readonly #line: PrimaryLine
  readonly #session = new Session()
  readonly #deadlines: DeadlineSweep
  readonly #errors: CallErrors
  readonly #durability: DurabilityWaits
  readonly #conditions: CallConditions
  /** Reads that only a replica may answer, while there is none. */
  readonly #readsWaiting: HeldQueue
  readonly #admits = (item: HeldCall): boolean => this.#session.admits(item.command)
  #sequence = 0
  #db: number
  /** How many calls of the backlog have been sent. */
  #flushed = 0
  #rests = 0
  #restedAt = 0
  #closed: Error | undefined

  constructor(primary: Redis, options: DispatcherOptions, host: DispatcherHost) {
    this.#primary = primary
    this.#options = options
    this.#host = host
    this.#db = primary.options.db ?? 0
    this.#errors = new CallErrors(options.group, () => host.topology().phase.kind)
    this.#held = new HeldQueue(options.maxQueuedCommands, options.maxQueuedBytes)
    this.#readsWaiting = new HeldQueue(options.maxQueuedCommands, options.maxQueuedBytes)
    this.#gate = new Gate(() => {
      this.#flush()
    })
    this.#gate.hold('connection')
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
        this.ask('ping')?.catch(() => undefined)
      },
      openSide: (address, signal) => host.openSide(address, signal),
      onLost: (items, address) => {
        this.#gate.release('silence')
        this.#durability.connectionLost()
        if (this.#closed === undefined) host.onLost(address)
        this.#lost(items, address)
      }
    })
    this.#durability = new DurabilityWaits({
      primary: () => this.#line.connection,
      open: (address, signal) => host.openSide(address, signal)
    })
    this.#conditions = new CallConditions({
      errors: this.#errors,
      durability: this.#durability,
      withdraw: (call, error) => this.#withdraw(call, error),
      unblock: (call) => (oldestInFlight(primary) === call ? this.#line.unblock() : Promise.resolve(false)),
      repeat: (call) => {
        if (this.#closed !== undefined || transactionOf(call) !== undefined || !mayRepeat(call)) return false
        this.#again([call])
        return true
      }
    })
    this.#deadlines = new DeadlineSweep(
      {
        held: this.#held,
        reads: this.#readsWaiting,
        connections: () => [primary, ...host.readers()],
        standardMs: options.deadlineMs
      },
      {
        onHeldTooLong: (call, deadlineMs) => {
          this.#fail(call, this.#heldTooLong(call, deadlineMs))
        },
        onReadHeldTooLong: (call, deadlineMs) => {
          call.reject(this.#errors.noReplica(call, deadlineMs))
        },
        onUnanswered: (call, deadlineMs, connection) => {
          const endpoint = connection === primary ? this.#line.address : undefined
          call.reject(
            isHarmless(call) ? this.#errors.unanswered(call, deadlineMs, endpoint) : this.#unknown(call, endpoint)
          )
        }
      }
    )
  }

  /** Calls that were executed and wait for replicas to have them. */
  get unconfirmed(): readonly Call[] {
    return [...this.#conditions.unconfirmed]
  }

  get heldNow(): number {
    return this.#held.length
  }

  get holdReasons(): readonly HoldReason[] {
    return this.#gate.reasons
  }

  /** A moving estimate of the primary's round trip in milliseconds. */
  get latencyMs(): number | undefined {
    return this.#line.latencyMs
  }

  /** The primary has not answered for `suspectAfterMs`, on a connection that stands. */
  get silent(): boolean {
    return this.#line.silent
  }

  /** Writes go straight out. */
  get open(): boolean {
    return this.#gate.open
  }

  get connectedTo(): Address | undefined {
    return this.#line.address
  }

  /** Every command of the client comes through here, once. */
  dispatch(command: Call, stream: PipelineStream | undefined): void {
    if (this.#closed !== undefined) {
      command.reject(this.#closed)
      return
    }
    if (inSubscriberMode(this.#primary)) {
      passThrough(this.#primary, command, stream)
      return
    }
    issue(command, ++this.#sequence, performance.now(), this.#db)
    const options = optionsOf(command)
    if (options !== undefined && !this.#conditions.attach(command, options)) {
      // A pipeline is sent when all of its commands have been written to its stream.
      if (this.#gate.open) stream?.write('')
      return
    }
    // ioredis subscribes anew by itself when it is ready, and leaves those promises to nobody.
    if (!this.#gate.open && this.#primary.status === 'ready') command.promise.catch(() => undefined)
    if (this.#options.commandTimeoutMs !== undefined) command.setTimeout(this.#options.commandTimeoutMs)
    const intent = this.#session.inTransaction ? 'session' : intentOf(command.name, command.args as Arg[])
    if (intent === 'session') {
      this.#session.note(command)
      const transaction = transactionOf(command)
      if (transaction?.complete === true) watchExec(command, (refusal) => this.#refusedWithin(transaction, refusal))
    }
    // What a transaction on watched keys is decided by must not come from a replica that lags behind the WATCH.
    if (intent === 'read' && stream === undefined && !this.#session.watching) this.#read(command)
    else this.#toPrimary(command, stream)
  }

  /** A pipeline of reads goes to one replica as a whole; true when it did. */
  dispatchReads(commands: readonly Call[], stream: PipelineStream): boolean {
    const [first] = commands
    if (this.#closed !== undefined || first === undefined) return false
    if (this.#session.inTransaction || this.#session.watching) return false
    if (!commands.every((command) => intentOf(command.name, command.args as Arg[]) === 'read')) return false
    const policy = this.#policyOf(first)
    const replica = policy === 'primary' ? undefined : this.#chooseReplica(policy, commands, this.#db)
    if (replica === 'failed') return true
    if (replica === undefined && policy !== 'replica') return false
    const now = performance.now()
    for (const command of commands) issue(command, ++this.#sequence, now, this.#db)
    const wanted = commands.filter((command) => this.#conditions.attach(command, optionsOf(command) ?? {}))
    if (replica !== undefined) for (let i = wanted.length; i < commands.length; i++) stream.write('')
    if (replica === undefined) {
      for (const command of wanted) this.#read(command)
      return true
    }
    stream.destination.redis = replica.redis
    for (const command of wanted) {
      if (!replica.send(command, databaseFor(command), stream)) this.#read(command)
    }
    this.counts.readsOnReplicas += commands.length
    this.#deadlines.start()
    return true
  }

  /** A question of this library's own, behind the writes so far; undefined while it could not be answered for them. */
  ask(name: string, ...args: string[]): Promise<string> | undefined {
    if (!this.#gate.open || this.#session.inTransaction || inSubscriberMode(this.#primary)) return undefined
    return this.#line.ask(name, ...args)
  }

  /** A socket to a verified primary is about to be ioredis's. */
  attach(connection: OpenSocket, address: Address): void {
    this.#line.attach(connection, address, this.#db)
  }

  /** The deadline of a call that sets none. */
  get deadlineMs(): number {
    return this.#options.deadlineMs()
  }

  /** Keys are watched for the next MULTI. */
  get watching(): boolean {
    return this.#session.watching
  }

  /** Calls issued from now on are for this database. */
  useDatabase(db: number): void {
    this.#db = db
  }

  /** ioredis has greeted the primary. */
  connected(): void {
    if (this.#line.writable) this.#gate.release('connection')
  }

  /** Destroys the connection to the primary: what was written and not answered there has an unknown outcome from now on. */
  cut(): void {
    this.#line.cut()
  }

  holdForTopology(hold: boolean): void {
    if (hold) this.#gate.hold('topology')
    else this.#gate.release('topology')
  }

  holdForHandover(hold: boolean): void {
    if (hold) this.#gate.hold('handover')
    else this.#gate.release('handover')
  }

  /** Commands that were written to a connection which is gone. */
  #lost(items: readonly InFlight[], endpoint: Address): void {
    const again = this.#transactionsLost(items, endpoint)
    this.#session.connectionLost()
    for (const { command } of items) {
      const call = command as Call
      markLost(call)
      if (sequenceOf(call) === 0) call.reject(connectionClosedError())
      else if (call.isSettled || transactionOf(call) !== undefined) continue
      else if (mayRepeat(call)) again.push(call)
      else call.reject(this.#unknown(call, endpoint))
    }
    this.#again(again)
  }

  /** Settles the transactions that were bound to a connection which is gone, or gives back their members to be sent anew. */
  #transactionsLost(items: readonly InFlight[], endpoint: Address): Call[] {
    const bound = new Set<Transaction>()
    const note = (transaction: Transaction | undefined): boolean => {
      if (transaction?.bound !== true) return false
      bound.add(transaction)
      return true
    }
    for (const { command } of items) note(transactionOf(command))
    note(this.#session.open)
    this.#held.remove(({ command }) => note(transactionOf(command)))
    const again: Call[] = []
    for (const transaction of bound) {
      const outcome = transaction.afterLoss()
      const last = transaction.members.at(-1)
      if (outcome === 'abort') transaction.abort()
      else if (outcome === 'unknown' && last !== undefined) transaction.giveUp(this.#unknown(last, endpoint))
      else {
        transaction.restart()
        again.push(...transaction.members)
      }
    }
    return again
  }

  /** Reads that a replica did not answer are asked of another node; a late answer of the first still counts if it is the first. */
  unanswered(items: readonly InFlight[]): void {
    for (const { command } of items) {
      const call = command as Call
      if (call.isSettled) continue
      if (this.#closed !== undefined || sequenceOf(call) === 0) call.reject(this.#closed ?? connectionClosedError())
      else {
        this.counts.retried += 1
        this.#read(call)
      }
    }
  }

  /** A replica became usable, or ceased to be: reads that may only go to replicas are tried again. */
  readersChanged(): void {
    for (const { command } of this.#readsWaiting.remove(() => true)) if (!command.isSettled) this.#read(command)
  }

  /** An error reply of the primary; true when the command is kept to be sent again. */
  refusedByPrimary(error: Error, { command }: InFlight): boolean {
    const call = command as Call
    if (sequenceOf(call) === 0 || this.#closed !== undefined) return false
    if (UNBLOCKED_BY_CLIENT.test(error.message) && this.#unblocked(call)) return true
    const transaction = transactionOf(call)
    const refusal = refusalOf(error.message)
    if (transaction !== undefined) return this.#refusedInTransaction(call, transaction, refusal, error)
    if (!call.isSettled && lacksItsScript(call, error)) {
      this.#again([call])
      return true
    }
    if (refusal === undefined || call.isSettled || isBoundToConnection(call.name)) return false
    this.#rest(refusal)
    this.#again([call])
    return true
  }

  /** An error reply of a replica; true when the read is asked elsewhere. */
  refusedByReplica(error: Error, { command }: InFlight, from: ReplicaConnection): boolean {
    const call = command as Call
    const refusal = refusalOf(error.message)
    if (refusal === undefined || call.isSettled || sequenceOf(call) === 0 || this.#closed !== undefined) return false
    this.counts.retried += 1
    if (refusal === 'demoted') this.#toPrimary(call, undefined)
    else {
      from.rest()
      this.#read(call)
    }
    return true
  }

  /** CLIENT UNBLOCK, sent for a call whose signal was aborted, ended this one: that call, or the one behind it if that was just over. */
  #unblocked(call: Call): boolean {
    if (call.unblockedBy !== undefined) call.reject(call.unblockedBy)
    else if (!this.#line.hasUnblocked) return false
    else this.#again([call])
    return true
  }

  /** Takes no new commands; those in flight go on. */
  refuse(): void {
    this.#closed ??= connectionClosedError()
  }

  /** Refuses everything from now on and settles what waits. Written commands are settled too. */
  close(reason: Error): void {
    this.#closed = reason
    this.#deadlines.stop()
    this.#durability.connectionLost()
    const endpoint = this.#line.address
    this.#line.stop()
    this.#session.end()
    this.#gate.hold('connection')
    this.#gate.release('silence')
    for (const queue of [this.#held, this.#readsWaiting])
      for (const { command } of queue.remove(() => true)) command.reject(reason)
    // They stay in ioredis's queue: an answer that is being read in this very tick looks for its command there.
    for (const { command } of listInFlight(this.#primary)) {
      const call = command as Call
      if (!call.isSettled)
        call.reject(sequenceOf(call) === 0 || isHarmless(call) ? reason : this.#unknown(call, endpoint))
    }
  }

  /** Takes commands again after close(). */
  reopen(): void {
    this.#closed = undefined
  }

  #policyOf(command: Call): ReadFrom {
    return optionsOf(command)?.readFrom ?? this.#options.readFrom
  }

  /** To a replica that the policy allows, else to the primary; when only a replica may answer, it waits for one. */
  #read(command: Call): void {
    const policy = this.#policyOf(command)
    for (let tries = 0; tries < 2 && policy !== 'primary'; tries++) {
      const replica = this.#chooseReplica(policy, [command], databaseFor(command))
      if (replica === 'failed') return
      if (replica === undefined) break
      if (replica.send(command, databaseFor(command))) {
        this.counts.readsOnReplicas += 1
        this.#deadlines.start()
        return
      }
    }
    if (policy === 'replica') this.#hold(command, false, this.#readsWaiting)
    else this.#toPrimary(command, undefined)
  }

  /** A policy may be the user's function: what it throws fails the reads, wherever they were tried from. */
  #chooseReplica(policy: ReadFrom, commands: readonly Call[], db: number): ReplicaConnection | undefined | 'failed' {
    try {
      return this.#host.chooseReplica(policy, commands, db)
    } catch (error) {
      for (const command of commands) command.reject(error instanceof Error ? error : new Error(String(error)))
      return 'failed'
    }
  }

  #toPrimary(command: Call, stream: PipelineStream | undefined): void {
    const transaction = transactionOf(command)
    if (transaction?.over === true) {
      transaction.answer(command)
      // A pipeline is sent when all of its commands have been written to its stream.
      if (this.#gate.open) stream?.write('')
      return
    }
    if (this.#gate.open && this.#session.admits(command)) {
      this.#write(command, stream)
      if (command.name === 'select') this.useDatabase(databaseOf(this.#primary))
      if (transaction !== undefined && this.#held.length > 0) {
        // A pipeline that ends it goes out as a whole before.
        if (stream === undefined) this.#sendKept()
        else queueMicrotask(() => this.#sendKept())
      }
      return
    }
    this.#hold(command, this.#gate.open)
  }

  #write(command: Call, stream: PipelineStream | undefined): void {
    this.#host.onWrite(command, databaseFor(command))
    if (this.#line.write(command, stream)) {
      this.#session.wrote(command)
      this.#deadlines.start()
      return
    }
    this.#gate.hold('connection')
    this.#hold(command, true)
  }

  #hold(command: Call, admitted: boolean, queue = this.#held): void {
    if (this.#primary.status === 'wait') this.#host.wake()
    const bytes = sizeOf(command)
    const refusal = admitted ? undefined : this.#mayNotWait(command, bytes, queue)
    if (refusal !== undefined) {
      this.#fail(command, refusal)
      return
    }
    if (queue === this.#held && queue.length === 0) this.#host.onHold(this.#gate.reasons)
    this.counts.held += 1
    this.#host.onWrite(command, databaseFor(command))
    const item: HeldCall = { command, since: performance.now(), bytes, replay: false }
    if (admitted) queue.restore([item])
    else queue.push(item)
    this.#deadlines.start()
    if (command.name === 'select' && /^\d+$/.test(String(command.args[0]))) this.#selectedAhead(Number(command.args[0]))
  }

  /** ioredis tells it when the command is issued, with or without a connection. */
  #selectedAhead(db: number): void {
    if (db === this.#db) return
    this.useDatabase(db)
    this.#primary.emit('select', db)
  }

  /** Why a call may not wait here; undefined when it may. */
  #mayNotWait(command: Call, bytes: number, queue: HeldQueue): Error | undefined {
    // ioredis subscribes anew by itself, just before this client takes the connection for ready.
    if (this.#primary.status === 'ready' && this.#gate.reasons.includes('connection')) return undefined
    if (queue === this.#held && this.#gate.onlyFor('backlog')) return undefined
    if (!this.#options.enableOfflineQueue)
      return new Error("Stream isn't writeable and enableOfflineQueue options is false")
    const transaction = transactionOf(command)
    // A transaction whose first command was let in is let in as a whole: half of one must never be sent.
    const begun = transaction !== undefined && transaction.members[0] !== command
    if (begun || queue.hasRoomFor(bytes)) return undefined
    const { maxQueuedCommands: most, maxQueuedBytes: bytesAllowed } = this.#options
    return this.#errors.queueFull(command, queue, { commands: most, bytes: bytesAllowed })
  }

  /** Ends a call that waits, in whichever queue; false when it waits in none. */
  #withdraw(command: Call, error: Error): boolean {
    const waiting = [this.#held, this.#readsWaiting].some((queue) => {
      return queue.remove((item) => item.command === command).length > 0
    })
    if (waiting) this.#fail(command, error)
    return waiting
  }

  /** Ends a call that waits, and with it the whole transaction that it belongs to, on the server too. */
  #fail(command: Call, error: Error): void {
    const transaction = transactionOf(command)
    if (transaction === undefined) {
      command.reject(error)
      return
    }
    if (transaction.over) return
    const begun = transaction.begun && this.#line.address !== undefined
    transaction.giveUp(error)
    if (!begun) return
    const discard = question('discard')
    discard.promise.catch(() => undefined)
    issue(discard, ++this.#sequence, performance.now(), this.#db)
    if (this.#gate.open) {
      this.#write(discard, undefined)
      queueMicrotask(() => this.#sendKept())
    } else this.#hold(discard, true)
  }

  /** Sends what waited, a few calls first and the rest in slices: the first replies are read, and other work is done, before the last are written. */
  #flush(): void {
    const most = this.#flushed === 0 ? FIRST_SLICE : SLICE
    const now = performance.now()
    let last: Call | undefined
    for (let sent = 0; this.#gate.open; sent++) {
      // What is sent again later goes to its place in the queue, which must not be in the midst of a MULTI.
      if (sent >= most && this.#held.length > 0 && !isWithinTransaction(last)) {
        this.#restOfBacklog(most === FIRST_SLICE ? last : undefined)
        return
      }
      const item = this.#session.multiIsOpen ? this.#held.take(this.#admits) : this.#held.shift()
      if (item === undefined) break
      const { command, since, replay } = item
      const transaction = transactionOf(command)
      if (transaction?.over === true) continue
      if (command.isSettled && !replay) {
        // By ioredis's commandTimeout, while it waited.
        if (transaction !== undefined) this.#fail(command, new Error(COMMAND_TIMED_OUT))
        continue
      }
      this.counts.longestHoldMs = Math.max(this.counts.longestHoldMs, now - since)
      // It was told when it began to wait.
      if (command.name === 'select') chooseDatabase(this.#primary, Number(command.args[0]))
      this.#flushed += 1
      last = command
      this.#write(command, undefined)
    }
    const count = this.#flushed
    this.#flushed = 0
    this.#host.onRelease(count)
  }

  /** What stayed behind an open MULTI goes out when that is over. */
  #sendKept(): void {
    if (this.#gate.open && this.#held.length > 0 && !this.#session.multiIsOpen) this.#flush()
  }

  /** Goes on when this call is answered, or when that takes long; without one, in the next turn of the event loop. */
  #restOfBacklog(after: Call | undefined): void {
    this.#gate.hold('backlog')
    const goOn = (): void => {
      this.#gate.release('backlog')
    }
    if (after === undefined) {
      setImmediate(goOn)
      return
    }
    // What its caller does with the answer comes before the rest.
    const answered = (): void => void setImmediate(goOn)
    after.promise.then(answered, answered)
    // From the next turn on: a timer made in a turn that took long is over when it ends, before any answer is read.
    setImmediate(() => setTimeout(goOn, FIRST_ANSWER_MS))
  }

  /** Sends commands again as soon as the gate is open, each in its place by order of issue. */
  #again(commands: readonly Call[]): void {
    const now = performance.now()
    const items: HeldCall[] = []
    for (const command of commands) {
      const left = this.#timeLeft(command, now)
      if (left !== undefined && left <= 0) {
        command.resolve(null)
        continue
      }
      keepScriptText(command)
      if (left !== undefined) command.args = withTimeLeft(command.name, command.args as Arg[], left) as Command['args']
      items.push({ command, since: now, bytes: sizeOf(command), replay: transactionOf(command) !== undefined })
    }
    if (items.length === 0) return
    if (this.#held.length === 0) this.#host.onHold(this.#gate.reasons)
    this.counts.retried += items.length
    this.counts.held += items.length
    this.#held.restore(items)
    this.#deadlines.start()
    if (this.#gate.open) this.#flush()
  }

  /** Of a finite blocking command: how much of its own time is left. */
  #timeLeft(command: Call, now: number): number | undefined {
    const own = blockingMs(command.name, command.args as Arg[])
    const since = writtenAt(command)
    return own === undefined || own === Infinity || since === undefined ? undefined : own - (now - since)
  }

  #refusedInTransaction(call: Call, transaction: Transaction, refusal: Refusal | undefined, error: Error): boolean {
    if (refusal !== undefined) {
      transaction.refused = true
      this.#rest(refusal)
    }
    if (!transaction.refused) return false
    // EXEC's own refusal ends the transaction on the server; then all of it is sent again, and this command is queued there.
    const ended = isExecAbort(error.message)
    if (ended && !transaction.over) this.#anew(transaction)
    else if (refusal !== undefined) transaction.answer(call)
    return refusal !== undefined || ended
  }

  /** EXEC was executed, and scripts in it were refused: nothing of it was written. */
  #refusedWithin(transaction: Transaction, refusal: Refusal): boolean {
    if (this.#closed !== undefined || transaction.over) return false
    transaction.refused = true
    this.#rest(refusal)
    this.#anew(transaction)
    return true
  }

  /** The server has ended a transaction of which it executed nothing. */
  #anew(transaction: Transaction): void {
    if (transaction.afterLoss() === 'abort') {
      transaction.abort()
      return
    }
    transaction.restart()
    this.#again(transaction.members)
  }

  /** The primary refused to execute: find another, or ask again in a moment. */
  #rest(refusal: Refusal): void {
    if (refusal === 'demoted' || refusal === 'redirected' || refusal === 'unblocked') {
      this.#gate.hold('connection')
      this.#host.onDemoted()
      return
    }
    if (this.#gate.reasons.includes('refused')) return
    this.#gate.hold('refused')
    const now = performance.now()
    if (now - this.#restedAt > RESTS_FORGOTTEN_AFTER_MS) this.#rests = 0
    this.#restedAt = now
    const delay = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(this.#rests++, 10))
    setTimeout(() => {
      this.#gate.release('refused')
    }, delay).unref()
  }

  #unknown(command: Command, endpoint: Address | undefined): Error {
    this.counts.unknown += 1
    return this.#errors.unknown(command, endpoint)
  }

  #heldTooLong(command: Call, deadlineMs: number): Error {
    if (wasLost(command) && !isHarmless(command)) return this.#unknown(command, undefined)
    if (wasLost(command)) return this.#errors.unanswered(command, deadlineMs, undefined)
    const cause = this.#line.address === undefined ? this.#host.whyNotReady() : undefined
    return this.#errors.waitedTooLong(command, deadlineMs, this.#gate.reasons, cause)
  }
}

/** It does not matter whether it was executed. What is carried is executed once at most, and that does. */
function isHarmless(command: Call): boolean {
  return command.carries === undefined && mayRepeat(command)
}

function isWithinTransaction(command: Call | undefined): boolean {
  return command !== undefined && transactionOf(command) !== undefined && !endsTransaction(command)
}

function mayRepeat(command: Call): boolean {
  return afterLoss(command.name, command.args as Arg[], optionsOf(command)?.idempotent === true) === 'again'
}
