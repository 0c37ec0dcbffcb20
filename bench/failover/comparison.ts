import { CLIENTS, type Trouble } from './catalogue.js'
import type { Report } from './report.js'
import { type Cell, type Metric, METRIC_NAMES, type Spread } from './statistics.js'
import { cellOf } from './summary.js'

/** A figure in which this client is not better than the best peer, and not without fault either. */
export interface Shortfall {
  readonly fault: Trouble
  readonly metric: Metric
  readonly verdict: 'worse' | 'equal'
  readonly ours: Spread
  readonly best: Spread
  /** The peer that has it. */
  readonly peer: Cell
}

/** Medians of times so close together are equal: what a machine with two cores adds by itself. */
const SAME_MS = 5
const SAME_SHARE = 0.1

/** Every figure of the client at its defaults that is worse than, or as bad as, the best peer's. Nothing is better than 0. */
export function findShortfalls({ cells, settings }: Report): Shortfall[] {
  const peers = settings.clients.filter((name) => !CLIENTS[name].ours)
  return settings.faults.flatMap((fault) => {
    const mine = cellOf(cells, fault, 'ours')
    const others = peers.flatMap((name) => cellOf(cells, fault, name) ?? [])
    return mine === undefined || others.length === 0
      ? []
      : METRIC_NAMES.flatMap((metric) => shortfall(fault, metric, mine, others))
  })
}

function shortfall(fault: Trouble, metric: Metric, mine: Cell, others: readonly Cell[]): Shortfall[] {
  const ours = mine.spreads[metric]
  const [peer] = others
    .filter((cell) => cell.spreads[metric] !== undefined)
    .sort((a, b) => rank(a.spreads[metric], metric) - rank(b.spreads[metric], metric))
  const best = peer?.spreads[metric]
  if (ours === undefined || best === undefined || peer === undefined) return []
  const [a, b] = [rank(ours, metric), rank(best, metric)]
  if (a === 0) return []
  const same =
    a === b || (b !== Infinity && metric.endsWith('Ms') && Math.abs(a - b) <= Math.max(SAME_MS, SAME_SHARE * b))
  if (!same && a < b) return []
  return [{ fault, metric, verdict: same ? 'equal' : 'worse', ours, best, peer }]
}

/** Times by their median; what is counted also by the worst run, since one lost write is one too many. */
function rank(spread: Spread | undefined, metric: Metric): number {
  const value = metric.endsWith('Ms')
    ? spread?.median
    : (spread?.median ?? Infinity) + (spread?.worst ?? Infinity) / 1000
  return value ?? Infinity
}
