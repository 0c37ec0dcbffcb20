import type { Address } from '../../protocol/address.js'
import { formatAddress } from '../../protocol/address.js'
import type { FeedNode, SubscribeTo } from '../../routing/subscribe-policy.js'
import { doubtfulFeedNodes, feedNodes } from '../../routing/subscribe-policy.js'
import type { Topology } from '../../topology/topology.js'
import { backoffMs } from '../backoff.js'
import type { Feed } from './feed.js'

export interface SearchHost {
  topology(): Topology
  isNear(address: Address): boolean
  open(node: FeedNode, signal: AbortSignal): Promise<Feed>
}

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000
/** For a node that was tried in vain: others come first for so long. */
const AVOIDED_FOR_MS = 10_000
/** By then its replicas follow it, as a rule: each is told to within a second or two, one after the other. */
const NEW_PRIMARY_MS = 5_000

/** Looks for a node that subscriptions may be at. */
export class FeedSearch {
  readonly #policy: SubscribeTo
  readonly #host: SearchHost
  /** Until when, by performance.now(). */
  readonly #avoided = new Map<string, number>()
  #turn = Math.floor(Math.random() * 1_000)
  #primarySince = -Infinity
  #poke: () => void = () => undefined

  constructor(policy: SubscribeTo, host: SearchHost) {
    this.#policy = policy
    this.#host = host
  }

  /** The best first. */
  nodes(): readonly FeedNode[] {
    return feedNodes({
      policy: this.#policy,
      topology: this.#host.topology(),
      isNear: (address) => this.#host.isNear(address),
      isAvoided: (address) => this.isAvoided(address),
      turn: this.#turn,
      isNewPrimary: performance.now() - this.#primarySince < NEW_PRIMARY_MS
    })
  }

  avoid({ address }: FeedNode): void {
    this.#turn += 1
    this.#avoided.set(formatAddress(address), performance.now() + AVOIDED_FOR_MS)
  }

  isAvoided(address: Address): boolean {
    return (this.#avoided.get(formatAddress(address)) ?? 0) > performance.now()
  }

  primaryChanged(): void {
    this.#primarySince = performance.now()
  }

  /** The topology has changed: a pause is over. */
  poke(): void {
    this.#poke()
  }

  /** Goes on until there is one; undefined when it is not needed any more, or aborted. */
  async find(isNeeded: () => boolean, signal: AbortSignal): Promise<Feed | undefined> {
    for (let round = 0; !signal.aborted && isNeeded(); round += 1) {
      for (const node of [...this.nodes(), ...doubtfulFeedNodes({ topology: this.#host.topology() })]) {
        const feed = await this.#host.open(node, signal).catch(() => undefined)
        if (!signal.aborted && feed !== undefined) return feed
        feed?.close()
      }
      if (!signal.aborted) await this.#pause(backoffMs(round, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), signal)
    }
    return undefined
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#poke = () => undefined
        resolve()
      }
      const timer = setTimeout(done, ms)
      timer.unref()
      signal.addEventListener('abort', done, { once: true })
      this.#poke = done
    })
  }
}
