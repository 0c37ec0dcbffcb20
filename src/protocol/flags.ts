/** Flags of SENTINEL MASTER and SENTINEL REPLICAS that say something about reachability or a failover. Source: redis `src/sentinel.c`, addReplySentinelRedisInstance(). */
const DOWN: readonly string[] = ['s_down', 'o_down', 'disconnected']

/** A sentinel holds the instance to be down, or has no connection to it. */
export function isDown(flags: readonly string[]): boolean {
  return flags.some((flag) => DOWN.includes(flag))
}

export function isObjectivelyDown(flags: readonly string[]): boolean {
  return flags.includes('o_down')
}

export function isSubjectivelyDown(flags: readonly string[]): boolean {
  return flags.includes('s_down')
}

export function failoverInProgress(flags: readonly string[]): boolean {
  return flags.includes('failover_in_progress')
}
