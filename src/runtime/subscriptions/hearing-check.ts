import type { Feed } from './feed.js'
import type { ExpectedMark, Marks } from './marks.js'
import { isForbidden } from './marks.js'

export interface HearingHost {
  /** Publishes a mark behind the client's own commands; undefined while there is no primary to take it. */
  publish(token: string): Promise<unknown> | undefined
  everyMs(): number
  /** How late a replica may hear what the primary has published. */
  limitMs(): number
  /** The feed hears the primary later than that, or not at all. */
  onLate(feed: Feed): void
}

/** Finds out whether a replica still hears its primary: marks are published, and have to come. */
export class HearingCheck {
  readonly #marks: Marks
  readonly #host: HearingHost
  #feed: Feed | undefined
  #timer: NodeJS.Timeout | undefined
  #mark: ExpectedMark | undefined
  #issuedAt = 0
  #takenAt: number | undefined
  #heardUntil = 0

  constructor(marks: Marks, host: HearingHost) {
    this.#marks = marks
    this.#host = host
  }

  /** All that was published until then has been heard: performance.now(). */
  get heardUntil(): number {
    return this.#heardUntil
  }

  begin(feed: Feed): void {
    this.end()
    this.#feed = feed
    this.#heardUntil = performance.now()
    if (feed.node.role === 'primary') return
    this.#look()
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#forget()
    this.#feed = undefined
  }

  /** A mark has come to the feed. */
  arrived(): void {
    if (this.#mark?.heard !== true) return
    this.#heardUntil = this.#issuedAt
    const isLate = this.#isLate(performance.now())
    this.#forget()
    if (isLate && this.#feed !== undefined) this.#host.onLate(this.#feed)
  }

  #look(): void {
    const feed = this.#feed
    if (feed === undefined || !this.#marks.allowed) return
    if (this.#mark === undefined) this.#publish(feed)
    else if (this.#isLate(performance.now())) this.#host.onLate(feed)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#look()
    }, this.#host.everyMs()).unref()
  }

  #publish(feed: Feed): void {
    const mark = this.#marks.expect(feed)
    const taken = this.#host.publish(mark.token)
    if (taken === undefined) {
      this.#marks.forget(mark)
      return
    }
    this.#mark = mark
    this.#issuedAt = performance.now()
    taken.then(
      () => {
        if (this.#mark === mark) this.#takenAt = performance.now()
      },
      (error: unknown) => {
        if (this.#mark !== mark) return
        this.#forget()
        if (error instanceof Error && isForbidden(error)) this.#marks.forbidden(error)
      }
    )
  }

  #isLate(now: number): boolean {
    return this.#takenAt !== undefined && now - this.#takenAt > this.#host.limitMs()
  }

  #forget(): void {
    if (this.#mark !== undefined) this.#marks.forget(this.#mark)
    this.#mark = undefined
    this.#takenAt = undefined
  }
}
