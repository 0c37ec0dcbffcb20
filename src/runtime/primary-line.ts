import type { Command } from 'ioredis'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyRedis } from './any-redis.js'
import type { Address } from '../protocol/address.js'
import type { Arg } from '../routing/arg.js'
import { isBusy } from '../routing/refusal.js'
import { answersWithin } from './answers-within.js'
import type { Call } from './call.js'
import { databaseFor, markWritten, tellContact } from './call.js'
import { Contact } from './contact.js'
import { onHeard } from './dial.js'
import type { PrimaryConnection } from './durability-waits.js'
import { Liveness, LOOK_AT_WORK_EVERY_MS } from './liveness.js'
import type { OpenSocket } from './open-node.js'
import type { SideConnection } from './side-connection.js'
import type { InFlight, PipelineStream } from './ioredis-internals.js'
import {
  chooseDatabase,
  connectionClosedError,
  databaseOf,
  forgetArguments,
  inFlightCount,
  interceptAnswer,
  isForSubscribers,
  listInFlight,
  oldestInFlight,
  passThrough,
  question,
  takeInFlight,
  writeCommand
} from './ioredis-internals.js'
import { LatencyEstimate } from './latency.js'
import { SilenceWatch } from './silence.js'
import type { Transaction } from './transaction.js'
import { endsTransaction, transactionOf } from './transaction.js'
import { writeByTick } from './tick-writer.js'

export interface LineHandler {
  /** Nothing can be written: no connection, or one that is closing. */
  onDown(): void
  /** The primary has not answered for `suspectAfterMs`. */
  onSilent(): void
  /** It answers again. */
  onAnswer(): void
  /** It has been silent for so long that the connection is not worth keeping. */
  onHopeless(): void
  /** The node lives, and the connection does not. */
  onDead(why: string): void
  /** Asks the node for a sign of life, if that can be done now. */
  ping(): void
  openSide(address: Address, signal: AbortSignal): Promise<SideConnection>
  /** The connection broke; these were written and have no reply. ioredis does not know them any more. */
  onLost(items: readonly InFlight[], address: Address): void
}

export interface LineOptions {
  readonly suspectAfterMs: number
  readonly hopelessAfterMs: () => number
  readonly downAfterMs: () => number
}

/** For a connection beside this one, and for what it is asked as long again. */
const UNBLOCK_TAKES_MS = 1_000
const UNBLOCK_TRIES = 3
const UNBLOCK_AGAIN_MS = 20
const ASK_TO_SELECT_EVERY_MS = 1_000
/** A node that still answers has said something more by then. */
const LEAVE_WITHIN_MS = 50
/** What it says may be messages to a subscriber, without end: for so long it may answer no call meanwhile. */
const LEAVE_UNANSWERED_WITHIN_MS = 1_000
/** The latest that a node said that it holds back what was written, with time for the question. */
const PAUSED_COUNTS_MS = LOOK_AT_WORK_EVERY_MS + 200

/** The connection to the primary, which is the ioredis instance's own: one socket after another, each to a verified primary. */
export class PrimaryLine {
  readonly #redis: AnyRedis
  readonly #handler: LineHandler
  readonly #silence: SilenceWatch
  readonly #liveness: Liveness
  readonly #latency = new LatencyEstimate()
  #socket: Socket | undefined
  #address: Address | undefined
  #generation = 0
  #clientId: number | undefined
  #contact: Contact | undefined
  #unblockedAt = -Infinity
  #leaving: NodeJS.Timeout | undefined
  /** Databases that the node has refused to select on this connection, and will not select. */
  readonly #refused = new Map<number, { readonly error: Error; askedAt: number }>()
  /** Answered, but about another database than they were meant for. */
  #misled: InFlight[] = []

