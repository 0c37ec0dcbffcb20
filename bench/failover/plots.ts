import type { Colour, Plot } from '../../src/cli/report/plot.js'
import { median } from '../median.js'
import { CLIENTS, type ClientName, type Trouble, troubleOf } from './catalogue.js'
import { labelOf } from './figures.js'
import type { Report } from './report.js'
import { type Cell, stepAt } from './statistics.js'
import { TIMES } from './measurement.js'

/** This library's own is the colour of its rows in the tables, and none is that of the mark of the promotion. */
const COLOURS: Readonly<Record<ClientName, Colour>> = {
  ours: 'write',
  ioredis: 'trouble',
  'ioredis-tuned': 'warn',
  'node-redis': 'sentinel',
  'node-redis-tuned': 'read',
  'ours-set': 'read',
  'ours-durability': 'warn',
  'ours-exactly-once': 'sentinel'
}

/** Acks in time of each client, the median over the runs: who is out, and for how long. */
export function throughputPlot(fault: Trouble, cells: readonly Cell[], id: string): Plot {
  const shown = cells.filter((cell) => cell.fault === fault)
  const steps = shown.reduce((most, cell) => Math.max(most, cell.acks.length), 0)
  const usual = TIMES.stepMs / 5
  const promotions = shown.flatMap((cell) => cell.promotionMs?.median ?? [])
  return {
    id,
    title: fault,
    caption: `${troubleOf(fault).what}. Acknowledged writes per ${TIMES.stepMs} ms, median of the runs; cut at ${usual * 3}. A line ends where half of the runs had ended, since the client was back, or had been waited for long enough.`,
    x: Array.from({ length: steps }, (_, index) => stepAt(index) / 1000),
    xUnit: 's',
    xLabel: 'seconds after the fault',
    yLabel: `acks per ${TIMES.stepMs} ms`,
    scale: 'linear',
    yMax: usual * 3,
    series: shown.map((cell) => ({
      label: labelOf(cell),
      colour: COLOURS[cell.client],
      style: 'line',
      values: Array.from({ length: steps }, (_, index) => cell.acks[index] ?? null)
    })),
    marks: [
      { at: 0, label: 'fault', colour: 'trouble', weight: 2 },
      ...(promotions.length === 0
        ? []
        : [{ at: median(promotions) / 1000, label: 'promotion', colour: 'promotion', weight: 1 } as const])
    ],
    ticks: []
  }
}

/** Standard clients of one page section, and this library's own variants of another: five colours serve both. */
export function plotsOf({ cells, settings }: Report): { readonly against: Plot[]; readonly own: Plot[] } {
  const of = (chosen: (client: ClientName) => boolean, prefix: string): Plot[] => {
    const some = cells.filter((cell) => chosen(cell.client))
    return settings.faults
      .filter((fault) => some.some((cell) => cell.fault === fault && cell.acks.length > 0))
      .map((fault) => throughputPlot(fault, some, `${prefix}-${fault}`))
  }
  return {
    against: of((client) => CLIENTS[client].standard, 'clients'),
    own: settings.clients.some((client) => !CLIENTS[client].standard) ? of((client) => CLIENTS[client].ours, 'own') : []
  }
}
