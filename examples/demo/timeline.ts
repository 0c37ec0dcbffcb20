import type { FailoverTimeline } from 'ioredis-sentinel'
import type { Mark } from '../../src/cli/report/plot.js'

/** Something that happened, as the demo or the client saw it. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly who: string
  readonly what: string
  readonly detail?: string
  readonly kind?: 'fault' | 'promotion' | 'first-ack' | 'healed'
}

/** The demo's own observations and what the client reported, in one order. */
export function mergeTimeline(observed: readonly Moment[], reports: readonly FailoverTimeline[]): Moment[] {
  const told = reports.flatMap((report) =>
    report.entries.map((entry) => ({
      at: entry.at,
      who: entry.who,
      what: entry.what,
      ...(entry.detail !== undefined && { detail: entry.detail })
    }))
  )
  return [...observed, ...told].sort((a, b) => a.at - b.at)
}

export const TIMELINE_HEAD = ['ms after the fault', 'who', 'what', 'detail'] as const

export function timelineRows(moments: readonly Moment[], faultAt: number): string[][] {
  return moments.map((moment) => [
    Math.round(moment.at - faultAt).toLocaleString('en-US'),
    moment.who,
    moment.what,
    moment.detail ?? ''
  ])
}

const OWN_MARKS = {
  fault: { colour: 'trouble', weight: 10 },
  promotion: { colour: 'promotion', weight: 9 },
  'first-ack': { colour: 'write', weight: 8 },
  healed: { colour: 'sentinel', weight: 7 }
} as const

/** The sentinels' events that a picture needs, and which of them is labelled first. */
const EVENT_WEIGHTS: Readonly<Record<string, number>> = {
  '+odown': 6,
  '+switch-master': 5,
  '+promoted-slave': 4,
  '+sdown': 3,
  '+elected-leader': 2,
  '+try-failover': 2,
  '-sdown': 1,
  '+failover-end': 1
}

/**
 * Vertical lines for a plot: our own moments, and each event where it was first told. Its x counts from `origin`, in units
 * of so many milliseconds.
 */
export function timelineMarks(moments: readonly Moment[], origin: number, unitMs: number): Mark[] {
  const marks: Mark[] = []
  const seen = new Set<string>()
  for (const moment of moments) {
    const at = (moment.at - origin) / unitMs
    if (moment.kind !== undefined) marks.push({ at, label: moment.what, ...OWN_MARKS[moment.kind] })
    else {
      const weight = EVENT_WEIGHTS[moment.what]
      if (weight === undefined || seen.has(moment.what)) continue
      seen.add(moment.what)
      marks.push({ at, label: moment.what, colour: 'sentinel', weight })
    }
  }
  return marks
}
