import { escapeHtml } from '../../src/cli/report/escape.js'
import { renderPage, tableHtml } from '../../src/cli/report/page.js'
import type { Colour, Plot } from '../../src/cli/report/plot.js'
import { plotHtml } from '../../src/cli/report/plot-html.js'
import { environmentRows } from '../environment.js'
import { CLIENTS, type ClientName, DEPTHS, type Workload, WORKLOADS } from './catalogue.js'
import { allocationTable, closedTable, pacedTable, type Table } from './figures.js'
import { judgeGoals } from './goals.js'
import type { Report } from './report-files.js'
import { closedAt, middle } from './results.js'

const COLOURS: Readonly<Record<ClientName, Colour>> = {
  ours: 'write',
  ioredis: 'trouble',
  'ioredis-auto': 'warn',
  'node-redis': 'sentinel',
  'ours-unhedged': 'read',
  'ioredis-timer': 'promotion'
}

/** The page of a whole benchmark; it needs nothing but itself. */
export function reportPage(report: Report): string {
  const { runs, settings, environment } = report
  const goals = judgeGoals(runs)
  return renderPage({
    title: 'Throughput, side by side',
    lead: `<p class="faint">${escapeHtml(environment.date)} · medians of ${settings.rounds} rounds in eight slices each; (n x): of what each was divided by plain ioredis’s figure of the same slice</p>`,
    sections: [
      {
        heading: 'Goals',
        html: tableHtml(
          ['goal', 'limit', 'measured'],
          goals.map(({ what, limit, measured, met }) => [`${met ? '✓' : '✗'} ${what}`, limit, measured]),
          goals.map(({ met }) => (met ? 'pass' : 'fail'))
        )
      },
      ...settings.workloads.map((workload) => ({
        heading: workload,
        html: `<p class="faint">${escapeHtml(WORKLOADS[workload])}</p>
${plotHtml(speedPlot(report, workload))}
${plotHtml(cpuPlot(report, workload))}
${html(closedTable(runs, settings, workload))}`
      })),
      { heading: 'At equal load', html: html(pacedTable(runs, settings)) },
      { heading: 'Garbage', html: html(allocationTable(runs, settings)) },
      {
        heading: 'Clients',
        html: tableHtml(
          ['client', 'options'],
          settings.clients.map((name) => [CLIENTS[name].label, CLIENTS[name].setup])
        )
      },
      {
        heading: 'Environment',
        html: tableHtml(['what', 'value'], [...environmentRows(environment), ['command', settings.command]])
      }
    ]
  })
}

function html({ head, rows, clients }: Table): string {
  const states = clients.map((client) => (client === 'ours' ? 'mine' : undefined))
  return `<div class="figures">${tableHtml(head, rows, states)}</div>`
}

function speedPlot(report: Report, workload: Workload): Plot {
  const title = `${workload}: calls a second`
  return plot(report, workload, {
    id: `speed-${workload}`,
    title,
    yLabel: 'calls a second',
    figure: (run) => run.perSecond
  })
}

function cpuPlot(report: Report, workload: Workload): Plot {
  const title = `${workload}: CPU time a call`
  return plot(report, workload, { id: `cpu-${workload}`, title, yLabel: 'µs a call', figure: (run) => run.cpuUs })
}

interface Drawn {
  readonly id: string
  readonly title: string
  readonly yLabel: string
  readonly figure: (run: Report['runs']['closed'][number]) => number
}

function plot({ runs, settings }: Report, workload: Workload, { id, title, yLabel, figure }: Drawn): Plot {
  return {
    id,
    title,
    caption: `${WORKLOADS[workload]}. Medians of the rounds.`,
    x: DEPTHS.map(Math.log2),
    xTicks: DEPTHS.map((depth) => ({ at: Math.log2(depth), label: String(depth) })),
    xLabel: 'calls in flight',
    yLabel,
    scale: 'linear',
    series: settings.clients.map((client) => ({
      label: CLIENTS[client].label,
      colour: COLOURS[client],
      style: 'line',
      values: DEPTHS.map((depth) => middle(closedAt(runs, workload, depth), client, figure))
    })),
    marks: [],
    ticks: []
  }
}