  constructor(redis: AnyRedis, options: LineOptions, handler: LineHandler) {
    this.#redis = redis
    this.#handler = handler
    this.#silence = new SilenceWatch(redis, options.suspectAfterMs, options.hopelessAfterMs, {
      onSilent: () => {
        handler.onSilent()
        this.#liveness.suspect()
      },
      onAnswer: () => {
        handler.onAnswer()
      },
      onHopeless: () => {
        if (this.#liveness.working) return false
        handler.onHopeless()
        return true
      }
    })
    this.#liveness = new Liveness(redis, options.downAfterMs, {
      heardAt: () => this.#silence.heardAt,
      ping: () => {
        handler.ping()
      },
      openSide: (signal) =>
        this.#address === undefined ? Promise.reject(connectionClosedError()) : handler.openSide(this.#address, signal),
      onDead: (why) => {
        handler.onDead(why)
      }
    })
  }

  /** The node that the socket leads to; undefined without one. */
  get address(): Address | undefined {
    return this.#address
  }

  /** The connection there is now; undefined without one. */
  get connection(): PrimaryConnection | undefined {
    return this.#address === undefined ? undefined : { address: this.#address, generation: this.#generation }
  }

  /** A moving estimate of the round trip in milliseconds. */
  get latencyMs(): number | undefined {
    return this.#latency.valueMs
  }

  /** When it last gave a sign: performance.now(). */
  get heardAt(): number {
    return this.#silence.heardAt
  }

  /** It has not answered for `suspectAfterMs`. */
  get silent(): boolean {
    return this.#silence.silent
  }

  /** It lives, and holds back what was written to it: CLIENT PAUSE, or a call that waits there for something. */
  get paused(): boolean {
    return this.#silence.silent && this.#liveness.waited(PAUSED_COUNTS_MS)
  }

  /** It is left when it has answered. */
  get leaving(): boolean {
    return this.#leaving !== undefined
  }

  get writable(): boolean {
    return this.#socket?.writable === true
  }

  /** A socket to a verified primary is about to be ioredis's; its greeting selects this database. */
  attach({ socket, clientId }: OpenSocket, address: Address, db: number): void {
    this.#socket = socket
    writeByTick(socket, () => inFlightCount(this.#redis) === 0)
    this.#clientId = clientId
    this.#address = address
    this.#contact = new Contact('primary', address, this.#redis, socket)
    this.#generation += 1
    this.#refused.clear()
    chooseDatabase(this.#redis, db)
    this.#silence.attach()
    onHeard(socket, () => {
      this.#silence.heard()
      if (this.#leaving !== undefined) this.#leaveIfAnswered(socket)
    })
    this.#liveness.attach(clientId)
    const down = (): void => {
      if (this.#socket === socket) this.#handler.onDown()
    }
    socket.once('end', down)
    socket.once('error', down)
    // Before ioredis's own handler: what is in flight is taken from it.
    socket.once('close', () => {
      if (this.#socket !== socket) return
      this.#handler.onDown()
      this.#socket = undefined
      this.#address = undefined
      this.#silence.reset()
      this.#liveness.reset()
      this.#stay()
      this.#handler.onLost([...this.#misled.splice(0), ...takeInFlight(this.#redis)], address)
    })
  }

  /** Destroys the connection: what was written and not answered has an unknown outcome from now on. */
  cut(): void {
    if (this.#socket === undefined) return
    this.#handler.onDown()
    const socket = this.#socket.destroy()
    // Node tells the close in a later turn of the event loop, and the way to the next primary begins there.
    process.nextTick(() => {
      if (this.#socket === socket) socket.emit('close', false)
    })
  }

  /**
   * Destroys the connection to a node that refuses to execute, when it has answered what is on its way there: that is most likely
   * refused too, and would be of unknown outcome. Nothing is to be written to it any more. It may be quiet for so long before its
   * first answer. False when that is under way already.
   */
  leave(quietMs = LEAVE_WITHIN_MS): boolean {
    const socket = this.#socket
    if (socket === undefined || this.#leaving !== undefined) return false
    this.#leaveWhenQuiet(socket, quietMs)
    // The rest of what has just been read is looked at first.
    process.nextTick(() => {
      this.#leaveIfAnswered(socket)
    })
    return true
  }

  #leaveIfAnswered(socket: Socket): void {
    if (this.#socket === socket && inFlightCount(this.#redis) === 0) this.cut()
  }

  #leaveWhenQuiet(socket: Socket, quietMs: number, until = performance.now() + LEAVE_UNANSWERED_WITHIN_MS): void {
    const since = performance.now()
    const oldest = oldestInFlight(this.#redis)
    const look = (): void => {
      if (this.#socket !== socket) return
      const answers = oldestInFlight(this.#redis) !== oldest
      if (this.#silence.heardAt > since && (answers || performance.now() < until))
        this.#leaveWhenQuiet(socket, LEAVE_WITHIN_MS, answers ? undefined : until)
      else this.cut()
    }
    // This process may have been busy: what the node has said meanwhile is read first.
    this.#leaving = setTimeout(() => setImmediate(look), quietMs).unref()
  }

  #stay(): void {
    clearTimeout(this.#leaving)
    this.#leaving = undefined
  }

  /** Why the node does not take this call, which would be about another database than it is meant for. It is asked again from time to time. */
  refusalOf(command: Call): Error | undefined {
    if (this.#refused.size === 0 || !needsItsDatabase(command)) return undefined
    const db = databaseFor(command)
    const refused = this.#refused.get(db)
    if (refused === undefined) return undefined
    const now = performance.now()
    if (now - refused.askedAt >= ASK_TO_SELECT_EVERY_MS) {
      refused.askedAt = now
      this.#select(db)
    }
    return refused.error
  }

  /** False when it could not be written after all. */
  write(command: Call, stream: PipelineStream | undefined, now = performance.now()): boolean {
    const db = databaseFor(command)
    if (databaseOf(this.#redis) !== db && needsItsDatabase(command)) this.#select(db)
    if (selects(command)) this.#watchSelect(command, databaseOf(this.#redis))
    markWritten(command, Math.floor(now))
    if (!writeCommand(this.#redis, command, stream)) return false
    tellContact(command, this.#contact)
    this.#latency.sample(command.promise, now)
    this.#silence.expectAnswer()
    return true
  }

  /** A question of this library's own, behind what was written so far; undefined when it could not be written. */
  ask(name: string, ...args: Arg[]): Promise<string> | undefined {
    const command = question(name, ...args)
    if (!this.#write(command)) return undefined
    if (name === 'auth') forgetArguments(command)
    return command.promise as Promise<string>
  }

  /** The same about the data of this database. `heard` gets the reply as it came, before that of any later command is looked at; an error it does not get. */
  askAhead(db: number, heard: (reply: unknown) => void, name: string, ...args: Arg[]): void {
    if (databaseOf(this.#redis) !== db) this.#select(db)
    const command = question(name, ...args)
    const { resolve } = command
    command.resolve = (reply) => {
      heard(reply)
      resolve(reply)
    }
    command.promise.catch(() => undefined)
    this.#write(command)
  }

  /** The client is being ended; whoever ends it destroys the socket. */
  stop(): void {
    this.#stay()
    this.#silence.reset()
    this.#liveness.reset()
    const misled = this.#misled.splice(0)
    if (this.#address !== undefined && misled.length > 0) this.#handler.onLost(misled, this.#address)
    this.#socket = undefined
    this.#address = undefined
  }

  /** Tells the node to end the blocking call that this connection waits for; resolves with false when that could not be done. */
  async unblock(): Promise<boolean> {
    const [address, clientId] = [this.#address, this.#clientId]
    if (address === undefined || clientId === undefined) return false
    let side: SideConnection | undefined
    try {
      side = await this.#handler.openSide(address, AbortSignal.timeout(UNBLOCK_TAKES_MS))
      // 0 when the call has not reached the node yet, or is over already.
      for (let tries = 0; tries < UNBLOCK_TRIES; tries++) {
        this.#unblockedAt = performance.now()
        const unblock = ['CLIENT', 'UNBLOCK', String(clientId), 'ERROR']
        const [answer] = await answersWithin(UNBLOCK_TAKES_MS, side, [unblock])
        if (answer !== 0) return answer === 1
        await sleep(UNBLOCK_AGAIN_MS)
      }
    } catch {
      // The node is gone, or refuses.
    } finally {
      side?.close()
    }
    return false
  }

  /** It was told so a moment ago. */
  get hasUnblocked(): boolean {
    return performance.now() - this.#unblockedAt < UNBLOCK_TAKES_MS
  }

  #write(command: Command): boolean {
    markWritten(command, Math.floor(performance.now()))
    if (!writeCommand(this.#redis, command)) return false
    this.#silence.expectAnswer()
    return true
  }

  /** ioredis is about to greet the node by this SELECT, and does not care whether it is refused. */
  greet(select: Command): void {
    this.#watchSelect(select, 0)
  }

  /** The transaction leaves the connection in this database, whatever it was told to select, unless another one is being selected since. */
  endedIn(db: number, transaction: Transaction): void {
    const selectsSince = listInFlight(this.#redis).some(
      ({ command }) => command.name === 'select' && transactionOf(command) !== transaction
    )
    if (transaction.begun && !selectsSince) chooseDatabase(this.#redis, db)
  }

  #select(db: number): void {
    const select = question('select', String(db))
    select.promise.catch(() => undefined)
    this.#watchSelect(select, databaseOf(this.#redis))
    // ioredis would tell the client's listeners.
    chooseDatabase(this.#redis, db)
    passThrough(this.#redis, select)
  }

  /** `before`: the database that the connection stays in when it is refused. */
  #watchSelect(select: Command, before: number): void {
    const socket = this.#socket
    const { resolve, reject } = select
    select.resolve = (answer) => {
      this.#refused.delete(Number(select.args[0]))
      resolve(answer)
    }
    select.reject = (error) => {
      reject(error)
      // What ends here by its signal or its deadline is executed all the same.
      if (error.name !== 'ReplyError' || socket === undefined || this.#socket !== socket) return
      this.#notSelected(select, before, error, socket)
    }
  }

  /**
   * ioredis takes a database for selected when SELECT is written: refused (BUSY, NOPERM), it leaves all that follows to the database
   * of before. For a reason that lasts, what follows is refused too, and the database is known again. Otherwise only refusals count of
   * what is on its way, and the next connection selects anew.
   */
  #notSelected(select: Command, before: number, error: Error, socket: Socket): void {
    const db = Number(select.args[0])
    const inFlight = listInFlight(this.#redis)
    const next = inFlight.findIndex(({ command }) => command.name === 'select')
    const lasts = !isBusy(error.message)
    const known = lasts && next === -1
    if (lasts) this.#refused.set(db, { error, askedAt: performance.now() })
    for (const item of next === -1 ? inFlight : inFlight.slice(0, next)) {
      const call = item.command as Call
      const transaction = transactionOf(call)
      // It would say the same on the next connection: there is no such database, or no right to SELECT.
      if (lasts && databaseFor(call) === db) {
        if (transaction === undefined) call.reject(error)
        else if (!transaction.over) transaction.giveUp(error)
      }
      if (known || (transaction !== undefined && !endsTransaction(call))) continue
      interceptAnswer(call, () => {
        if (this.#socket !== socket || call.isSettled) return false
        this.#misled.push(item)
        return true
      })
    }
    if (known) {
      chooseDatabase(this.#redis, before)
      return
    }
    this.#handler.onDown()
    this.leave()
  }
}

/** Channels are in no database, and a connection with subscriptions may not select one. What is within MULTI is where MULTI is. */
function needsItsDatabase(command: Command): boolean {
  if (command.name === 'select' || isForSubscribers(command)) return false
  const transaction = transactionOf(command)
  return transaction === undefined ? !endsTransaction(command) : transaction.members[0] === command
}

/** A call of the caller's by which the connection gets another database; within MULTI it is answered later. */
function selects(command: Call): boolean {
  return command.name === 'select' && transactionOf(command) === undefined && /^\d+$/.test(String(command.args[0]))
}
