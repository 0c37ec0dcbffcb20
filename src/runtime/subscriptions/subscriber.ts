import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyRedis } from '../any-redis.js'
import type { SubscriptionGap } from '../../events.js'
import type { Address } from '../../protocol/address.js'
import { sameAddress } from '../../protocol/address.js'
import type { Arg } from '../../routing/arg.js'
import { textOf } from '../../routing/arg.js'
import type { FeedNode, SubscribeTo } from '../../routing/subscribe-policy.js'
import { reasonToLeave } from '../../routing/subscribe-policy.js'
import type { SubscriptionKind } from '../../routing/subscriptions.js'
import { SUBSCRIPTION_KINDS, subscriptionChangeOf, Subscriptions, UNDONE_BY } from '../../routing/subscriptions.js'
import type { Call } from '../call.js'
import { forgetWritten, markWritten } from '../call.js'
import type { HeldQueue } from '../held-queue.js'
import { steadyNow, steadyTime } from '../steady-now.js'
import type { Feed, Heard } from './feed.js'
import type { OpenError } from '../open-socket.js'
import { isOpenError } from '../open-socket.js'
import { FeedMove } from './feed-move.js'
import type { SearchHost } from './feed-search.js'
import { FeedSearch } from './feed-search.js'
import { HearingCheck } from './hearing-check.js'
import { Marks } from './marks.js'
import { tell } from './tell.js'

export interface SubscriberHost extends SearchHost {
  /** Its events tell what is heard. */
  readonly client: AnyRedis
  /** Publishes a mark at the primary on a connection beside the client's own. */
  publishBeside(channel: string, token: string): Promise<'taken' | 'refused' | 'failed'>
  /** The same behind the client's own commands; undefined while there is no primary to take it. */
  publishBehind(channel: string, token: string): Promise<unknown> | undefined
  /** Of the stream of the primary that the client is connected to (its replication id); undefined while it cannot be asked. */
  history(): Promise<string | undefined>
  /** ioredis's autoResubscribe. */
  restores(): boolean
  downAfterMs(): number
  readonly maxLagMs: number
  readonly mostKept: number
  onGap(gap: SubscriptionGap): void
  onMoved(to: FeedNode): void
  onForbidden(error: Error): void
  /** A server does not let this client in. */
  onTrouble(error: OpenError): void
}

interface OpenGap {
  readonly from: Address
  /** By performance.now(). */
  readonly since: number
  readonly lost: Subscriptions
}

/** How long a mark may take to a node that subscriptions were lost to come to, when there are others to turn to; doubled each time. */
const FIRST_PATIENCE_MS = 250
const LONGEST_PATIENCE_MS = 8_000
/** A primary that this client cannot reach, and the sentinels can: no mark is waited for any longer. */
const BLIND_AFTER_MS = 5_000
const AGAIN_MS = 100
const HISTORY_TRIES = 10
const SHORTEST_CHECK_MS = 100
/** Shorter than most replicas take to be sent all data anew: with its default `repl-diskless-sync-delay` alone is 5 s. */
const CHECK_EVERY_MS = 1_000
const NEW_WITHIN_MS = 5_000
const FIRST_MOVE_PAUSE_MS = 1_000
const LONGEST_MOVE_PAUSE_MS = 30_000

/**
 * Subscriptions that are at a replica, or at another connection to the primary than the client's own: which node they are at, how they come to
 * the next, and what was missed on the way.
 */
export class Subscriber {
  readonly #policy: SubscribeTo
  /** Calls that are not answered, in the order of issue. */
  readonly #waiting: HeldQueue
  readonly #host: SubscriberHost
  readonly #marks: Marks
  readonly #check: HearingCheck
  readonly #search: FeedSearch
  /** What the server has confirmed. */
  readonly #wanted = new Subscriptions()
  /** The same with what was asked of this feed and is not answered. */
  #asked = new Subscriptions()
  /** Subscribed to anew, and not yet told of: what is heard of them may have been told before. */
  readonly #restoring = new Subscriptions()
  #feed: Feed | undefined
  #gap: OpenGap | undefined
  #move: FeedMove | undefined
  #connecting: AbortController | undefined
  #givenUp = 0
  #movesFailed = 0
  #nextMove: NodeJS.Timeout | undefined
  #primary: Address | undefined
  #history: string | undefined

