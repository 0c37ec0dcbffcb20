import { LONGEST_TIMER_MS } from '../options/longest-timer.js'
import { pause } from './backoff.js'

/** Resolves when all have settled, or after `ms` milliseconds. */
export async function settledWithin(promises: readonly Promise<unknown>[], ms: number): Promise<void> {
  if (promises.length === 0) return
  const over = new AbortController()
  await Promise.race([Promise.allSettled(promises), pause(Math.min(ms, LONGEST_TIMER_MS), over.signal)])
  over.abort()
}
