import type { FailoverTimeline } from '../../index.js'

/** Something that happened, as whoever caused it or the client saw it. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly who: string
  readonly what: string
  readonly detail?: string
  readonly kind?: 'pause' | 'fault' | 'promotion' | 'first-ack' | 'healed'
  /** The same was seen so often. */
  readonly times?: number
  /** When it was seen for the last time of those. */
  readonly lastAt?: number
}

/** Two connections hear of one event within this time. */
const SAME_EVENT_MS = 1000

/** Our own observations and what the client reported, in one order. What both heard of the sentinels stands once. */
export function mergeTimeline(observed: readonly Moment[], reports: readonly FailoverTimeline[]): Moment[] {
  const reported = reports.flatMap((report) => report.entries)
  const unmatched = new Set(reported.filter((entry) => entry.who.startsWith('sentinel ')))
  const merged = observed.map((moment): Moment => {
    const twin = [...unmatched].find(
      ({ who, what, at }) => who === moment.who && what === moment.what && Math.abs(at - moment.at) <= SAME_EVENT_MS
    )
    if (twin === undefined) return moment
    unmatched.delete(twin)
    return { ...moment, at: Math.min(moment.at, twin.at) }
  })
  const told = reported
    .filter((entry) => !entry.who.startsWith('sentinel ') || unmatched.has(entry))
    .map(({ at, who, what, detail }): Moment => ({ at, who, what, ...(detail !== undefined && { detail }) }))
  return foldRepeats([...merged, ...told].sort((a, b) => a.at - b.at))
}

/** What a node is seen to do again and again, with nothing else of it in between, becomes one moment. */
function foldRepeats(moments: readonly Moment[]): Moment[] {
  const folded: Moment[] = []
  const latest = new Map<string, number>()
  for (const moment of moments) {
    const index = latest.get(moment.who)
    const before = index === undefined ? undefined : folded[index]
    const repeats = moment.who.startsWith('node ') && before?.what === moment.what && before.detail === moment.detail
    if (repeats && index !== undefined) {
      folded[index] = { ...before, times: (before.times ?? 1) + 1, lastAt: moment.at }
    } else {
      latest.set(moment.who, folded.push(moment) - 1)
    }
  }
  return folded
}

export const TIMELINE_HEAD = ['ms after the fault', 'who', 'what', 'detail'] as const

export function timelineRows(moments: readonly Moment[], faultAt: number): string[][] {
  const after = (at: number): string => Math.round(at - faultAt).toLocaleString('en-US')
  return moments.map(({ at, who, what, detail, times, lastAt }) => {
    const often = times === undefined || lastAt === undefined ? [] : [`${times} times, the last at ${after(lastAt)}`]
    return [after(at), who, what, [...(detail === undefined ? [] : [detail]), ...often].join(', ')]
  })
}
