import type { Command } from 'ioredis'
import type { AnyRedis } from './any-redis.js'
import type { Arg } from '../routing/arg.js'
import { blockingMs, withTimeLeft } from '../routing/blocking.js'
import { onlyReads } from '../routing/commands.js'
import { isScan } from '../routing/cursors.js'
import type { Refusal } from '../routing/refusal.js'
import type { Call } from './call.js'
import { databaseFor, keepBlockingMs, markHeld, writtenAt } from './call.js'
import type { DeadlineSweep } from './deadline-sweep.js'
import type { DispatcherContext } from './dispatcher-context.js'
import type { DispatcherCounts, DispatcherHost, DispatcherOptions } from './dispatcher-host.js'
import { Gate } from './gate.js'
import type { HeldCall, HeldQueue } from './held-queue.js'
import { sizeOf } from './held-queue.js'
import type { PipelineStream } from './ioredis-internals.js'
import {
  chooseDatabase,
  keepScriptText,
  limitBlocking,
  offlineQueueDisabledError,
  question
} from './ioredis-internals.js'
import type { PrimaryLine } from './primary-line.js'
import type { Overwrites } from './overwrites.js'
import { ScanCursors } from './scan-cursors.js'
import { selectedBy } from './selected-database.js'
import type { Session } from './session.js'
import { StreamPositions } from './stream-positions.js'
import type { Transaction } from './transaction.js'
import { endsTransaction, transactionOf } from './transaction.js'

/** So many calls of a backlog are sent before replies are read. */
const FIRST_SLICE = 4
const SLICE = 512
const FIRST_ANSWER_MS = 10
/** Of a node that has just refused, which is likely to refuse the rest too: all of it would be under way to it at each deadline. */
const FIRST_ANSWER_OF_REFUSER_MS = 1_000
const FIRST_REST_MS = 10
const LONGEST_REST_MS = 200
const RESTS_FORGOTTEN_AFTER_MS = 1_000
/** The words of ioredis `Command` setTimeout(). */
const COMMAND_TIMED_OUT = 'Command timed out'

/** The way to the primary: straight to its connection while the gate is open, else into the queue, and out of it in order of issue. */
export class PrimaryPath {
  readonly gate: Gate
  readonly #context: DispatcherContext
  readonly #primary: AnyRedis
  readonly #options: DispatcherOptions
  readonly #host: DispatcherHost
  readonly #session: Session
  readonly #counts: DispatcherCounts
  readonly #line: PrimaryLine
  readonly #held: HeldQueue
  readonly #deadlines: DeadlineSweep
  readonly #overwrites: Overwrites
  readonly #cursors = new ScanCursors()
  /** Where blocking reads of streams go on. */
  readonly streams = new StreamPositions({
    ask: (call, heard, name, ...args) => {
      this.#line.askAhead(databaseFor(call), heard, name, ...args)
    },
    again: (call) => {
      this.again([call])
    }
  })
  readonly #admits = (item: HeldCall): boolean => this.#session.admits(item.command)
  /** The connection on which writes alone are refused, so that what waits there keeps no reads from being answered. */
  #refusesWrites: number | undefined
  /** How many calls of the backlog have been sent. */
  #flushed = 0
  /** Of what waits, a few are sent first: whether the primary takes any is not known yet. */
  #fewFirst = true
  /** Ends the wait for what the few come to. */
  #knowEnough: () => void = () => undefined
  #rests = 0
  #restedAt = -Infinity

  constructor(context: DispatcherContext, line: PrimaryLine, deadlines: DeadlineSweep, held: HeldQueue) {
    this.#context = context
    this.#primary = context.primary
    this.#options = context.options
    this.#host = context.host
    this.#session = context.session
    this.#counts = context.counts
    this.#line = line
    this.#deadlines = deadlines
    this.#held = held
    this.#overwrites = context.overwrites
    this.gate = new Gate(() => {
      this.#flush()
    })
    this.gate.hold('connection')
  }

