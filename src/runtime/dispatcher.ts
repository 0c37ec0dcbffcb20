import type { Command, Redis } from 'ioredis'
import type { Socket } from 'node:net'
import { DeadlineError, NoReplicaError, QueueFullError, UnknownOutcomeError } from '../errors.js'
import type { ErrorContext } from '../errors.js'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import type { Arg } from '../routing/arg.js'
import { blockingMs, withTimeLeft } from '../routing/blocking.js'
import { intentOf } from '../routing/commands.js'
import type { ReadFrom } from '../routing/read-policy.js'
import { afterLoss, isBoundToConnection, isExecAbort } from '../routing/retry.js'
import type { Refusal } from '../routing/refusal.js'
import { refusalOf } from '../routing/refusal.js'
import type { Topology } from '../topology/topology.js'
import type { Call, Transaction } from './call.js'
import { issue, issuedAt, markWritten, optionsOf, sequenceOf, transactionOf, writtenAt } from './call.js'
import { Gate } from './gate.js'
import type { HoldReason } from './gate.js'
import type { HeldCall } from './held-queue.js'
import { HeldQueue, sizeOf } from './held-queue.js'
import type { InFlight, PipelineStream } from './ioredis-internals.js'
import {
  connectionClosedError,
  databaseOf,
  inSubscriberMode,
  listInFlight,
  passThrough,
  question,
  takeInFlight,
  writeCommand
} from './ioredis-internals.js'
import { LatencyEstimate } from './latency.js'
import type { ReplicaConnection } from './replica-connection.js'
import { Session } from './session.js'
import { SilenceWatch } from './silence.js'

export interface DispatcherOptions {
  readonly group: string
  readonly readFrom: ReadFrom
  readonly suspectAfterMs: number
  readonly maxQueuedCommands: number
  readonly maxQueuedBytes: number
  readonly enableOfflineQueue: boolean
  readonly commandTimeoutMs: number | undefined
  /** The deadline of a call that sets none. */
  readonly deadlineMs: () => number
  /** Silence of a connection after which it is given up. */
  readonly hopelessAfterMs: () => number
}

/** What the dispatcher needs of the world around it. */
export interface DispatcherHost {
  topology(): Topology
  /** The first command of a client that was made with lazyConnect. */
  wake(): void
  /** A replica that may answer this read, or undefined for the primary's own path. */
  chooseReplica(policy: ReadFrom, commands: readonly Command[], db: number): ReplicaConnection | undefined
  /** This command goes to the primary, or waits for it. */
  onWrite(command: Command, db: number): void
  /** The primary turned out not to be one. */
  onDemoted(): void
  onHopeless(): void
  /** The connection to this node broke. */
  onLost(address: Address): void
  /** The first call begins to wait, or the last has gone. */
  onHold(reasons: readonly HoldReason[]): void
  onRelease(count: number): void
  /** Why there is no primary to write to. */
  whyNotReady(): Error
}

export interface DispatcherCounts {
  held: number
  longestHoldMs: number
  retried: number
  unknown: number
  readsOnReplicas: number
}

