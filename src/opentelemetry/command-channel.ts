import { tracingChannel } from 'node:diagnostics_channel'
import type { AnySentinelRedis, CommandTrace } from '../index.js'
import { isWithinSpan } from './within-span.js'

export interface CommandListener {
  onStart?(trace: CommandTrace): void
  onSettled(trace: CommandTrace): void
}

/** What ends it, in this order. Between the two, calls that have begun are told of. */
export interface WantedFollowed {
  readonly wantNoMore: () => void
  readonly end: () => void
}

/** One subscription for all clients, as long as there is one. */
class CommandChannel {
  readonly #name: string
  readonly #listeners = new Map<object, readonly CommandListener[]>()
  readonly #handlers = {
    start: (message: unknown): void => {
      const trace = message as CommandTrace
      for (const listener of this.#listeners.get(trace.client) ?? []) listener.onStart?.(trace)
    },
    asyncEnd: (message: unknown): void => {
      const trace = message as CommandTrace
      for (const listener of this.#listeners.get(trace.client) ?? []) listener.onSettled(trace)
    }
  }

  constructor(name: string) {
    this.#name = name
  }

  /** Tells of this client's calls until what it gives is called. */
  follow(client: object, listener: CommandListener): () => void {
    if (this.#listeners.size === 0) this.#subscribe(true)
    this.#listeners.set(client, [...(this.#listeners.get(client) ?? []), listener])
    return () => {
      const others = (this.#listeners.get(client) ?? []).filter((one) => one !== listener)
      if (others.length > 0) this.#listeners.set(client, others)
      else if (this.#listeners.delete(client) && this.#listeners.size === 0) this.#subscribe(false)
    }
  }

  #subscribe(on: boolean): void {
    const { start, asyncEnd } = tracingChannel<object, object>(this.#name)
    const { start: onStart, asyncEnd: onEnd } = this.#handlers
    if (on) {
      start.subscribe(onStart)
      asyncEnd.subscribe(onEnd)
    } else {
      start.unsubscribe(onStart)
      asyncEnd.unsubscribe(onEnd)
    }
  }
}

/** Those calls that are issued within a span: the others cost no more than the question. */
class CallsWithinSpans {
  readonly #calls = new CommandChannel('ioredis-sentinel:command-wanted')

  /** What others wanted is told to it as well. */
  follow(client: AnySentinelRedis, listener: CommandListener): WantedFollowed {
    return { wantNoMore: client.offerCalls(isWithinSpan), end: this.#calls.follow(client, listener) }
  }
}

/** Every call. */
export const EVERY_CALL = new CommandChannel('ioredis-sentinel:command')
/** About forty a second at most. */
export const SAMPLED_CALLS = new CommandChannel('ioredis-sentinel:command-sample')
export const CALLS_WITHIN_SPANS = new CallsWithinSpans()
