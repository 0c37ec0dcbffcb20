import { CLIENTS } from './catalogue.js'
import { READS_BACK_LIMIT_MS } from './limits.js'
import type { Settings } from './report.js'
import { type Cell, type Metric, METRICS, type Spread } from './statistics.js'

/** A key of its own for each id: there is no order, and no second one. */
const NOT_OF_SET: readonly Metric[] = ['doubled', 'reordered']

/** `12 (40)`: median and worst; one number when they are the same. */
export function figure(cell: Cell, metric: Metric, settings: Settings): string {
  const spread = cell.spreads[metric]
  if (spread === undefined || (cell.client === 'ours-set' && NOT_OF_SET.includes(metric))) return '–'
  return spreadText(spread, waitedMs(metric, settings))
}

/** How long that which never came was waited for, in milliseconds. */
export function waitedMs(metric: Metric, settings: Settings): number {
  return metric === 'readsBackMs' ? READS_BACK_LIMIT_MS : settings.patienceMs
}

export function spreadText({ median, worst }: Spread, limitMs: number): string {
  const [usual, most] = [text(median, limitMs), text(worst, limitMs)]
  return usual === most ? usual : `${usual} (${most})`
}

function text(value: number | null, limitMs: number): string {
  if (value === null) return `never (${limitMs / 1000} s)`
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value))
}

/** The metrics that exist for one of these cells at least, with their headings. */
export function columnsOf(cells: readonly Cell[]): readonly (readonly [Metric, string])[] {
  const all = Object.entries(METRICS) as [Metric, string][]
  return all.filter(([metric]) => cells.some((cell) => cell.spreads[metric] !== undefined))
}

export function labelOf(cell: Cell): string {
  return CLIENTS[cell.client].label
}
