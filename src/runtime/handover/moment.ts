import type { Promotable } from '../../protocol/parse-promotable.js'

/** One sentinel that may lead the failover, and the replicas as it sees them. */
export interface View {
  readonly sentinel: string
  readonly replicas: readonly Promotable[]
}

/**
 * The leader of a failover sees the promotion in the INFO that it asks of the promoted replica, and asks every 1000 ms while a
 * failover is under way, every 10 s before (redis `sentinel.c` sentinelSendPeriodicCommands()). REPLICAOF NO ONE goes out three ticks
 * of its timer after SENTINEL FAILOVER, each of 52 to 100 ms. A failover that begins when the last INFO is this old has its next
 * INFO just after the promotion; one that begins at any other moment has it up to a second later, and that long nobody who asks
 * the sentinels finds the new primary.
 */
export const GOOD_INFO_AGE_MS = { from: 600, to: 700 } as const

/** Those that this sentinel might promote. */
export function candidatesOf({ replicas }: View): readonly Promotable[] {
  return replicas.filter(({ unfit }) => unfit === undefined)
}

/** A sentinel for which this is the moment; any of its candidates may be the one that it promotes, so it must be so for all. */
export function atTheMoment(views: readonly View[]): View | undefined {
  return views.find((view) => {
    const candidates = candidatesOf(view)
    return (
      candidates.length > 0 &&
      candidates.every(({ infoAgeMs }) => infoAgeMs >= GOOD_INFO_AGE_MS.from && infoAgeMs <= GOOD_INFO_AGE_MS.to)
    )
  })
}

/** Without regard to the moment: the sentinel that has the most to choose from. */
export function anyMoment(views: readonly View[]): View | undefined {
  const able = views.filter((view) => candidatesOf(view).length > 0)
  return able.toSorted((a, b) => candidatesOf(b).length - candidatesOf(a).length)[0]
}
