import { timeOrigin } from '../time-origin.js'
import type { LocalNode } from './local-node.js'
import { RespConnection } from './resp-connection.js'

/** A node that was something else, or unknown, was seen to say that it is the primary. */
export interface Promotion {
  readonly node: LocalNode
  /** Milliseconds since 1970, with a fraction. */
  readonly at: number
  /** `Date.now()` at the same moment. */
  readonly dateNow: number
  /** `performance.now()` at the same moment. */
  readonly monotonic: number
}

export interface WatchPromotionsOptions {
  /** How long after an answer each node is asked again, in milliseconds; 2 by default. */
  readonly everyMs?: number
}

const POLL_MS = 2
const SILENCE_MS = 250

/**
 * Sees promotions on the nodes themselves, owing nothing to sentinels or to the client under test. A node that said master
 * when the watch began, or before it was restarted, is no promotion. It runs in this process: when the event loop is
 * busy for n ms, it sees a promotion up to n ms late.
 */
export class PromotionWatch {
  readonly #onPromotion: ((promotion: Promotion) => void) | undefined
  readonly #onStop: () => void
  readonly #everyMs: number
  readonly #watched = new Map<LocalNode, NodeWatch>()
  readonly #promotions: Promotion[] = []

  constructor(
    onPromotion: ((promotion: Promotion) => void) | undefined,
    onStop: () => void,
    { everyMs = POLL_MS }: WatchPromotionsOptions = {}
  ) {
    this.#everyMs = everyMs
    this.#onPromotion = onPromotion
    this.#onStop = onStop
  }

  /** All seen so far, oldest first. */
  get promotions(): readonly Promotion[] {
    return this.#promotions
  }

  /** Used by the topology when a node is added. */
  add(node: LocalNode): void {
    this.#watched.set(
      node,
      new NodeWatch(node, this.#everyMs, () => {
        const monotonic = performance.now()
        const promotion = { node, at: timeOrigin() + monotonic, dateNow: Date.now(), monotonic }
        this.#promotions.push(promotion)
        this.#onPromotion?.(promotion)
      })
    )
  }

  /** Used by the topology when a node is removed. */
  remove(node: LocalNode): void {
    this.#watched.get(node)?.stop()
    this.#watched.delete(node)
  }

  stop(): void {
    for (const node of [...this.#watched.keys()]) this.remove(node)
    this.#onStop()
  }
}

class NodeWatch {
  readonly #node: LocalNode
  readonly #onPromoted: () => void
  readonly #everyMs: number
  #connection: RespConnection | undefined
  #timer: NodeJS.Timeout | undefined
  #lastRole: 'unknown' | 'master' | 'other' = 'unknown'
  #stopped = false

  constructor(node: LocalNode, everyMs: number, onPromoted: () => void) {
    this.#node = node
    this.#everyMs = everyMs
    this.#onPromoted = onPromoted
    void this.#poll()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#connection?.close()
  }

  async #poll(): Promise<void> {
    try {
      this.#connection ??= new RespConnection(this.#node.endpoint, SILENCE_MS)
      const reply = await this.#connection.send(['ROLE'])
      if (this.#stopped) return
      const role = Array.isArray(reply) && reply[0] === 'master' ? 'master' : 'other'
      const promoted = role === 'master' && this.#lastRole === 'other'
      this.#lastRole = role
      if (promoted) this.#tell()
    } catch {
      this.#connection?.close()
      this.#connection = undefined
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#poll(), this.#everyMs)
  }

  #tell(): void {
    try {
      this.#onPromoted()
    } catch (error) {
      // It is the caller's, and keeps nobody from watching.
      process.nextTick(() => {
        throw error
      })
    }
  }
}
