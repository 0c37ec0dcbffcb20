import { highest } from './highest.js'
import type { Marks } from './timeline-marks.js'
import type { Colour, Plot, Series } from './plot.js'

/** A call that has settled, as the plots draw it. Times are milliseconds, `issuedAt` since 1970. */
export interface DrawnCall {
  /** Calls of other kinds than these two are drawn only where they were not answered. */
  readonly kind: 'write' | 'read' | 'heartbeat'
  readonly issuedAt: number
  readonly latencyMs: number
  readonly outcome: 'ok' | 'unknown' | 'failed'
}

/** Answers are counted in the shortest of these in which there are some. */
const BUCKETS_MS = [50, 100, 200, 500, 1000] as const
const ENOUGH_ANSWERS = 4
/** A browser draws so many dots without a pause that is felt. */
const MAX_DOTS = 12_000
/** On a logarithmic axis there is no 0. */
const LEAST_MS = 0.01

/** Answers in time. Where the writes that were held go out at once, the axis is cut so that the rest stays readable. */
export function throughputPlot(
  records: readonly DrawnCall[],
  faultAt: number,
  marks: Marks,
  focus?: Plot['focus']
): Plot {
  const answered = records.filter((record) => record.outcome === 'ok')
  const times = answered.map(settledAt)
  const present = (['read', 'write'] as const).filter((kind) => answered.some((record) => record.kind === kind))
  const kinds = present.length === 0 ? (['read', 'write'] as const) : present
  const bucketMs = bucketFor(times, kinds.length)
  const bucketOf = (at: number): number => Math.floor((at - faultAt) / bucketMs)
  const firstBucket = (kind: DrawnCall['kind']): number =>
    answered.reduce((min, record) => (record.kind === kind ? Math.min(min, bucketOf(settledAt(record))) : min), 0)
  // The programs do not begin together. The first and the last bucket are not full ones.
  const from = Math.max(...kinds.map(firstBucket)) + 1
  const to = times.reduce((max, at) => Math.max(max, bucketOf(at)), from + 1) - 1
  const counts = (kind: DrawnCall['kind']): number[] => {
    const buckets = new Array<number>(to - from + 1).fill(0)
    for (const record of answered) {
      const bucket = bucketOf(settledAt(record)) - from
      if (record.kind === kind && bucket in buckets) buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    return buckets
  }
  const counted = kinds.map((kind) => ({ kind, values: counts(kind) }))
  const usual = Math.max(...counted.map(({ values }) => median(values)), 1)
  const peak = highest(counted.flatMap(({ values }) => values))
  const cut = peak > usual * 3 ? Math.ceil(usual * 3) : undefined
  return {
    id: 'throughput',
    title: 'Writes and reads',
    caption: [
      `answered per ${bucketMs} ms` +
        (cut === undefined ? '' : `; cut at ${cut}: the held writes were answered at once, up to ${peak}`),
      'Strokes at the top: other words of the sentinels',
      `Drag to zoom in, double-click to ${focus === undefined ? 'zoom out' : 'see the whole run'}.`
    ].join('. '),
    x: Array.from({ length: to - from + 1 }, (_, index) => ((from + index + 0.5) * bucketMs) / 1000),
    xUnit: 's',
    xLabel: 'seconds after the fault',
    yLabel: `answers per ${bucketMs} ms`,
    scale: 'linear',
    ...(cut !== undefined && { yMax: cut }),
    series: counted.map(({ kind, values }) => ({ label: `${kind}s`, colour: kind, style: 'line', values })),
    ...marks,
    ...(focus !== undefined && { focus })
  }
}

/** For so many answers of so many kinds. */
function bucketFor(times: readonly number[], kinds: number): number {
  const lastedMs = highest(times) - times.reduce((min, at) => Math.min(min, at), Infinity)
  const perMs = times.length / kinds / Math.max(1, lastedMs)
  return BUCKETS_MS.find((ms) => perMs * ms >= ENOUGH_ANSWERS) ?? 1000
}

interface Layer {
  readonly label: string
  readonly colour: Colour
  readonly records: readonly DrawnCall[]
}

/** One dot an operation, where it was issued. Writes that were held show as a slope that falls towards the new primary. */
export function latencyPlot(records: readonly DrawnCall[], faultAt: number, marks: Marks): Plot {
  return {
    id: 'latency',
    title: 'Latency',
    caption: 'of each call, at the time it was made: from the call to its answer, the wait for a new primary included.',
    xUnit: 's',
    xLabel: 'seconds after the fault',
    ...latencyDots(records, faultAt, 1000),
    ...marks
  }
}

const AROUND_MS = 400

/** The same, for the moments before and after a promotion. */
export function promotionPlot(records: readonly DrawnCall[], promotedAt: number, marks: Marks): Plot {
  return {
    id: 'promotion',
    title: 'Latency around the promotion',
    caption: `of the calls made within ${AROUND_MS} ms of it: those made before it wait, those after it find the new primary.`,
    xUnit: 'ms',
    xLabel: 'milliseconds after the promotion',
    ...latencyDots(
      records.filter((record) => Math.abs(record.issuedAt - promotedAt) <= AROUND_MS),
      promotedAt,
      1
    ),
    ...marks
  }
}

function latencyDots(
  records: readonly DrawnCall[],
  origin: number,
  unitMs: number
): Pick<Plot, 'x' | 'yLabel' | 'scale' | 'series'> {
  const layers: Layer[] = [
    { label: 'reads', colour: 'read', records: records.filter((one) => one.kind === 'read' && one.outcome === 'ok') },
    {
      label: 'writes',
      colour: 'write',
      records: records.filter((one) => one.kind === 'write' && one.outcome === 'ok')
    },
    { label: 'unknown or failed', colour: 'trouble', records: records.filter((one) => one.outcome !== 'ok') }
  ]
  const dots = layers
    .flatMap((layer, index) =>
      thin(layer.records, MAX_DOTS / layers.length).map((record) => ({ record, layer: index }))
    )
    .sort((a, b) => a.record.issuedAt - b.record.issuedAt)
  const series = layers.map((layer, index): Series => ({
    label: layer.label,
    colour: layer.colour,
    style: 'dots',
    values: dots.map((dot) => (dot.layer === index ? Math.max(LEAST_MS, round(dot.record.latencyMs)) : null))
  }))
  return {
    x: dots.map((dot) => (dot.record.issuedAt - origin) / unitMs),
    yLabel: 'milliseconds (log)',
    scale: 'log',
    series: series.filter((one) => one.values.some((value) => value !== null))
  }
}

/** Of too many records, the fastest and the slowest of each stretch of time. */
function thin(records: readonly DrawnCall[], limit: number): readonly DrawnCall[] {
  if (records.length <= limit) return records
  const stretch = Math.ceil((records.length * 2) / limit)
  const kept: DrawnCall[] = []
  for (let index = 0; index < records.length; index += stretch) {
    const part = records.slice(index, index + stretch).sort((a, b) => a.latencyMs - b.latencyMs)
    kept.push(...new Set([part[0], part.at(-1)].filter((record) => record !== undefined)))
  }
  return kept
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function settledAt(call: DrawnCall): number {
  return call.issuedAt + call.latencyMs
}
