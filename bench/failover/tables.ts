import Table from 'cli-table3'
import { columnsOf, figure, labelOf } from './figures.js'
import type { Report } from './report.js'

/** Median and worst of every cell, for a terminal. */
export function terminalTable({ cells, settings }: Report): string {
  const columns = columnsOf(cells)
  const table = new Table({
    head: ['fault', 'client', 'runs', ...columns.map(([, heading]) => heading)],
    colWidths: [null, null, null, ...columns.map(() => 13)],
    wordWrap: true,
    style: { head: [], border: [], compact: true }
  })
  for (const cell of cells) {
    table.push([cell.fault, labelOf(cell), cell.runs, ...columns.map(([metric]) => figure(cell, metric, settings))])
  }
  return `${table.toString()}\nmedian (worst)`
}
