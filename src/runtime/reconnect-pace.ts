import { backoffMs } from './backoff.js'

const FIRST_RETRY_MS = 20
const LONGEST_RETRY_MS = 1_000
/** A connection that ended sooner counts as one that was never of use. */
const SHORT_LIVED_MS = 100

/**
 * When the next connection to the primary is made: at once after one that was of use, and after the first that was not; then a
 * little later, since a server that ends connections as soon as it has greeted them must not be asked a thousand times a second.
 */
export class ReconnectPace {
  #connectedAt = -Infinity
  #shortLived = 0

  /** A connection was made, at `now` milliseconds. */
  connected(now: number): void {
    this.#connectedAt = now
  }

  /** `attempt` as ioredis counts: 1 after a connection that was ready, and one more for each that was not. */
  delayMs(attempt: number, now: number): number {
    this.#shortLived = now - this.#connectedAt < SHORT_LIVED_MS ? this.#shortLived + 1 : 0
    if (attempt === 1 && this.#shortLived < 2) return 0
    return backoffMs(Math.max(0, attempt - 2), FIRST_RETRY_MS, LONGEST_RETRY_MS)
  }
}