const SWEEP_EVERY_MS = 50
const FIRST_REST_MS = 10
const LONGEST_REST_MS = 200

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
  readonly #silence: SilenceWatch
  readonly #session = new Session()
  readonly #latency = new LatencyEstimate()
  /** Reads that only a replica may answer, while there is none. */
  readonly #readsWaiting: HeldQueue
  #connectedTo: Address | undefined
  #socket: Socket | undefined
  #sequence = 0
  #db: number
  #rests = 0
  #sweeping: NodeJS.Timeout | undefined
  #closed: Error | undefined

  constructor(primary: Redis, options: DispatcherOptions, host: DispatcherHost) {
    this.#primary = primary
    this.#options = options
    this.#host = host
    this.#db = primary.options.db ?? 0
    this.#held = new HeldQueue(options.maxQueuedCommands, options.maxQueuedBytes)
    this.#readsWaiting = new HeldQueue(options.maxQueuedCommands, options.maxQueuedBytes)
    this.#gate = new Gate(() => {
      this.#flush()
    })
    this.#gate.hold('connection')
    this.#silence = new SilenceWatch(primary, options.suspectAfterMs, options.hopelessAfterMs, {
      onSilent: () => {
        this.#gate.hold('silence')
      },
      onAnswer: () => {
        this.#gate.release('silence')
      },
      onHopeless: () => {
        host.onHopeless()
      }
    })
  }

  get heldNow(): number {
    return this.#held.length
  }

  get holdReasons(): readonly HoldReason[] {
    return this.#gate.reasons
  }

  /** A moving estimate of the primary's round trip in milliseconds. */
  get latencyMs(): number | undefined {
    return this.#latency.valueMs
  }

  /** Writes go straight out. */
  get open(): boolean {
    return this.#gate.open
  }

  get connectedTo(): Address | undefined {
    return this.#connectedTo
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
    issue(command, ++this.#sequence, performance.now())
    // ioredis subscribes anew by itself when it is ready, and leaves those promises to nobody.
    if (!this.#gate.open && this.#primary.status === 'ready') command.promise.catch(() => undefined)
    if (this.#options.commandTimeoutMs !== undefined) command.setTimeout(this.#options.commandTimeoutMs)
    const intent = this.#session.inTransaction ? 'session' : intentOf(command.name, command.args as Arg[])
    if (intent === 'session') this.#session.note(command)
    if (intent === 'read' && stream === undefined) this.#read(command)
    else this.#toPrimary(command, stream)
  }

  /** A pipeline of reads goes to one replica as a whole; true when it did. */
  dispatchReads(commands: readonly Call[], stream: PipelineStream): boolean {
    const [first] = commands
    if (this.#closed !== undefined || first === undefined || this.#session.inTransaction) return false
    if (!commands.every((command) => intentOf(command.name, command.args as Arg[]) === 'read')) return false
    const policy = this.#policyOf(first)
    const replica = policy === 'primary' ? undefined : this.#host.chooseReplica(policy, commands, this.#db)
    if (replica === undefined && policy !== 'replica') return false
    const now = performance.now()
    for (const command of commands) issue(command, ++this.#sequence, now)
    if (replica === undefined) {
      for (const command of commands) this.#read(command)
      return true
    }
    stream.destination.redis = replica.redis
    for (const command of commands) {
      if (!replica.send(command, this.#db, stream)) this.#again([command])
    }
    this.counts.readsOnReplicas += commands.length
    this.#sweep()
    return true
  }

  /** A question of this library's own, behind the writes so far; undefined while it could not be answered for them. */
  ask(name: string, argument: string): Promise<string> | undefined {
    if (!this.#gate.open || this.#session.inTransaction || inSubscriberMode(this.#primary)) return undefined
    const command = question(name, argument)
    markWritten(command, performance.now())
    if (!writeCommand(this.#primary, command)) return undefined
    this.#silence.expectAnswer()
    return command.promise as Promise<string>
  }

  /** A socket to a verified primary is about to be ioredis's. */
  attach(socket: Socket, address: Address): void {
    this.#socket = socket
    this.#connectedTo = address
    this.#silence.attach(socket)
    const lost = (): void => {
      if (this.#socket === socket) this.#gate.hold('connection')
    }
    socket.once('end', lost)
    socket.once('error', lost)
    // Before ioredis's own handler: what is in flight is taken from it.
    socket.once('close', () => {
      lost()
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.#connectedTo = undefined
      this.#silence.reset()
      this.#gate.release('silence')
      if (this.#closed === undefined) this.#host.onLost(address)
      this.lost(takeInFlight(this.#primary), address)
    })
  }

  /** ioredis has greeted the primary. */
  connected(): void {
    if (this.#socket?.writable === true) this.#gate.release('connection')
  }

  /** Destroys the connection to the primary: what was written and not answered there has an unknown outcome from now on. */
  cut(): void {
    if (this.#socket === undefined) return
    this.#gate.hold('connection')
    this.#socket.destroy()
  }

  holdForTopology(hold: boolean): void {
    if (hold) this.#gate.hold('topology')
    else this.#gate.release('topology')
  }

  /** Commands that were written to a connection which is gone. */
  lost(items: readonly InFlight[], endpoint: Address): void {
    this.#session.connectionLost()
    const again: Call[] = []
    const decided = new Set<Transaction>()
    for (const { command } of items) {
      const call = command as Call
      const transaction = transactionOf(call)
      if (sequenceOf(call) === 0) call.reject(connectionClosedError())
      else if (transaction !== undefined) {
        if (decided.has(transaction)) continue
        decided.add(transaction)
        if (mayRepeat(transaction)) again.push(...transaction.members)
        else this.#giveUp(transaction, (member) => this.#unknown(member, endpoint))
      } else if (call.isSettled) continue
      else if (afterLoss(call.name, call.args as Arg[], optionsOf(call)?.idempotent === true) === 'again')
        again.push(call)
      else call.reject(this.#unknown(call, endpoint))
    }
    this.#again(again)
  }

  /** Reads that a replica did not answer are asked of another node; a late answer of the first still counts if it is the first. */
  unanswered(items: readonly InFlight[]): void {
    for (const { command } of items) {
      const call = command as Call
      if (call.isSettled) continue
      if (sequenceOf(call) === 0) {
        call.reject(connectionClosedError())
        continue
      }
      this.counts.retried += 1
      this.#read(call)
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
    const transaction = transactionOf(call)
    const refusal = refusalOf(error.message)
    if (transaction !== undefined) return this.#refusedInTransaction(transaction, refusal, error)
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

  /** Resolves when nothing is in flight any more, or after `withinMs`. New commands are refused from now on. */
  drain(withinMs: number): Promise<void> {
    this.#closed = connectionClosedError()
    const flying = listInFlight(this.#primary).map(({ command }) => command.promise)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs)
    })
    return Promise.race([Promise.allSettled(flying).then(() => undefined), late]).finally(() => {
      clearTimeout(timer)
    })
  }

  /** Refuses everything from now on and settles what waits. Written commands are settled too. */
  close(reason: Error): void {
    this.#closed = reason
    clearTimeout(this.#sweeping)
    this.#silence.reset()
    for (const queue of [this.#held, this.#readsWaiting])
      for (const { command } of queue.remove(() => true)) command.reject(reason)
    const endpoint = this.#connectedTo
    for (const { command } of takeInFlight(this.#primary)) {
      const call = command as Call
      const uncertain = sequenceOf(call) > 0 && afterLoss(call.name, call.args as Arg[], false) === 'unknown'
      if (!call.isSettled) call.reject(uncertain ? this.#unknown(call, endpoint) : reason)
    }
  }

  /** Takes commands again after close(). */
  reopen(): void {
    this.#closed = undefined
    this.#gate.hold('connection')
  }

  #policyOf(command: Call): ReadFrom {
    return optionsOf(command)?.readFrom ?? this.#options.readFrom
  }

  /** To a replica that the policy allows, else to the primary; when only a replica may answer, it waits for one. */
  #read(command: Call): void {
    const policy = this.#policyOf(command)
    for (let tries = 0; tries < 2 && policy !== 'primary'; tries++) {
      const replica = this.#host.chooseReplica(policy, [command], this.#db)
      if (replica === undefined) break
      if (replica.send(command, this.#db)) {
        this.counts.readsOnReplicas += 1
        this.#sweep()
        return
      }
    }
    if (policy === 'replica') this.#hold(command, false, this.#readsWaiting)
    else this.#toPrimary(command, undefined)
  }

  #toPrimary(command: Call, stream: PipelineStream | undefined): void {
    const transaction = transactionOf(command)
    if (transaction?.failure !== undefined) {
      command.reject(transaction.failure)
      return
    }
    if (this.#session.abortsWatched(command)) return
    if (this.#gate.open) {
      this.#write(command, this.#db, stream)
      return
    }
    this.#hold(command, false)
  }

  #write(command: Call, db: number, stream: PipelineStream | undefined): void {
    if (databaseOf(this.#primary) !== db && command.name !== 'select') this.#select(db)
    const now = performance.now()
    markWritten(command, now)
    this.#host.onWrite(command, db)
    if (!writeCommand(this.#primary, command, stream)) {
      this.#gate.hold('connection')
      this.#hold(command, true)
      return
    }
    if (command.name === 'select') this.#db = databaseOf(this.#primary)
    this.#latency.sample(command.promise, now)
    this.#silence.expectAnswer()
    this.#sweep()
  }

  #select(db: number): void {
    const select = question('select', String(db))
    select.promise.catch(() => undefined)
    passThrough(this.#primary, select)
  }

  #hold(command: Call, admitted: boolean, queue = this.#held): void {
    if (this.#primary.status === 'wait') this.#host.wake()
    if (!this.#options.enableOfflineQueue) {
      command.reject(new Error("Stream isn't writeable and enableOfflineQueue options is false"))
      return
    }
    const bytes = sizeOf(command)
    const transaction = transactionOf(command)
    // A transaction whose first command was let in is let in as a whole: half of one must never be sent.
    const begun = transaction !== undefined && transaction.members[0] !== command
    if (!admitted && !begun && !queue.hasRoomFor(bytes)) {
      const error = new QueueFullError(
        `${command.name.toUpperCase()} was not queued: ${queue.length} calls of ${queue.bytes} bytes already wait for the primary of "${this.#options.group}" (maxQueuedCommands ${this.#options.maxQueuedCommands}, maxQueuedBytes ${this.#options.maxQueuedBytes})`,
        this.#context(command, 'queued')
      )
      if (transaction === undefined) command.reject(error)
      else this.#giveUp(transaction, () => error)
      return
    }
    if (queue === this.#held && queue.length === 0) this.#host.onHold(this.#gate.reasons)
    this.counts.held += 1
    this.#host.onWrite(command, this.#db)
    const item: HeldCall = { command, db: this.#db, since: performance.now(), bytes, replay: false }
    if (admitted) queue.restore([item])
    else queue.push(item)
    if (command.name === 'select' && /^\d+$/.test(String(command.args[0]))) this.#db = Number(command.args[0])
    this.#sweep()
  }

  #flush(): void {
    const count = this.#held.length
    if (count === 0) return
    const socket = this.#socket
    socket?.cork()
    const now = performance.now()
    while (this.#gate.open) {
      const item = this.#held.shift()
      if (item === undefined) break
      const { command, db, since, replay } = item
      const failed = transactionOf(command)?.failure !== undefined
      if (failed || (command.isSettled && !replay)) continue
      this.counts.longestHoldMs = Math.max(this.counts.longestHoldMs, now - since)
      this.#write(command, db, undefined)
    }
    socket?.uncork()
    this.#host.onRelease(count)
  }

  /** Sends commands again as soon as the gate is open, each in its place by order of issue. */
  #again(commands: readonly Call[]): void {
    if (commands.length === 0) return
    const now = performance.now()
    const items: HeldCall[] = []
    for (const command of commands) {
      const left = this.#timeLeft(command, now)
      if (left !== undefined) {
        if (left <= 0) {
          command.resolve(null)
          continue
        }
        command.args = withTimeLeft(command.name, command.args as Arg[], left) as Command['args']
      }
      items.push({
        command,
        db: this.#db,
        since: now,
        bytes: sizeOf(command),
        replay: transactionOf(command) !== undefined
      })
    }
    this.counts.retried += items.length
    if (items.length === 0) return
    if (this.#held.length === 0) this.#host.onHold(this.#gate.reasons)
    this.counts.held += items.length
    this.#held.restore(items)
    this.#sweep()
    if (this.#gate.open) this.#flush()
  }

  /** Of a finite blocking command: how much of its own time is left. */
  #timeLeft(command: Call, now: number): number | undefined {
    const own = blockingMs(command.name, command.args as Arg[])
    const since = writtenAt(command)
    return own === undefined || own === Infinity || since === undefined ? undefined : own - (now - since)
  }

  #refusedInTransaction(transaction: Transaction, refusal: Refusal | undefined, error: Error): boolean {
    if (refusal !== undefined) {
      transaction.refused = true
      this.#rest(refusal)
    }
    if (!transaction.refused) return false
    // Queued commands wait for EXEC's own refusal, which ends the transaction on the server; then all of it is sent again.
    const ended = isExecAbort(error.message)
    if (ended && transaction.complete) {
      transaction.refused = false
      this.#again(transaction.members)
    }
    return refusal !== undefined || ended
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
    const delay = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(this.#rests++, 10))
    setTimeout(() => {
      this.#gate.release('refused')
    }, delay).unref()
  }

  #giveUp(transaction: Transaction, why: (member: Command) => Error): void {
    for (const member of transaction.members) {
      const error = why(member)
      transaction.failure ??= error
      if (!member.isSettled) member.reject(error)
    }
  }

  #unknown(command: Command, endpoint: Address | undefined): UnknownOutcomeError {
    this.counts.unknown += 1
    const name = command.name.toUpperCase()
    return new UnknownOutcomeError(
      `${name} was written to ${endpoint === undefined ? 'the primary' : formatAddress(endpoint)} and the connection was lost before the reply: it may have been executed. It was not sent again, since it could take effect twice; with({ idempotent: true }) says that this is harmless`,
      this.#context(command, 'in-flight', endpoint)
    )
  }

  #context(command: Command, stage: ErrorContext['stage'], endpoint = this.#connectedTo): ErrorContext {
    return {
      group: this.#options.group,
      stage,
      endpoint,
      phase: this.#host.topology().phase.kind,
      command: command.name
    }
  }

  /** Looks for calls past their deadline, as long as there are any calls. */
  #sweep(): void {
    if (this.#sweeping !== undefined) return
    this.#sweeping = setTimeout(() => {
      this.#sweeping = undefined
      this.#expire(performance.now())
      if (this.#held.length + this.#readsWaiting.length + this.#primary.commandQueue.length > 0) this.#sweep()
    }, SWEEP_EVERY_MS)
    this.#sweeping.unref()
  }

  #expire(now: number): void {
    if (this.#gate.open) this.#rests = 0
    const standard = this.#options.deadlineMs()
    const overdue = (command: Call): boolean => {
      const own = blockingMs(command.name, command.args as Arg[]) ?? 0
      return now - issuedAt(command) > (optionsOf(command)?.deadlineMs ?? standard) + own
    }
    for (const { command } of this.#held.remove(
      ({ command, replay }) => (replay || !command.isSettled) && overdue(command)
    )) {
      const transaction = transactionOf(command)
      const error = this.#late(command, standard, 'queued')
      if (transaction !== undefined) this.#giveUp(transaction, () => error)
      else command.reject(error)
    }
    for (const { command } of listInFlight(this.#primary)) {
      const call = command as Call
      if (call.isSettled || sequenceOf(call) === 0 || !overdue(call)) continue
      const certain = afterLoss(call.name, call.args as Arg[], false) === 'again'
      call.reject(certain ? this.#late(call, standard, 'in-flight') : this.#unknown(call, this.#connectedTo))
    }
  }

  #late(command: Call, standard: number, stage: 'queued' | 'in-flight'): Error {
    const deadlineMs = optionsOf(command)?.deadlineMs ?? standard
    const name = command.name.toUpperCase()
    const context = this.#context(command, stage)
    if (this.#policyOf(command) === 'replica' && intentOf(command.name, command.args as Arg[]) === 'read') {
      return new NoReplicaError(
        `${name}: no replica of "${this.#options.group}" could answer within ${deadlineMs} ms`,
        context
      )
    }
    const why =
      stage === 'queued'
        ? `waited here the whole time (${this.#gate.reasons.join(', ')}) and was not executed`
        : 'was written and got no reply'
    return new DeadlineError(`${name} did not finish within ${deadlineMs} ms: it ${why}`, {
      ...context,
      deadlineMs,
      ...(this.#connectedTo === undefined ? { cause: this.#host.whyNotReady() } : {})
    })
  }
}

/** A transaction whose EXEC was never written has done nothing; one of harmless commands may run twice. */
function mayRepeat(transaction: Transaction): boolean {
  const { members, complete } = transaction
  const last = members.at(-1) as Call | undefined
  if (!complete || last === undefined || writtenAt(last) === undefined) return true
  return members
    .filter((member) => !/^(multi|exec|discard)$/i.test(member.name))
    .every(
      (member) =>
        afterLoss(member.name, member.args as Arg[], optionsOf(member as Call)?.idempotent === true) === 'again'
    )
}
