import type { Redis } from 'ioredis'
import type { Socket } from 'node:net'
import type { Address } from '../protocol/address.js'
import type { Call } from './call.js'
import { databaseFor, markWritten } from './call.js'
import type { InFlight, PipelineStream } from './ioredis-internals.js'
import { chooseDatabase, databaseOf, passThrough, question, takeInFlight, writeCommand } from './ioredis-internals.js'
import { LatencyEstimate } from './latency.js'
import { SilenceWatch } from './silence.js'
import { TickCork } from './tick-cork.js'

export interface LineHandler {
  /** Nothing can be written: no connection, or one that is closing. */
  onDown(): void
  /** The primary has not answered for `suspectAfterMs`. */
  onSilent(): void
  /** It answers again. */
  onAnswer(): void
  /** It has been silent for so long that the connection is not worth keeping. */
  onHopeless(): void
  /** The connection broke; these were written and have no reply. ioredis does not know them any more. */
  onLost(items: readonly InFlight[], address: Address): void
}

/** The connection to the primary, which is the ioredis instance's own: one socket after another, each to a verified primary. */
export class PrimaryLine {
  readonly #redis: Redis
  readonly #handler: LineHandler
  readonly #silence: SilenceWatch
  readonly #latency = new LatencyEstimate()
  readonly #cork = new TickCork()
  #socket: Socket | undefined
  #address: Address | undefined

  constructor(redis: Redis, suspectAfterMs: number, hopelessAfterMs: () => number, handler: LineHandler) {
    this.#redis = redis
    this.#handler = handler
    this.#silence = new SilenceWatch(redis, suspectAfterMs, hopelessAfterMs, handler)
  }

  /** The node that the socket leads to; undefined without one. */
  get address(): Address | undefined {
    return this.#address
  }

  /** A moving estimate of the round trip in milliseconds. */
  get latencyMs(): number | undefined {
    return this.#latency.valueMs
  }

  get writable(): boolean {
    return this.#socket?.writable === true
  }

  /** A socket to a verified primary is about to be ioredis's; its greeting selects this database. */
  attach(socket: Socket, address: Address, db: number): void {
    this.#socket = socket
    this.#address = address
    chooseDatabase(this.#redis, db)
    this.#silence.attach(socket)
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
      this.#handler.onLost(takeInFlight(this.#redis), address)
    })
  }

  /** Destroys the connection: what was written and not answered has an unknown outcome from now on. */
  cut(): void {
    if (this.#socket === undefined) return
    this.#handler.onDown()
    this.#socket.destroy()
  }

  /** False when it could not be written after all. */
  write(command: Call, stream: PipelineStream | undefined): boolean {
    const db = databaseFor(command)
    if (databaseOf(this.#redis) !== db && command.name !== 'select') this.#select(db)
    const now = performance.now()
    markWritten(command, now)
    if (!writeCommand(this.#redis, command, stream)) return false
    if (this.#socket !== undefined) this.#cork.wrote(this.#socket)
    this.#latency.sample(command.promise, now)
    this.#silence.expectAnswer()
    return true
  }

  /** A question of this library's own, behind what was written so far; undefined when it could not be written. */
  ask(name: string, argument: string): Promise<string> | undefined {
    const command = question(name, argument)
    markWritten(command, performance.now())
    if (!writeCommand(this.#redis, command)) return undefined
    this.#silence.expectAnswer()
    return command.promise as Promise<string>
  }

  /** The client is being ended; whoever ends it destroys the socket. */
  stop(): void {
    this.#silence.reset()
    this.#socket = undefined
    this.#address = undefined
  }

  #select(db: number): void {
    const select = question('select', String(db))
    select.promise.catch(() => undefined)
    passThrough(this.#redis, select)
  }
}
