/** Flags of SENTINEL MASTER and SENTINEL REPLICAS that say something about reachability or a failover. Source: redis `src/sentinel.c`, addReplySentinelRedisInstance(). */
const DOWN: readonly string[] = ['s_down', 'o_down']

/** What a sentinel's flags say of an instance. `unknown`: it is not connected to it now, and does not hold it to be down. */
export function standingOf(flags: readonly string[]): 'up' | 'down' | 'unknown' {
  if (flags.some((flag) => DOWN.includes(flag))) return 'down'
  return flags.includes('disconnected') ? 'unknown' : 'up'
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
