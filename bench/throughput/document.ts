import { environmentRows } from '../environment.js'
import { fillPlaces, markdownTable } from '../markdown.js'
import { CLIENTS, WORKLOADS } from './catalogue.js'
import { allocationTable, closedTable, pacedTable, type Table } from './figures.js'
import { judgeGoals } from './goals.js'
import type { Report } from './report-files.js'

/** Puts the report's tables into their places. @throws Error as fillPlaces() does. */
export function fillDocument(document: string, { environment, settings, runs }: Report): string {
  return fillPlaces(document, {
    command: `\`\`\`sh\n${settings.command}\n\`\`\``,
    environment: markdownTable(['what', 'value'], [...environmentRows(environment), ['command', settings.command]]),
    clients: markdownTable(
      ['client', 'options'],
      settings.clients.map((name) => [CLIENTS[name].label, CLIENTS[name].setup])
    ),
    goals: markdownTable(
      ['goal', 'limit', 'measured', 'met'],
      judgeGoals(runs).map(({ what, limit, measured, met }) => [what, limit, measured, met ? 'yes' : '**no**'])
    ),
    workloads: settings.workloads
      .map((workload) => `### ${workload}\n\n${WORKLOADS[workload]}.\n\n${text(closedTable(runs, settings, workload))}`)
      .join('\n\n'),
    paced: text(pacedTable(runs, settings)),
    garbage: text(allocationTable(runs, settings))
  })
}

function text({ head, rows, clients }: Table): string {
  const marked = rows.map(([name = '', ...rest], index) => [clients[index] === 'ours' ? `**${name}**` : name, ...rest])
  return markdownTable(head, marked)
}
