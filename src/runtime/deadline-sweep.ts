import type { AnyRedis } from './any-redis.js'
import { afterReading } from './after-reading.js'
import type { Call } from './call.js'
import { blockingMsOf, issuedAt, optionsOf, sequenceOf } from './call.js'
import type { HeldQueue } from './held-queue.js'
import { inFlightCount, listInFlight } from './ioredis-internals.js'

export interface SweptCalls {
  /** Calls that wait for the primary. */
  readonly held: HeldQueue
  /** Reads that wait for a replica. */
  readonly reads: HeldQueue
  /** What begins or ends subscriptions, and is not answered. */
  readonly subscriptions: HeldQueue
  /** Connections with calls in flight. */
  connections(): readonly AnyRedis[]
  /** The deadline of a call that sets none, in milliseconds. */
  standardMs(): number
}

export interface LateHandler {
  onHeldTooLong(call: Call, deadlineMs: number): void
  onReadHeldTooLong(call: Call, deadlineMs: number): void
  onSubscriptionTooLong(call: Call, deadlineMs: number): void
  onUnanswered(call: Call, deadlineMs: number, connection: AnyRedis): void
}

const SWEEP_EVERY_MS = 50

/** Finds calls past their deadline, wherever they are; it looks only while there are calls. */
export class DeadlineSweep {
  readonly #calls: SweptCalls
  readonly #handler: LateHandler
  #callOff: (() => void) | undefined

  constructor(calls: SweptCalls, handler: LateHandler) {
    this.#calls = calls
    this.#handler = handler
  }

  /** There is a call to be looked after. */
  start(): void {
    this.#callOff ??= afterReading(SWEEP_EVERY_MS, SWEEP_EVERY_MS, () => {
      this.#sweep()
    })
  }

  #sweep(): void {
    this.#callOff = undefined
    this.#look(performance.now())
    const { held, reads, subscriptions } = this.#calls
    if (
      held.length + reads.length + subscriptions.length > 0 ||
      this.#calls.connections().some((redis) => inFlightCount(redis) > 0)
    )
      this.start()
  }

  stop(): void {
    this.#callOff?.()
    this.#callOff = undefined
  }

  #look(now: number): void {
    const standard = this.#calls.standardMs()
    const deadlineOf = (call: Call): number => optionsOf(call)?.deadlineMs ?? standard
    const overdue = (call: Call): boolean => now - issuedAt(call) > deadlineOf(call) + (blockingMsOf(call) ?? 0)
    for (const { command } of this.#calls.reads.remove((item) => overdue(item.command))) {
      this.#handler.onReadHeldTooLong(command, deadlineOf(command))
    }
    for (const { command } of this.#calls.subscriptions.remove((item) => overdue(item.command))) {
      this.#handler.onSubscriptionTooLong(command, deadlineOf(command))
    }
    const waiting = ({ command, replay }: { command: Call; replay: boolean }): boolean => replay || !command.isSettled
    for (const { command } of this.#calls.held.remove((item) => waiting(item) && overdue(item.command))) {
      this.#handler.onHeldTooLong(command, deadlineOf(command))
    }
    for (const redis of this.#calls.connections()) {
      for (const { command } of listInFlight(redis)) {
        const call = command as Call
        const ours = !call.isSettled && sequenceOf(call) > 0
        if (ours && overdue(call)) this.#handler.onUnanswered(call, deadlineOf(call), redis)
      }
    }
  }
}