  /** Writes the call, or holds it. `now`: performance.now(), where it has just been asked. */
  send(command: Call, stream: PipelineStream | undefined, now?: number): void {
    const transaction = transactionOf(command)
    if (transaction?.over === true) {
      transaction.answer(command)
      // A pipeline is sent when all of its commands have been written to its stream.
      if (this.gate.open) stream?.write('')
      return
    }
    if (this.gate.open && this.#session.admits(command)) {
      if (command.name === 'select') this.#selects(command)
      this.#write(command, stream, now)
      if (transaction !== undefined && this.#held.length > 0) {
        // A pipeline that ends it goes out as a whole before.
        if (stream === undefined) this.#sendKept()
        else queueMicrotask(() => this.#sendKept())
      }
      return
    }
    if (this.#letsReadsOvertake() && this.#isReadApart(command)) this.#write(command, undefined, now)
    else this.hold(command, this.gate.open)
  }

  /** It would be written now, and an answer is to be expected. */
  mayTake(command: Call): boolean {
    return this.gate.open && !this.#line.silent && this.#session.admits(command)
  }

  /** Has the call wait, unless it must not; `admitted`: it was let in before, and goes to its place by order of issue. */
  hold(command: Call, admitted: boolean, queue = this.#held): void {
    if (this.#primary.status === 'wait') this.#host.wake()
    const bytes = sizeOf(command)
    const refusal = admitted ? undefined : this.#mayNotWait(command, bytes, queue)
    if (refusal !== undefined) {
      this.fail(command, refusal)
      return
    }
    if (queue === this.#held && queue.length === 0) this.#host.onHold(this.gate.reasons)
    this.#counts.held += 1
    this.#host.onWrite(command, databaseFor(command))
    const item: HeldCall = { command, since: performance.now(), bytes, replay: false }
    markHeld(command, true)
    if (admitted) queue.restore([item])
    else queue.push(item)
    this.#deadlines.start()
    if (transactionOf(command) === undefined) limitBlocking(this.#primary, command)
    if (command.name === 'select') this.#selectsAhead(command)
  }

  /** Sends commands again as soon as the gate is open, each in its place by order of issue; those that are being ended by their signal end. */
  again(commands: readonly Call[]): void {
    const now = performance.now()
    const items: HeldCall[] = []
    for (const command of commands) {
      const { unblockedBy } = command
      if (unblockedBy !== undefined && transactionOf(command) === undefined) {
        command.reject(unblockedBy)
        continue
      }
      const left = this.#timeLeft(command, now)
      if (left !== undefined && left <= 0) {
        command.resolve(null)
        continue
      }
      markHeld(command, true)
      keepScriptText(command)
      this.streams.pin(command)
      if (left !== undefined) {
        keepBlockingMs(command)
        command.args = withTimeLeft(command.name, command.args as Arg[], left) as Command['args']
      }
      items.push({ command, since: now, bytes: sizeOf(command), replay: transactionOf(command) !== undefined })
    }
    if (items.length === 0) return
    if (this.#held.length === 0) this.#host.onHold(this.gate.reasons)
    this.#counts.retried += items.length
    this.#counts.held += items.length
    this.#held.restore(items)
    this.#deadlines.start()
    if (this.gate.open) this.#flush()
    else this.#knowEnough()
  }

  /** Ends a call that waits, and with it the whole transaction that it belongs to, on the server too. */
  fail(command: Call, error: Error): void {
    const transaction = transactionOf(command)
    if (transaction === undefined) {
      this.#context.database.correct(command, undefined)
      command.reject(error)
      return
    }
    if (transaction.over) return
    const begun = transaction.begun && this.#line.address !== undefined
    transaction.giveUp(error)
    this.selected(transaction, undefined)
    if (!begun) return
    const discard = question('discard')
    discard.promise.catch(() => undefined)
    this.#context.issue(discard, Math.floor(performance.now()))
    if (this.gate.open) {
      this.#write(discard, undefined)
      queueMicrotask(() => this.#sendKept())
    } else this.hold(discard, true)
  }

  /** Of its SELECTs the transaction executes those up to the one that chose this database; none when it is not executed. */
  selected(transaction: Transaction, db: number | undefined): void {
    this.#context.database.correct(transaction, db)
    this.#line.endedIn(db ?? databaseFor(transaction.members[0] as Call), transaction)
  }

  /** The primary refused to execute: find another, or ask again in a moment. */
  rest(refusal: Refusal): void {
    this.#refusesWrites = refusal === 'no-replicas' ? this.#line.connection?.generation : undefined
    if (refusal === 'demoted' || refusal === 'redirected' || refusal === 'unblocked') {
      this.gate.hold('connection')
      this.#host.onDemoted()
      return
    }
    if (this.gate.reasons.includes('refused')) return
    this.gate.hold('refused')
    this.#fewFirst = true
    this.#knowEnough()
    if (!this.#refusedLately) this.#rests = 0
    this.#restedAt = performance.now()
    const delay = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(this.#rests++, 10))
    setTimeout(() => {
      this.gate.release('refused')
    }, delay).unref()
    if (!this.#letsReadsOvertake()) return
    const now = performance.now()
    for (const item of this.#held.remove(({ command }) => this.#isReadApart(command))) this.#sendHeld(item, now)
  }

  /** On a connection that stands, a call is not offline: ioredis would write it, and it would wait at the server. */
  get offline(): boolean {
    return !this.gate.open && !this.gate.onlyFor('silence', 'backlog')
  }

  get #refusedLately(): boolean {
    return performance.now() - this.#restedAt <= RESTS_FORGOTTEN_AFTER_MS
  }

  #write(command: Call, stream: PipelineStream | undefined, now?: number): void {
    if (isScan(command.name) && this.#hasLostItsCursor(command)) {
      // A pipeline is sent when all of its commands have been written to its stream.
      stream?.write('')
      return
    }
    const refusal = this.#line.refusalOf(command)
    if (refusal !== undefined) {
      stream?.write('')
      this.fail(command, refusal)
      return
    }
    this.#host.onWrite(command, databaseFor(command))
    this.streams.writes(command, stream === undefined)
    if (this.#line.write(command, stream, now)) {
      this.#session.wrote(command)
      if (this.#overwrites.active) this.#overwrites.wrote(command)
      this.#deadlines.start()
      return
    }
    this.gate.hold('connection')
    this.hold(command, true)
  }

  /** Ends a scan that would go on from the cursor of another connection. Not within MULTI, of which half must not be sent. */
  #hasLostItsCursor(command: Call): boolean {
    const connection = this.#line.connection
    if (connection === undefined || transactionOf(command) !== undefined) return false
    const cursor = this.#cursors.lost(command, connection.generation)
    if (cursor !== undefined) command.reject(this.#context.errors.cursorLost(command, cursor))
    return cursor !== undefined
  }

  /** Sends what waited, a few calls first and the rest in slices: the first replies are read, and other work is done, before the last are written. */
  #flush(): void {
    // It would be cut off before it is answered.
    if (this.#context.closed !== undefined) return
    if (!this.#fewFirst) this.#refusesWrites = undefined
    const most = this.#fewFirst ? FIRST_SLICE : SLICE
    const now = performance.now()
    let last: Call | undefined
    for (let sent = 0; this.gate.open; sent++) {
      // What is sent again later goes to its place in the queue, which must not be in the midst of a MULTI.
      if (sent >= most && this.#held.length > 0 && !isWithinTransaction(last)) {
        this.#restOfBacklog(this.#fewFirst ? last : undefined)
        this.#fewFirst = false
        return
      }
      const item = this.#session.multiIsOpen ? this.#held.take(this.#admits) : this.#held.shift()
      if (item === undefined) break
      if (this.#sendHeld(item, now)) last = item.command
    }
    const count = this.#flushed
    this.#flushed = 0
    this.#fewFirst = true
    this.#refusesWrites = undefined
    this.#host.onRelease(count)
  }

  /** Sends one that waited; false when it is over. */
  #sendHeld({ command, since, replay }: HeldCall, now: number): boolean {
    markHeld(command, false)
    const transaction = transactionOf(command)
    if (transaction?.over === true) return false
    if ((command.isSettled && !replay) || transaction?.abandoned === true) {
      // By ioredis's commandTimeout or blockingTimeout, while it waited.
      this.fail(command, new Error(COMMAND_TIMED_OUT))
      return false
    }
    this.#counts.longestHoldMs = Math.max(this.#counts.longestHoldMs, now - since)
    // It was told when it began to wait.
    const selected = selectedBy(command)
    if (selected !== undefined) chooseDatabase(this.#primary, selected)
    this.#flushed += 1
    this.#write(command, undefined)
    return true
  }

  /** The primary refuses nothing but writes. What a transaction on watched keys is decided by waits all the same. */
  #letsReadsOvertake(): boolean {
    return (
      this.#refusesWrites !== undefined &&
      this.#refusesWrites === this.#line.connection?.generation &&
      this.gate.onlyFor('refused', 'backlog') &&
      !this.#session.watching
    )
  }

  /** It only reads, for itself or among reads. */
  #isReadApart(command: Call): boolean {
    return (
      transactionOf(command) === undefined &&
      this.#session.admits(command) &&
      this.#context.readPipelines.isApart(command) &&
      (this.#context.intentOf(command) === 'read' || onlyReads(command.name, command.args as Arg[]))
    )
  }

  /** What stayed behind an open MULTI goes out when that is over. */
  #sendKept(): void {
    if (this.gate.open && this.#held.length > 0 && !this.#session.multiIsOpen) this.#flush()
  }

  /** Goes on when this call is answered or comes back, or when that takes long; without one, in the next turn of the event loop. */
  #restOfBacklog(after: Call | undefined): void {
    this.gate.hold('backlog')
    if (after === undefined) {
      setImmediate(() => {
        this.gate.release('backlog')
      })
      return
    }
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    const goOn = (): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      this.gate.release('backlog')
    }
    this.#knowEnough = goOn
    const patienceMs = this.#refusedLately ? FIRST_ANSWER_OF_REFUSER_MS : FIRST_ANSWER_MS
    // From the next turn on: a timer made in a turn that took long is over when it ends, before any answer is read.
    setImmediate(() => {
      if (!isOver) timer = setTimeout(goOn, patienceMs)
    })
    // What its caller does with the answer comes before the rest.
    const answered = (): void => void setImmediate(goOn)
    after.promise.then(answered, answered)
  }

  /** Why a call may not wait here; undefined when it may. */
  #mayNotWait(command: Call, bytes: number, queue: HeldQueue): Error | undefined {
    // ioredis subscribes anew by itself, just before this client takes the connection for ready.
    if (this.#primary.status === 'ready' && this.gate.reasons.includes('connection')) return undefined
    if (queue === this.#held && this.gate.onlyFor('backlog')) return undefined
    if (!this.#options.enableOfflineQueue && (queue !== this.#held || this.offline))
      return offlineQueueDisabledError(this.gate.reasons)
    const transaction = transactionOf(command)
    // A transaction whose first command was let in is let in as a whole: half of one must never be sent.
    const begun = transaction !== undefined && transaction.members[0] !== command
    if (begun || queue.hasRoomFor(bytes)) return undefined
    const { maxQueuedCommands: most, maxQueuedBytes: bytesAllowed } = this.#options
    return this.#context.errors.queueFull(command, queue, { commands: most, bytes: bytesAllowed })
  }

  /** ioredis tells it when the command is issued, with or without a connection. */
  #selectsAhead(command: Call): void {
    const { database } = this.#context
    const before = database.now
    this.#selects(command)
    if (database.now !== before) this.#primary.emit('select', database.now)
  }

  /** A SELECT within MULTI is executed with it, or not at all. */
  #selects(command: Call): void {
    const db = selectedBy(command)
    if (db !== undefined) this.#context.database.move(transactionOf(command) ?? command, db)
  }

  /** Of a finite blocking command: how much of its own time is left. */
  #timeLeft(command: Call, now: number): number | undefined {
    const own = blockingMs(command.name, command.args as Arg[])
    const since = writtenAt(command)
    return own === undefined || own === Infinity || since === undefined ? undefined : own - (now - since)
  }
}

function isWithinTransaction(command: Call | undefined): boolean {
  return command !== undefined && transactionOf(command) !== undefined && !endsTransaction(command)
}
