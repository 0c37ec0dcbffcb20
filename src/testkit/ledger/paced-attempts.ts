import { setTimeout as sleep } from 'node:timers/promises'
import { preciseNow } from '../../time-origin.js'
import { OpenLoop } from './open-loop.js'

/** One call, and how it ended. Times are milliseconds since 1970, with a fraction. */
export interface Attempt<Outcome extends string> {
  readonly issuedAt: number
  readonly settledAt?: number
  /** `open`: not settled yet. `hung`: not even when `stop()` gave up waiting. */
  readonly outcome: Outcome | 'open' | 'hung'
  /** What it was rejected with. */
  readonly error?: unknown
}

export interface PacedAttemptsOptions<Outcome extends string> {
  readonly everyMs: number
  readonly attempt: (index: number) => Promise<unknown>
  readonly fulfilled: Outcome
  readonly rejected: (error: unknown) => Outcome
  readonly onSettled: (index: number, attempt: Attempt<Outcome>) => void
}

/** Makes calls at a fixed rate from the moment it is made, never waiting for one, and keeps how each ended. */
export class PacedAttempts<Outcome extends string> {
  readonly #options: PacedAttemptsOptions<Outcome>
  readonly #loop: OpenLoop
  readonly #open = new Set<Promise<void>>()
  readonly #attempts: Attempt<Outcome>[] = []
  #closed = false

  constructor(options: PacedAttemptsOptions<Outcome>) {
    this.#options = options
    this.#loop = new OpenLoop(options.everyMs, (index) => {
      this.#issue(index)
    })
  }

  get attempts(): readonly Attempt<Outcome>[] {
    return this.#attempts
  }

  get outstanding(): number {
    return this.#open.size
  }

  async stop(limitMs: number): Promise<void> {
    this.#loop.stop()
    const limit = new AbortController()
    await Promise.race([
      Promise.allSettled(this.#open),
      sleep(limitMs, undefined, { signal: limit.signal }).catch(() => undefined)
    ])
    limit.abort()
    this.#closed = true
    for (const [index, attempt] of this.#attempts.entries()) {
      if (attempt.outcome === 'open') this.#attempts[index] = { ...attempt, outcome: 'hung' }
    }
  }

  #issue(index: number): void {
    this.#attempts.push({ issuedAt: preciseNow(), outcome: 'open' })
    const settled = this.#call(index).then(
      () => {
        this.#settle(index, { outcome: this.#options.fulfilled })
      },
      (error: unknown) => {
        this.#settle(index, { outcome: this.#options.rejected(error), error })
      }
    )
    this.#open.add(settled)
    void settled.finally(() => this.#open.delete(settled))
  }

  /** A throw that is not a rejection counts as one. */
  async #call(index: number): Promise<unknown> {
    return this.#options.attempt(index)
  }

  #settle(index: number, end: { readonly outcome: Outcome; readonly error?: unknown }): void {
    const attempt = this.#attempts[index]
    if (attempt === undefined || this.#closed) return
    const settled = { ...attempt, ...end, settledAt: preciseNow() }
    this.#attempts[index] = settled
    this.#options.onSettled(index, settled)
  }
}
