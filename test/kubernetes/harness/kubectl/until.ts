import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from './call.js'

const LOOK_EVERY_MS = 100

export interface UntilOptions {
  /** Default: for ever. */
  readonly timeoutMs?: number | undefined
  /** What it is said of when the time is over. */
  readonly on?: string
}

/** Looks again and again. @throws Error with kubectl's words when the time is over, and when who asked has gone. */
export async function until({ signal }: Call, isSo: () => boolean, options: UntilOptions = {}): Promise<void> {
  const { timeoutMs = Infinity, on } = options
  const end = performance.now() + timeoutMs
  while (!isSo()) {
    if (performance.now() > end)
      throw new Error(`timed out waiting for the condition${on === undefined ? '' : ` on ${on}`}`)
    await sleep(LOOK_EVERY_MS, undefined, { signal })
  }
}
