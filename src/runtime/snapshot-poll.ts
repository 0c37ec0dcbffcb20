import type { Snapshot } from '../protocol/parse-reply.js'
import type { SentinelLink } from './sentinel-link.js'

const HURRIED_MS = 100

export interface PollHandler {
  onSnapshot(snapshot: Snapshot): void
  /** It answered with an error or with nonsense (a missing right, not a sentinel); it is asked again at the next turn. */
  onError(error: Error): void
}

/**
 * Asks one sentinel about one group: at an interval with a fifth of jitter, and at once when told to. One question is under
 * way at a time; a call for another in the meantime makes one more follow it.
 */
export class SnapshotPoll {
  readonly #link: SentinelLink
  readonly #group: string
  readonly #intervalMs: number
  readonly #handler: PollHandler
  #timer: NodeJS.Timeout | undefined
  #asking = false
  #again = false
  #hurried = false
  #stopped = false

  constructor(link: SentinelLink, group: string, intervalMs: number, handler: PollHandler) {
    this.#link = link
    this.#group = group
    this.#intervalMs = intervalMs
    this.#handler = handler
  }

  now(): void {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    if (this.#asking) this.#again = true
    else void this.#ask()
  }

  hurry(hurried: boolean): void {
    if (hurried === this.#hurried) return
    this.#hurried = hurried
    if (hurried) this.now()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #ask(): Promise<void> {
    this.#asking = true
    try {
      const snapshot = await this.#link.ask(this.#group)
      if (!this.#stopped) this.#handler.onSnapshot(snapshot)
    } catch (error) {
      if (!this.#stopped) this.#handler.onError(error instanceof Error ? error : new Error(String(error)))
    }
    this.#asking = false
    if (this.#stopped) return
    if (this.#again) {
      this.#again = false
      void this.#ask()
      return
    }
    const interval = this.#hurried ? HURRIED_MS : this.#intervalMs
    this.#timer = setTimeout(() => void this.#ask(), interval * (0.8 + Math.random() * 0.4))
    this.#timer.unref()
  }
}
