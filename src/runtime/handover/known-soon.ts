import { pause } from '../backoff.js'
import { Limit } from '../limit.js'

const WITHIN_MS = 5_000
const LOOK_EVERY_MS = 20

/** A client that has only begun needs a moment to know who is who: resolves when it does, or when that takes too long or is called off. */
export async function knownSoon(isKnown: () => boolean, signal?: AbortSignal, withinMs = WITHIN_MS): Promise<void> {
  const limit = new Limit({ withinMs: Math.min(WITHIN_MS, withinMs), and: signal })
  while (!isKnown() && !limit.signal.aborted) await pause(LOOK_EVERY_MS, limit.signal)
  limit.end()
}