  constructor(policy: SubscribeTo, waiting: HeldQueue, host: SubscriberHost) {
    this.#policy = policy
    this.#waiting = waiting
    this.#host = host
    this.#search = new FeedSearch(policy, host)
    this.#marks = new Marks((error) => {
      host.onForbidden(error)
    })
    this.#check = new HearingCheck(this.#marks, {
      publish: (token) => host.publishBehind(this.#marks.channel, token),
      publishBeside: async (token) => {
        const answer = await host.publishBeside(this.#marks.channel, token)
        if (answer !== 'taken') throw new Error(`a mark was ${answer}`)
      },
      everyMs: () => Math.min(Math.max(this.#lateAfterMs / 2, SHORTEST_CHECK_MS), CHECK_EVERY_MS),
      limitMs: () => this.#lateAfterMs,
      onLate: (feed) => {
        this.#late(feed)
      },
      onInterrupted: (feed, since) => {
        if (feed === this.#feed && this.#gap === undefined && host.restores())
          this.#tellGap(feed.node.address, since, this.#wanted, feed)
      }
    })
  }

  /** Where the subscriptions are, and nothing is missed. */
  get node(): FeedNode | undefined {
    return this.#gap === undefined ? this.#feed?.node : undefined
  }

  get connections(): readonly AnyRedis[] {
    return this.#feed === undefined ? [] : [this.#feed.redis]
  }

  /** Tells the node of new credentials; rejects with AccessError when it refuses them. `onLate`: it does so later. */
  async authenticate(onLate: (error: OpenError) => void): Promise<void> {
    await this.#feed?.authenticate(onLate)
  }

  /** A call that begins or ends subscriptions; it stands in the queue already. */
  send(call: Call): void {
    this.#move?.giveUp()
    const change = subscriptionChangeOf(call.name, call.args as Arg[])
    if (this.#feed === undefined && this.#wanted.isEmpty && this.#waiting.length === 1 && change?.begins === false) {
      this.#waiting.remove(() => true)
      call.resolve(0)
      return
    }
    if (this.#feed !== undefined) this.#write(this.#feed, call)
    else void this.#connect()
  }

  /** The topology has changed. */
  follow(): void {
    const { primary } = this.#host.topology()
    if (!sameAddress(primary?.address, this.#primary)) {
      const isChange = this.#primary !== undefined
      this.#primary = primary?.address
      if (isChange) this.#primaryChanged()
    }
    this.#search.poke()
    this.#review()
  }

  /**
   * The client has a new connection to the primary. That may be another process at the same address, whose replicas are sent all data anew,
   * maybe within the time between two marks.
   */
  async connected(): Promise<void> {
    let history: string | undefined
    for (let tries = 0; tries < HISTORY_TRIES; tries++) {
      history = await this.#host.history()
      if (history !== undefined) break
      await sleep(AGAIN_MS, undefined, { ref: false })
    }
    if (history === undefined) return
    const isAnother = this.#history !== undefined && this.#history !== history
    this.#history = history
    if (isAnother) this.#check.interrupt()
  }

  /** Its replicas may have missed what the former took, and will miss more until they follow it. */
  #primaryChanged(): void {
    this.#history = undefined
    this.#search.primaryChanged()
    this.#check.interrupt()
    // Its replicas follow it only when a sentinel has told each of them to.
    if (this.#feed?.node.role === 'replica' && this.#policy === 'replicaPreferred')
      void this.#moveFrom(this.#feed, true)
  }

  /** Everything is over; calls that wait are whoever's who holds the queue. */
  close(): void {
    this.#history = undefined
    this.#connecting?.abort()
    this.#connecting = undefined
    this.#move?.giveUp()
    this.#check.end()
    clearTimeout(this.#nextMove)
    this.#nextMove = undefined
    const feed = this.#feed
    this.#feed = undefined
    feed?.close()
    if (feed !== undefined) this.#marks.gone(feed)
    this.#gap = undefined
    for (const names of [this.#wanted, this.#restoring]) names.clear()
  }

  get #lateAfterMs(): number {
    const { maxLagMs } = this.#host
    return maxLagMs === Infinity ? this.#host.downAfterMs() : maxLagMs
  }

  /** Until a feed is there, or nobody needs one. */
  async #connect(): Promise<void> {
    if (this.#connecting !== undefined || this.#feed !== undefined) return
    const abort = new AbortController()
    this.#connecting = abort
    const isNeeded = (): boolean => !this.#wanted.isEmpty || this.#waiting.length > 0
    const feed = await this.#search.find(isNeeded, abort.signal)
    if (this.#connecting === abort) this.#connecting = undefined
    if (abort.signal.aborted) feed?.close()
    else if (feed !== undefined) this.#begin(feed)
    // It may be needed again since.
    else if (isNeeded()) void this.#connect()
  }

  #use(feed: Feed): void {
    this.#feed = feed
    this.#asked = this.#wanted.copy()
    feed.handler = {
      onHeard: (heard) => {
        this.#heard(heard, feed)
      },
      onEnd: () => {
        this.#lost(feed)
      }
    }
    if (feed.isOutdated) this.#catchUp(feed)
  }

  /** What was renewed while it was opened is made up for. */
  #catchUp(feed: Feed): void {
    const onTrouble = (error: OpenError): void => {
      this.#host.onTrouble(error)
    }
    feed.authenticate(onTrouble).catch((error: unknown) => {
      if (isOpenError(error)) onTrouble(error)
    })
  }

  #begin(feed: Feed): void {
    this.#use(feed)
    const marked = this.#marks.subscribe(feed)
    const restored = Promise.all(
      SUBSCRIPTION_KINDS.map((kind) => this.#subscribeAnew(feed, kind, this.#wanted.names(kind)))
    )
    const waiting = this.#waiting.remove(() => true).filter(({ command }) => !command.isSettled)
    this.#waiting.restore(waiting)
    for (const { command } of waiting) this.#write(feed, command)
    if (this.#gap === undefined) this.#settle(feed)
    else void this.#resume(feed, marked, restored)
  }

  /** Of names that the server refuses, all others are subscribed to nevertheless. */
  async #subscribeAnew(feed: Feed, kind: SubscriptionKind, names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    try {
      await feed.ask(kind, ...names)
    } catch {
      if (feed.ended) return
      if (names.length === 1) this.#forget(kind, names)
      else await Promise.all(names.map((name) => this.#subscribeAnew(feed, kind, [name])))
    }
  }

  /** What was lost is told of again from a place in the stream of messages on at which this feed is known to be. */
  async #resume(feed: Feed, marked: Promise<boolean>, restored: Promise<unknown>): Promise<void> {
    await restored
    const hears = feed.node.role === 'primary' || !(await marked) || (await this.#comesToAMark(feed))
    if (!hears || feed !== this.#feed || this.#gap === undefined) return
    const { from, since, lost } = this.#gap
    this.#gap = undefined
    this.#restoring.clear()
    this.#givenUp = 0
    this.#tellGap(from, since, lost, feed)
    this.#settle(feed)
  }

  #tellGap(from: Address, since: number, lost: Subscriptions, feed: Feed): void {
    if (lost.isEmpty) return
    const [fromAt, untilAt] = [steadyTime(since), steadyNow()]
    this.#host.onGap({
      channels: lost.names('subscribe'),
      patterns: lost.names('psubscribe'),
      shardChannels: lost.names('ssubscribe'),
      fromAt,
      untilAt,
      lengthMs: untilAt - fromAt,
      from,
      to: feed.node.address
    })
  }

  /** All is well at this feed. */
  #settle(feed: Feed, heardUntil?: number): void {
    this.#host.onMoved(feed.node)
    this.#check.begin(feed, heardUntil)
    this.#review()
  }

  /** False when the feed is left meanwhile. */
  async #comesToAMark(feed: Feed): Promise<boolean> {
    const mark = this.#marks.expect(feed)
    let failingSince: number | undefined
    try {
      for (let tries = 0; feed === this.#feed && this.#marks.allowed; tries += 1) {
        const published = await this.#host.publishBeside(this.#marks.channel, mark.token)
        if (published === 'refused') return true
        if (published === 'failed') {
          const now = performance.now()
          failingSince ??= now
          const stable = this.#host.topology().phase.kind === 'stable'
          if (!stable) failingSince = now
          if (now - failingSince > BLIND_AFTER_MS) return true
          if (await this.#marks.within(mark, AGAIN_MS)) return true
          continue
        }
        failingSince = undefined
        const patience = Math.min(FIRST_PATIENCE_MS * 2 ** (this.#givenUp + tries), LONGEST_PATIENCE_MS)
        if (await this.#marks.within(mark, patience)) return true
        if (feed === this.#feed && this.#turnToAnother(feed)) return false
      }
      return feed === this.#feed
    } finally {
      this.#marks.forget(mark)
    }
  }

  #turnToAnother(feed: Feed): boolean {
    this.#search.avoid(feed.node)
    const [first] = this.#search.nodes()
    if (first === undefined || sameAddress(first.address, feed.node.address)) return false
    this.#givenUp += 1
    this.#leave(feed)
    return true
  }

  #leave(feed: Feed): void {
    feed.close()
    this.#lost(feed)
  }

  #lost(feed: Feed): void {
    this.#marks.gone(feed)
    if (feed !== this.#feed) return
    // What was heard of a replica last tells not how far it had come in the stream of its primary: the last mark does.
    const since = feed.node.role === 'replica' && this.#marks.allowed ? this.#check.heardUntil : feed.heardAt
    this.#feed = undefined
    // What was begun or ended on that connection is undone with it.
    for (const { command } of this.#waiting) forgetWritten(command)
    this.#check.end()
    this.#move?.giveUp()
    if (!this.#host.restores()) {
      this.#wanted.clear()
      this.#restoring.clear()
      this.#gap = undefined
    } else if (!this.#wanted.isEmpty) {
      this.#gap ??= { from: feed.node.address, since, lost: new Subscriptions() }
      this.#gap.lost.addAll(this.#wanted)
      this.#restoring.addAll(this.#wanted)
    }
    void this.#connect()
  }

  #write(feed: Feed, call: Call): void {
    const change = subscriptionChangeOf(call.name, call.args as Arg[])
    if (change === undefined) return
    const { kind, begins } = change
    const names = change.names ?? this.#asked.names(kind)
    markWritten(call, Math.floor(performance.now()))
    if (begins) this.#asked.add(kind, names)
    else this.#asked.delete(kind, names)
    const done = (answer?: unknown): void => {
      if (feed !== this.#feed) return
      this.#waiting.remove(({ command }) => command === call)
      if (begins && call.isSettled) {
        this.#undo(feed, kind, call.args as Arg[])
        return
      }
      if (begins) this.#wanted.add(kind, names)
      else this.#forget(kind, names)
      const count = this.#wanted.count(kind)
      // With stringNumbers it is a text.
      call.resolve(typeof answer === 'string' ? String(count) : count)
    }
    // The server's own errors are given, also for no names at all.
    if (names.length === 0 && change.names === undefined) done()
    else
      // As they were given: a name may be of bytes that are no text.
      feed
        .ask(begins ? kind : UNDONE_BY[kind], ...(change.names === undefined ? names : (call.args as Arg[])))
        .then(done, (error: Error) => {
          if (feed.ended || feed !== this.#feed) return
          this.#waiting.remove(({ command }) => command === call)
          this.#asked = this.#wanted.copy()
          call.reject(error)
        })
  }

  /** The node has begun it for a call that had been given up by then. */
  #undo(feed: Feed, kind: SubscriptionKind, names: readonly Arg[]): void {
    const unasked = names.filter((name) => !this.#isAskedFor(kind, textOf(name)))
    if (unasked.length === 0) return
    this.#asked.delete(kind, unasked.map(textOf))
    feed.ask(UNDONE_BY[kind], ...unasked).catch(() => undefined)
  }

  /** It is subscribed to, or a call waits for it to be. */
  #isAskedFor(kind: SubscriptionKind, name: string): boolean {
    if (this.#wanted.has(kind, name)) return true
    for (const { command } of this.#waiting) {
      const change = command.isSettled ? undefined : subscriptionChangeOf(command.name, command.args as Arg[])
      if (change?.begins === true && change.kind === kind && change.names?.includes(name) === true) return true
    }
    return false
  }

  #forget(kind: SubscriptionKind, names: readonly string[]): void {
    for (const one of [this.#wanted, this.#restoring, this.#gap?.lost]) one?.delete(kind, names)
  }

  #heard(heard: Heard, feed: Feed): void {
    const token = this.#marks.tokenIn(heard)
    if (token === undefined && !this.#isAskedFor(heard.kind, heard.name)) return
    if (this.#move?.keeps(heard) !== true && token === undefined && !this.#restoring.has(heard.kind, heard.name))
      tell(this.#host.client, heard)
    if (token === undefined) return
    this.#marks.arrived(feed, token)
    this.#check.arrived(token)
  }

  #late(feed: Feed): void {
    if (feed !== this.#feed || this.#host.topology().phase.kind !== 'stable') return
    this.#search.avoid(feed.node)
    void this.#moveFrom(feed, true)
  }

  /** Whether the subscriptions should be elsewhere. */
  #review(): void {
    const feed = this.#feed
    if (feed === undefined || this.#gap !== undefined) return
    const reason = reasonToLeave(feed.node, this.#host.topology())
    if (reason === 'gone') this.#leave(feed)
    else if (reason !== undefined && this.#nextMove === undefined) void this.#moveFrom(feed, reason === 'deaf')
  }

  async #moveFrom(feed: Feed, isForced: boolean): Promise<void> {
    if (this.#move !== undefined || this.#gap !== undefined || this.#waiting.length > 0) {
      this.#moveLater()
      return
    }
    const nodes = this.#search
      .nodes()
      .filter(
        ({ address, role }) =>
          !sameAddress(address, feed.node.address) &&
          (isForced || role === 'replica') &&
          !this.#search.isAvoided(address)
      )
    if (nodes.length === 0) {
      // Those that are avoided may do later.
      if (this.#search.nodes().some(({ address }) => !sameAddress(address, feed.node.address))) this.#moveLater()
      return
    }
    if (!this.#marks.allowed || this.#wanted.isEmpty) {
      // Without marks it cannot be done without a gap, which is worth it only when nothing is heard.
      if (isForced || this.#wanted.isEmpty) this.#leave(feed)
      return
    }
    const move = new FeedMove(feed, isForced, this.#marks, {
      open: (node, signal) => this.#host.open(node, signal),
      publish: (token) => this.#host.publishBeside(this.#marks.channel, token),
      tell: (heard) => {
        tell(this.#host.client, heard)
      },
      mostKept: this.#host.mostKept,
      newWithinMs: Math.min(this.#lateAfterMs, NEW_WITHIN_MS)
    })
    this.#move = move
    const moved = await move.run(nodes, this.#wanted)
    this.#move = undefined
    if (moved === undefined || moved.feed.ended || feed !== this.#feed) {
      moved?.feed.close()
      if (feed === this.#feed) this.#moveLater()
      return
    }
    this.#movesFailed = 0
    const { heardUntil: since, isInterrupted } = this.#check
    this.#use(moved.feed)
    feed.close()
    this.#marks.gone(feed)
    if (moved.missed || isInterrupted) this.#tellGap(feed.node.address, since, this.#wanted, moved.feed)
    for (const heard of moved.kept) tell(this.#host.client, heard)
    this.#settle(moved.feed, moved.heardUntil)
  }

  #moveLater(): void {
    if (this.#nextMove !== undefined) return
    const ms = Math.min(FIRST_MOVE_PAUSE_MS * 2 ** this.#movesFailed, LONGEST_MOVE_PAUSE_MS)
    this.#movesFailed = Math.min(this.#movesFailed + 1, 10)
    this.#nextMove = setTimeout(() => {
      this.#nextMove = undefined
      this.#review()
    }, ms).unref()
  }
}
