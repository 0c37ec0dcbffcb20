import type { Refusal } from '../routing/refusal.js'
import { refusalOf } from '../routing/refusal.js'
import type { Call } from './call.js'

/**
 * A script in a transaction is refused when it runs, not when it is queued, so the refusal stands inside EXEC's reply. EXEC is
 * atomic: the node was a replica, or short of replicas, through all of it, other scripts met the same, and any plain write would
 * have been refused when it was queued. So nothing of the transaction has been written.
 */
const OF_THE_WHOLE: ReadonlySet<Refusal> = new Set<Refusal>(['demoted', 'stale', 'no-replicas'])

/** Tells of a refusal inside EXEC's reply before the caller gets it; when `onRefused` returns true, the caller does not. */
export function watchExec(exec: Call, onRefused: (refusal: Refusal) => boolean): void {
  const { resolve } = exec
  exec.resolve = (reply) => {
    const refusal = refusalWithin(reply)
    if (refusal === undefined || !onRefused(refusal)) resolve(reply)
  }
}

function refusalWithin(reply: unknown): Refusal | undefined {
  if (!Array.isArray(reply)) return undefined
  for (const one of reply as unknown[]) {
    const refusal = one instanceof Error ? refusalOf(one.message) : undefined
    if (refusal !== undefined && OF_THE_WHOLE.has(refusal)) return refusal
  }
  return undefined
}
