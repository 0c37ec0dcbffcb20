import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 10

type Answer<T> = T | undefined | false

/**
 * Asks until there is an answer other than false; what `ask` throws ends the wait.
 *
 * @throws Error after `limitMs`, saying what was waited for.
 */
export async function until<T>(
  what: string | (() => string),
  limitMs: number,
  ask: () => Answer<T> | Promise<Answer<T>>
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline)
      throw new Error(`waited ${limitMs} ms for ${typeof what === 'string' ? what : what()}, in vain`)
    await sleep(EVERY_MS)
  }
}
