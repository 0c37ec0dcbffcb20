import { escapeHtml } from '../../src/cli/report/escape.js'
import { renderPage, tableHtml } from '../../src/cli/report/page.js'
import { plotHtml } from '../../src/cli/report/plot-html.js'
import { environmentRows } from '../environment.js'
import { CLIENTS, troubleOf } from './catalogue.js'
import { columnsOf, figure, labelOf, spreadText } from './figures.js'
import { judgeGoals } from './goals.js'
import { plotsOf } from './plots.js'
import type { Report } from './report.js'
import { firstAckRows } from './summary.js'

/** The page of a whole benchmark; it needs nothing but itself. */
export function reportPage(report: Report): string {
  const { settings, environment } = report
  const { against, own } = plotsOf(report)
  const summary = firstAckRows(report)
  return renderPage({
    title: 'Failover, side by side',
    lead: `<p class="faint">${escapeHtml(environment.date)} · median (worst) of ${settings.runs} runs</p>
<p>From the promotion of the new primary to its first acknowledged write, in milliseconds, with a write every 5 ms:</p>
${tableHtml(summary.head, summary.rows)}`,
    sections: [
      ...(against.length > 0 ? [{ heading: 'Writes in time', html: against.map(plotHtml).join('\n') }] : []),
      ...(own.length > 0 ? [{ heading: 'This library in its modes', html: own.map(plotHtml).join('\n') }] : []),
      { heading: 'Goals', html: goalsHtml(report) },
      ...settings.faults.map((fault) => ({ heading: fault, html: faultHtml(fault, report) })),
      {
        heading: 'Clients',
        html: tableHtml(
          ['client', 'options'],
          settings.clients.map((name) => [CLIENTS[name].label, CLIENTS[name].setup])
        )
      },
      { heading: 'Environment', html: tableHtml(['what', 'value'], settingRows(report)) }
    ]
  })
}

function goalsHtml(report: Report): string {
  const goals = judgeGoals(report)
  return tableHtml(
    ['goal', 'measured'],
    goals.map(({ what, measured, met }) => [`${met ? '✓' : '✗'} ${what}`, measured]),
    goals.map(({ met }) => (met ? 'pass' : 'fail'))
  )
}

function faultHtml(fault: Report['settings']['faults'][number], { cells, settings }: Report): string {
  const shown = cells.filter((cell) => cell.fault === fault)
  const columns = columnsOf(shown)
  const promotion = shown.flatMap((cell) => (cell.promotionMs === undefined ? [] : [cell.promotionMs]))
  const when = promotion.map((spread) => spreadText(spread, settings.patienceMs)).join(', ')
  return `<p class="faint">${escapeHtml(troubleOf(fault).what)}${promotion.length === 0 ? '' : `. Fault to promotion, ms: ${when}`}</p>
<div class="figures">${tableHtml(
    ['client', 'runs', ...columns.map(([, heading]) => heading)],
    shown.map((cell) => [
      labelOf(cell),
      String(cell.runs),
      ...columns.map(([metric]) => figure(cell, metric, settings))
    ]),
    shown.map((cell) => (CLIENTS[cell.client].ours ? 'mine' : undefined))
  )}</div>`
}

export function settingRows({ environment, settings }: Report): string[][] {
  return [
    ...environmentRows(environment),
    ['command', settings.command],
    ['lanes', `${settings.lanes} topologies at a time`]
  ]
}
