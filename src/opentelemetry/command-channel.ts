import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import type { CommandOffer, CommandTrace } from '../index.js'
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
  readonly #clients = new Set<object>()
  readonly #onOffer = (message: unknown): void => {
    if (!isWithinSpan()) return
    const offer = message as CommandOffer
    if (this.#clients.has(offer.client)) offer.wanted = true
  }

  /** One listener a client; what others wanted is told to it as well. */
  follow(client: object, listener: CommandListener): WantedFollowed {
    if (this.#clients.size === 0) subscribe(OFFER, this.#onOffer)
    this.#clients.add(client)
    return {
      wantNoMore: () => {
        if (this.#clients.delete(client) && this.#clients.size === 0) unsubscribe(OFFER, this.#onOffer)
      },
      end: this.#calls.follow(client, listener)
    }
  }
}

const OFFER = 'ioredis-sentinel:command-offer'

/** Every call. */
export const EVERY_CALL = new CommandChannel('ioredis-sentinel:command')
/** About forty a second at most. */
export const SAMPLED_CALLS = new CommandChannel('ioredis-sentinel:command-sample')
export const CALLS_WITHIN_SPANS = new CallsWithinSpans()
