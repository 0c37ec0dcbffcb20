import TerminalTable from 'cli-table3'
import { allocationTable, closedTable, pacedTable, type Table } from './figures.js'
import { judgeGoals } from './goals.js'
import type { Report } from './report-files.js'

/** All figures and goals, for a terminal. */
export function terminalTable({ runs, settings }: Report): string {
  const goals = judgeGoals(runs)
  return [
    ...settings.workloads.map((workload) => draw(workload, closedTable(runs, settings, workload))),
    draw('at equal load', pacedTable(runs, settings)),
    draw('garbage', allocationTable(runs, settings)),
    draw('goals', {
      head: ['goal', 'limit', 'measured', 'met'],
      rows: goals.map(({ what, limit, measured, met }) => [what, limit, measured, met ? 'yes' : 'NO'])
    }),
    "medians; (n x): of what each was divided by plain ioredis's figure of the same slice"
  ].join('\n\n')
}

function draw(title: string, { head, rows }: Pick<Table, 'head' | 'rows'>): string {
  const table = new TerminalTable({
    head: [...head],
    colWidths: [null, ...head.slice(1).map(() => 18)],
    wordWrap: true,
    style: { head: [], border: [], compact: true }
  })
  for (const row of rows) table.push([...row])
  return `${title}\n${table.toString()}`
}
