import { median } from '../median.js'
import type { ClientName, Trouble } from './catalogue.js'
import { type Measurement, TIMES } from './measurement.js'

/** Of all runs of a cell. `null`: it never came. */
export interface Spread {
  readonly median: number | null
  readonly worst: number | null
}

/** The figures in which less is better, in the order of the tables. */
export const METRICS = {
  afterPromotionMs: 'promotion to first ack, ms',
  writeGapMs: 'write gap, ms',
  lost: 'lost',
  lostAfterPromotion: 'of them after promotion',
  doubled: 'doubled',
  reordered: 'reordered',
  failed: 'failed',
  failedButPresent: 'of them present',
  unknown: 'unknown',
  hung: 'hung',
  readGapMs: 'read gap, ms',
  longestReadMs: 'longest read, ms',
  readsFailed: 'reads failed',
  readsHung: 'reads hung',
  readsBackMs: 'heal to first read there, ms',
  beyondAbsenceMs: "gap beyond the server's absence, ms"
} as const satisfies Readonly<Partial<Record<keyof Measurement, string>>>

export type Metric = keyof typeof METRICS

export const METRIC_NAMES = Object.keys(METRICS) as readonly Metric[]

export interface Cell {
  readonly fault: Trouble
  readonly client: ClientName
  readonly runs: number
  /** Runs in which writes and reads flowed again while it was waited for. */
  readonly recovered: number
  /** From the fault to the promotion, where there is one. */
  readonly promotionMs?: Spread
  readonly spreads: Readonly<Partial<Record<Metric, Spread>>>
  /** Rejected writes and reads of all runs, by code. */
  readonly errors: Readonly<Record<string, number>>
  readonly readErrors: Readonly<Record<string, number>>
  /** The median of the acks in each `TIMES.stepMs`; ends where half of the runs had ended. */
  readonly acks: readonly number[]
}

/** One cell for each fault and client that was measured, in their order. */
export function summarize(
  measurements: readonly Measurement[],
  faults: readonly Trouble[],
  clients: readonly ClientName[]
): Cell[] {
  return faults.flatMap((fault) =>
    clients.flatMap((client) => {
      const runs = measurements.filter((one) => one.fault === fault && one.client === client)
      return runs.length === 0 ? [] : [cellOf(fault, client, runs)]
    })
  )
}

function cellOf(fault: Trouble, client: ClientName, runs: readonly Measurement[]): Cell {
  const spreads: Partial<Record<Metric, Spread>> = {}
  for (const metric of METRIC_NAMES) {
    const values = runs.flatMap((run) => (run[metric] === undefined ? [] : [run[metric]]))
    if (values.length > 0) spreads[metric] = spreadOf(values)
  }
  const promotions = runs.flatMap((run) => run.promotionMs ?? [])
  return {
    fault,
    client,
    runs: runs.length,
    recovered: runs.filter((run) => run.recovered).length,
    ...(promotions.length > 0 && { promotionMs: spreadOf(promotions) }),
    spreads,
    errors: sum(runs.map((run) => run.errors)),
    readErrors: sum(runs.map((run) => run.readErrors)),
    acks: medianCurve(runs.map((run) => run.acks))
  }
}

/** What never came is worse than any number. */
export function spreadOf(values: readonly (number | null)[]): Spread {
  const numbers = values.map((value) => value ?? Infinity)
  return { median: finite(median(numbers)), worst: finite(Math.max(...numbers)) }
}

function finite(value: number): number | null {
  return value === Infinity ? null : Math.round(value * 10) / 10
}

function medianCurve(curves: readonly (readonly number[])[]): number[] {
  const length = median(curves.map((curve) => curve.length))
  return Array.from({ length: Math.floor(length) }, (_, index) => median(curves.flatMap((curve) => curve[index] ?? [])))
}

function sum(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {}
  for (const [code, count] of counts.flatMap((one) => Object.entries(one))) all[code] = (all[code] ?? 0) + count
  return all
}

/** Milliseconds from the fault to the middle of a step of a curve. */
export function stepAt(index: number): number {
  return TIMES.fromMs + (index + 0.5) * TIMES.stepMs
}
