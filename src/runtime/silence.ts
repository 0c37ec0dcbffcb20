import type { Command } from 'ioredis'
import type { AnyRedis } from './any-redis.js'
import { blockingMs } from '../routing/blocking.js'
import type { Arg } from '../routing/commands.js'
import { afterReading } from './after-reading.js'
import { writtenAt } from './call.js'
import { inFlightCount, oldestInFlight } from './ioredis-internals.js'

export interface SilenceHandler {
  /** The oldest command in flight has waited `suspectAfterMs` without a byte from the node. */
  onSilent(): void
  /** It spoke again. */
  onAnswer(): void
  /** Still nothing after `hopelessAfterMs()`. True: the connection was given up; else the question is put again. */
  onHopeless(): boolean
}

/**
 * Notices that a node does not answer. It looks only while commands are in flight, and takes a blocking command at the head
 * of the line for a reason to be silent.
 */
export class SilenceWatch {
  readonly #redis: AnyRedis
  readonly #suspectAfterMs: number
  readonly #hopelessAfterMs: () => number
  readonly #handler: SilenceHandler
  #callOff: (() => void) | undefined
  #heardAt = 0
  #silent = false
  /** The oldest one in flight, as long as it is that, and nobody else knows when it was written. */
  #unmarked: { readonly command: Command; readonly at: number } | undefined

  constructor(redis: AnyRedis, suspectAfterMs: number, hopelessAfterMs: () => number, handler: SilenceHandler) {
    this.#redis = redis
    this.#suspectAfterMs = suspectAfterMs
    this.#hopelessAfterMs = hopelessAfterMs
    this.#handler = handler
  }

  get silent(): boolean {
    return this.#silent
  }

  /** When the last byte came from the node, or the connection was made: performance.now(). */
  get heardAt(): number {
    return this.#heardAt
  }

  /** A new connection: whatever is heard on it counts. */
  attach(): void {
    this.reset()
    this.#heardAt = performance.now()
  }

  /** The node has said something. */
  heard(): void {
    this.#heardAt = performance.now()
    if (this.#silent) this.#end()
  }

  /** A command was written. */
  expectAnswer(): void {
    if (this.#callOff === undefined) this.#lookAgain()
  }

  /** The connection is gone, and its silence with it. */
  reset(): void {
    this.#callOff?.()
    this.#callOff = undefined
    this.#silent = false
    this.#unmarked = undefined
  }

  #lookAgain(): void {
    const interval = this.#suspectAfterMs / 4
    this.#callOff = afterReading(interval, interval, () => {
      this.#look()
    })
  }

  #look(): void {
    this.#callOff = undefined
    const oldest = oldestInFlight(this.#redis)
    if (oldest !== this.#unmarked?.command) this.#unmarked = undefined
    if (oldest === undefined || inFlightCount(this.#redis) === 0) {
      if (this.#silent) this.#end()
      return
    }
    const since = Math.max(writtenAt(oldest) ?? this.#firstSeen(oldest), this.#heardAt)
    const waited = performance.now() - since
    if (blockingMs(oldest.name, oldest.args as Arg[]) === undefined) {
      if (!this.#silent && waited >= this.#suspectAfterMs) {
        this.#silent = true
        this.#handler.onSilent()
      }
      if (waited >= this.#hopelessAfterMs() && this.#handler.onHopeless()) return
    }
    this.#lookAgain()
  }

  /** Of what is not written by this library, such as ioredis's SELECT, nobody has kept when. */
  #firstSeen(command: Command): number {
    this.#unmarked ??= { command, at: performance.now() }
    return this.#unmarked.at
  }

  #end(): void {
    this.#silent = false
    this.#handler.onAnswer()
  }
}
