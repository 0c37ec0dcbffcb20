import type { Address } from 'ioredis-sentinel/testkit'

/** A sentinel wrote down that a node has been promoted. */
export interface Announcement {
  /** `host port` */
  readonly node: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** For example `9444:X 23 Nov 2026 03:51:10.856 # +promoted-slave slave 127.0.0.5:6379 127.0.0.5 6379 @ mymaster 127.0.0.6 6379`. */
const LINE =
  /^\d+:X (\d+ \w+ \d+ [\d:.]+) . (?:\+promoted-slave slave \S+ (\S+ \d+) @|\+switch-master \S+ \S+ \d+ (\S+ \d+)$)/gm

/** What a sentinel's log says of promotions since `from`, in the order of the log; its times are local ones. */
export function announcedIn(log: string, from: number): readonly Announcement[] {
  return [...log.matchAll(LINE)]
    .map(([, time = '', promoted, switched]) => ({ node: promoted ?? switched ?? '', at: Date.parse(time) }))
    .filter(({ at }) => at >= from)
}

/**
 * Promotions that no node shows: sentinels may choose a primary that was killed and has come back, before they have made it a
 * replica. It says that it is the primary before and after, and has lost what was written meanwhile. Told by the first
 * announcement of such a promotion, with its time; the others repeat it.
 */
export function unseenPromotions(announced: readonly Announcement[], seen: readonly Address[]): readonly number[] {
  const told = new Set(seen.map(({ host, port }) => `${host} ${port}`))
  const unseen: number[] = []
  for (const { node, at } of [...announced].sort((one, other) => one.at - other.at)) {
    if (!told.has(node)) unseen.push(at)
    told.add(node)
  }
  return unseen
}
