import { setTimeout as sleep } from 'node:timers/promises'
import { TopologyTimeoutError } from './errors.js'

export interface WaitOptions {
  /** How long between two questions, in milliseconds. Default 20. */
  readonly everyMs?: number
  /** Ends the wait early. */
  readonly signal?: AbortSignal
}

/**
 * Asks again every `everyMs` until `probe` gives a value. A thrown error counts as "not yet".
 *
 * @throws TopologyTimeoutError after `timeoutMs`, or when `signal` is aborted, with `what` was awaited and the last reason why not.
 */
export async function waitUntil<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<{ readonly done: T } | { readonly notYet: string }>,
  { everyMs = 20, signal }: WaitOptions = {}
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await probe().catch((error: unknown) => ({
      notYet: error instanceof Error ? error.message : String(error)
    }))
    if ('done' in answer) return answer.done
    if (signal?.aborted === true) {
      throw new TopologyTimeoutError(`${what}: not before everything was stopped; last seen: ${answer.notYet}`)
    }
    if (performance.now() > deadline) {
      throw new TopologyTimeoutError(`${what}: not within ${timeoutMs} ms; last seen: ${answer.notYet}`)
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
  }
}
