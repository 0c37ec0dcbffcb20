import { randomUUID } from 'node:crypto'
import type { Feed, Heard } from './feed.js'

/** A shard channel, since no pattern matches those: nobody hears it who did not ask for it by its name. */
const CHANNELS = 'ioredis-sentinel:subscriber:'

/** A mark that a feed is to hear. */
export interface ExpectedMark {
  readonly feed: Feed
  readonly token: string
  heard: boolean
  wake: () => void
}

/**
 * Messages of this client to itself, published at the primary. All nodes get what is published in one order, so a mark cuts the stream of
 * messages at the same place wherever it is heard, however late; and a node on which it is heard hears the primary.
 */
export class Marks {
  readonly channel = `${CHANNELS}${randomUUID()}`
  readonly #expected = new Set<ExpectedMark>()
  readonly #onForbidden: (error: Error) => void
  #allowed = true
  #last = 0

  constructor(onForbidden: (error: Error) => void) {
    this.#onForbidden = onForbidden
  }

  /** False when the user may not publish or hear them, or the server (Redis before 7) knows no such channels. */
  get allowed(): boolean {
    return this.#allowed
  }

  next(): string {
    this.#last += 1
    return String(this.#last)
  }

  /** Resolves with false when this feed cannot hear marks. */
  async subscribe(feed: Feed): Promise<boolean> {
    try {
      await feed.ask('ssubscribe', this.channel)
      return true
    } catch (error) {
      if (!feed.ended) this.forbidden(error as Error)
      return false
    }
  }

  forbidden(error: Error): void {
    if (!this.#allowed) return
    this.#allowed = false
    this.#onForbidden(error)
  }

  /** The mark that it is; undefined for a message of anybody else's. */
  tokenIn({ kind, name, parts }: Heard): string | undefined {
    return kind === 'ssubscribe' && name === this.channel ? String(parts[1]) : undefined
  }

  expect(feed: Feed, token = this.next()): ExpectedMark {
    const mark: ExpectedMark = { feed, token, heard: false, wake: () => undefined }
    this.#expected.add(mark)
    return mark
  }

  forget(mark: ExpectedMark): void {
    this.#expected.delete(mark)
  }

  arrived(feed: Feed, token: string): void {
    for (const mark of this.#expected) {
      if (mark.feed !== feed || mark.token !== token) continue
      mark.heard = true
      mark.wake()
    }
  }

  /** It will hear nothing any more. */
  gone(feed: Feed): void {
    for (const mark of this.#expected) if (mark.feed === feed) mark.wake()
  }

  /** Resolves when it is heard, or its feed is gone, or the time is over; with whether it is heard. */
  within(mark: ExpectedMark, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        mark.wake = () => undefined
        resolve(mark.heard)
      }
      const timer = setTimeout(done, ms)
      timer.unref()
      mark.wake = done
      if (mark.heard || mark.feed.ended) done()
    })
  }
}

/** The user may not, or the server knows no such command. */
export function isForbidden(error: Error): boolean {
  return /^NOPERM|unknown command/i.test(error.message)
}
