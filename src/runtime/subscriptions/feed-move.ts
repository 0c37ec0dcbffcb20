import type { FeedNode } from '../../routing/subscribe-policy.js'
import type { Subscriptions } from '../../routing/subscriptions.js'
import { SUBSCRIPTION_KINDS } from '../../routing/subscriptions.js'
import type { Feed, Heard } from './feed.js'
import type { ExpectedMark, Marks } from './marks.js'

export interface MoveHost {
  open(node: FeedNode, signal: AbortSignal): Promise<Feed>
  publish(token: string): Promise<'taken' | 'refused' | 'failed'>
  tell(heard: Heard): void
  /** So many messages may be kept. */
  readonly mostKept: number
  /** How late the new one may hear what the primary has published, in milliseconds. */
  readonly newWithinMs: number
}

/**
 * `feed` is subscribed to all, and was told of nothing before `kept`. `missed`: the old one did not come that far. `heardUntil`: the new
 * one has heard what was published until then, by performance.now().
 */
export interface Moved {
  readonly feed: Feed
  readonly heardUntil: number
  readonly kept: readonly Heard[]
  readonly missed: boolean
}

const OLD_WITHIN_MS = 2_000

/**
 * Takes subscriptions from one node to another without losing or doubling a message: both hear everything for a while, and a mark says up
 * to where the one counts, and from where on the other. Messages that come behind it too early are kept.
 */
export class FeedMove {
  readonly #old: Feed
  readonly #isForced: boolean
  readonly #marks: Marks
  readonly #host: MoveHost
  readonly #abort = new AbortController()
  #token: string | undefined
  #feed: Feed | undefined
  #expected: readonly ExpectedMark[] = []
  #keptOfOld: Heard[] | undefined
  #keptOfNew: Heard[] | undefined

  /** `isForced`: the old one is worth so little that it is left even if it does not hear the mark. */
  constructor(old: Feed, isForced: boolean, marks: Marks, host: MoveHost) {
    this.#old = old
    this.#isForced = isForced
    this.#marks = marks
    this.#host = host
  }

  /** Resolves with undefined when it was given up: then the old one goes on as if nothing had been. */
  async run(nodes: readonly FeedNode[], wanted: Subscriptions): Promise<Moved | undefined> {
    const moved = await this.#go(nodes, wanted).catch(() => undefined)
    for (const mark of this.#expected) this.#marks.forget(mark)
    const { signal } = this.#abort
    if (moved !== undefined && !signal.aborted) return moved
    this.giveUp()
    return undefined
  }

  giveUp(): void {
    if (this.#abort.signal.aborted) return
    this.#abort.abort()
    this.#feed?.close()
    for (const mark of this.#expected) mark.wake()
    const kept = this.#keptOfOld ?? []
    this.#keptOfOld = undefined
    for (const heard of kept) this.#host.tell(heard)
  }

  /** What the old feed heard; true when it is kept, or the mark itself. */
  keeps(heard: Heard): boolean {
    if (this.#abort.signal.aborted) return false
    const token = this.#marks.tokenIn(heard)
    if (token !== undefined && token === this.#token) this.#keptOfOld ??= []
    else if (token !== undefined || this.#keptOfOld === undefined) return false
    else this.#keep(this.#keptOfOld, heard)
    return true
  }

  async #go(nodes: readonly FeedNode[], wanted: Subscriptions): Promise<Moved | undefined> {
    const feed = await this.#open(nodes)
    if (feed === undefined) return undefined
    this.#feed = feed
    feed.handler = {
      onHeard: (heard) => {
        this.#heardByNew(feed, heard)
      },
      onEnd: () => {
        this.giveUp()
      }
    }
    const subscribed = SUBSCRIPTION_KINDS.filter((kind) => wanted.names(kind).length > 0).map((kind) =>
      feed.ask(kind, ...wanted.names(kind))
    )
    await Promise.all([feed.ask('ssubscribe', this.#marks.channel), ...subscribed])
    const token = this.#marks.next()
    const [byOld, byNew] = [this.#marks.expect(this.#old, token), this.#marks.expect(feed, token)]
    this.#expected = [byOld, byNew]
    this.#token = token
    const heardUntil = performance.now()
    if (this.#abort.signal.aborted || (await this.#host.publish(token)) !== 'taken') return undefined
    if (!(await this.#marks.within(byNew, this.#host.newWithinMs))) return undefined
    const complete = await this.#marks.within(byOld, OLD_WITHIN_MS)
    if (!complete && !this.#isForced) return undefined
    return { feed, heardUntil, kept: this.#keptOfNew ?? [], missed: !complete }
  }

  async #open(nodes: readonly FeedNode[]): Promise<Feed | undefined> {
    for (const node of nodes) {
      try {
        return await this.#host.open(node, this.#abort.signal)
      } catch {
        if (this.#abort.signal.aborted) return undefined
      }
    }
    return undefined
  }

  #heardByNew(feed: Feed, heard: Heard): void {
    const token = this.#marks.tokenIn(heard)
    if (token !== undefined) {
      if (token === this.#token) this.#keptOfNew ??= []
      this.#marks.arrived(feed, token)
    } else if (this.#keptOfNew !== undefined) this.#keep(this.#keptOfNew, heard)
  }

  #keep(kept: Heard[], heard: Heard): void {
    kept.push(heard)
    if (kept.length > this.#host.mostKept) this.giveUp()
  }
}
