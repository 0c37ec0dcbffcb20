import type { TimelineReport } from '../../../dashboard/messages.js'
import type { Plot, Series } from '../../../report/plot.js'
import { type MarkedMoment, timelineMarks } from '../../../report/timeline-marks.js'
import { count } from './words.js'

const LEAST_MS = 0.01

/** The tool's own calls through a failover, with what the sentinels and the client did; undefined when it made none then. */
export function timelinePlot({ id, startedAt, endedAt, entries, calls, callsMade }: TimelineReport): Plot | undefined {
  if (calls.length === 0) return undefined
  const ordered = [...calls].sort((a, b) => a.at - b.at)
  const dots = (
    label: string,
    colour: Series['colour'],
    chosen: (call: (typeof calls)[number]) => boolean
  ): Series => ({
    label,
    colour,
    style: 'dots',
    values: ordered.map((call) => (chosen(call) ? Math.max(LEAST_MS, call.tookMs) : null))
  })
  const series = [
    dots('reads', 'read', ({ kind, ok }) => ok && kind === 'read'),
    dots('writes', 'write', ({ kind, ok }) => ok && kind === 'write'),
    dots('failed', 'trouble', ({ ok }) => !ok)
  ]
  return {
    id: `timeline-${id}`,
    title: 'The tool’s own calls through it',
    caption: `each at the time it was made: how long it took until it was answered, waiting included.${ofMany(calls.length, callsMade)} Strokes at the top: other words of the sentinels. Drag to zoom in, double-click to zoom out.`,
    x: ordered.map(({ at }) => at - startedAt),
    xUnit: 'ms',
    xLabel: 'milliseconds after the first sign',
    yLabel: 'milliseconds (log)',
    scale: 'log',
    series: series.filter(({ values }) => values.some((value) => value !== null)),
    focus: [-500, endedAt - startedAt + 500],
    ...timelineMarks(markedMoments(entries), startedAt, 1)
  }
}

function ofMany(shown: number, made: number): string {
  return shown === made
    ? ''
    : ` There were ${count(made)}; ${count(shown)} are shown: those that failed or took longest, and some of the others.`
}

/** What happened to the client and what it did stands out, in words. */
function markedMoments(entries: TimelineReport['entries']): MarkedMoment[] {
  const lost = entries.find(({ what }) => what === 'link-lost')
  return entries.map((entry) => {
    const { at, who, what } = entry
    if (entry === lost) return { at, who, what: 'connection lost', kind: 'fault' }
    if (who !== 'client') return { at, who, what }
    if (what === 'hold') return { at, who, what: 'calls wait', kind: 'pause' }
    if (what === 'moved') return { at, who, what: 'new primary', kind: 'promotion' }
    if (what === 'release') return { at, who, what: 'calls go on', kind: 'first-ack' }
    return { at, who, what }
  })
}

/** `[ms, who, what, detail]` of each entry. What a node is seen to do again and again, with nothing else of it in between, stands once. */
export function timelineRows({
  entries
}: TimelineReport): { readonly cells: readonly string[]; readonly own: boolean }[] {
  const rows: { afterMs: number; who: string; what: string; detail: string; times: number; lastMs: number }[] = []
  const latest = new Map<string, (typeof rows)[number]>()
  for (const { afterMs, who, what, detail = '' } of entries) {
    const before = latest.get(who)
    if (who.startsWith('node ') && before?.what === what && before.detail === detail) {
      before.times += 1
      before.lastMs = afterMs
      continue
    }
    const row = { afterMs, who, what, detail, times: 1, lastMs: afterMs }
    rows.push(row)
    latest.set(who, row)
  }
  return rows.map(({ afterMs, who, what, detail, times, lastMs }) => {
    const often = times === 1 ? [] : [`${times} times, the last at ${lastMs.toFixed(1)} ms`]
    return {
      cells: [afterMs.toFixed(1), who, what, [...(detail === '' ? [] : [detail]), ...often].join(', ')],
      own: who === 'client'
    }
  })
}
