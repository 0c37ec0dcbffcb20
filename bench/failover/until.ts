import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 10

/**
 * Asks until there is an answer; what `ask` throws ends the wait.
 *
 * @throws Error after `limitMs`, saying what was waited for.
 */
export async function until<T>(
  what: string,
  limitMs: number,
  ask: () => T | undefined | Promise<T | undefined>
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}, in vain`)
    await sleep(EVERY_MS)
  }
}
