import { setTimeout as delay } from 'node:timers/promises'

const EVERY_MS = 20

/**
 * Asks until `condition` holds; what it throws ends the wait.
 *
 * @throws Error after `timeoutMs`, saying what was waited for. AbortError when the signal is aborted.
 */
export async function waitFor(
  what: string,
  timeoutMs: number,
  signal: AbortSignal,
  condition: () => boolean
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}, in vain`)
    await delay(EVERY_MS, undefined, { signal })
  }
}
