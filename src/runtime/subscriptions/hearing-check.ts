import type { Feed } from './feed.js'
import type { Marks } from './marks.js'
import { isForbidden } from './marks.js'

export interface HearingHost {
  /** Publishes a mark behind the client's own commands; undefined while there is no primary to take it. */
  publish(token: string): Promise<unknown> | undefined
  /** The same on a connection of its own; rejects when the primary does not take it. */
  publishBeside(token: string): Promise<unknown>
  everyMs(): number
  /** How late a replica may hear what the primary has published. */
  limitMs(): number
  /** The feed hears the primary later than that, or not at all. */
  onLate(feed: Feed): void
  /** Of what was published since then (performance.now()) some may never have come to the feed; it hears again. */
  onInterrupted(feed: Feed, since: number): void
}

/** Of a replica that hears nothing for long, and is the only one: the oldest and the latest. */
const MOST_OUTSTANDING = 1_000

interface Outstanding {
  readonly token: string
  readonly issuedAt: number
  /** When the primary acknowledged it. */
  takenAt?: number
}

/**
 * Finds out whether a replica still hears its primary: marks are published, and have to come, one after the other. Messages are not kept
 * anywhere, so a replica that was sent all data anew, or follows another primary, has missed some and does not say so.
 */
export class HearingCheck {
  readonly #marks: Marks
  readonly #host: HearingHost
  #feed: Feed | undefined
  #timer: NodeJS.Timeout | undefined
  #outstanding: Outstanding[] = []
  /** The latest mark of which it is not known any more whether it came was issued then: performance.now(). */
  #forgottenUntil = -Infinity
  #heardUntil = 0
  #isInterrupted = false
  /** One is not answered, since the client's own connection waits for something: no more are put behind it. */
  #waitsBehind = false
  #waitsBeside = false

  constructor(marks: Marks, host: HearingHost) {
    this.#marks = marks
    this.#host = host
  }

  /** All that was published until then has been heard, as far as anybody can tell: performance.now(). */
  get heardUntil(): number {
    return this.#heardUntil
  }

  /** The primary has changed since. */
  get isInterrupted(): boolean {
    return this.#isInterrupted
  }

  /** From now on this feed is looked at, where all is well. It has heard all that was published until `heardUntil`, or that is not owed. */
  begin(feed: Feed, heardUntil = performance.now()): void {
    this.end()
    this.#feed = feed
    this.#heardUntil = heardUntil
    if (feed.node.role === 'replica') this.#look()
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#feed = undefined
    this.#outstanding = []
    this.#isInterrupted = false
  }

  /** Its primary is another one: what the former took may never come. */
  interrupt(): void {
    if (this.#feed?.node.role !== 'replica') return
    this.#isInterrupted = true
    this.#outstanding = []
    this.#look()
  }

  arrived(token: string): void {
    const at = this.#outstanding.findIndex((one) => one.token === token)
    const feed = this.#feed
    if (at === -1 || feed === undefined) return
    const passed = this.#outstanding.splice(0, at + 1)
    const mark = passed.pop() as Outstanding
    const since = this.#heardUntil
    this.#heardUntil = mark.issuedAt
    const passesForgotten = since < this.#forgottenUntil && this.#forgottenUntil < mark.issuedAt
    const isInterrupted = this.#isInterrupted || passesForgotten || passed.some(({ takenAt }) => takenAt !== undefined)
    this.#isInterrupted = false
    if (isInterrupted) this.#host.onInterrupted(feed, since)
    if (this.#isLate(mark)) this.#host.onLate(feed)
  }

  #look(): void {
    clearTimeout(this.#timer)
    const feed = this.#feed
    if (feed === undefined || !this.#marks.allowed) return
    this.#publish()
    if (this.#outstanding.some((mark) => this.#isLate(mark))) this.#host.onLate(feed)
    this.#timer = setTimeout(() => {
      this.#look()
    }, this.#host.everyMs()).unref()
  }

  #publish(): void {
    const mark: Outstanding = { token: this.#marks.next(), issuedAt: performance.now() }
    const taken = this.#waitsBehind ? this.#publishBeside(mark.token) : this.#publishBehind(mark.token)
    if (taken === undefined) return
    this.#outstanding.push(mark)
    taken.then(
      () => {
        mark.takenAt = performance.now()
      },
      (error: unknown) => {
        this.#outstanding = this.#outstanding.filter((one) => one !== mark)
        if (error instanceof Error && isForbidden(error)) this.#marks.forbidden(error)
      }
    )
    if (this.#outstanding.length <= MOST_OUTSTANDING) return
    const [forgotten] = this.#outstanding.splice(1, 1)
    if (forgotten !== undefined) this.#forgottenUntil = forgotten.issuedAt
  }

  #publishBehind(token: string): Promise<unknown> | undefined {
    const over = (): void => {
      this.#waitsBehind = false
    }
    const taken = this.#host.publish(token)
    this.#waitsBehind = taken !== undefined
    taken?.then(over, over)
    return taken
  }

  #publishBeside(token: string): Promise<unknown> | undefined {
    if (this.#waitsBeside) return undefined
    this.#waitsBeside = true
    return this.#host.publishBeside(token).finally(() => {
      this.#waitsBeside = false
    })
  }

  #isLate({ takenAt }: Outstanding): boolean {
    return takenAt !== undefined && performance.now() - takenAt > this.#host.limitMs()
  }
}
