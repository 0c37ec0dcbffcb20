import { CLIENTS, type Trouble, troubleOf } from './catalogue.js'
import { findShortfalls, type Shortfall } from './comparison.js'
import { explain } from './explanations.js'
import { columnsOf, figure, labelOf, spreadText, waitedMs } from './figures.js'
import { judgeGoals } from './goals.js'
import { fillPlaces, markdownTable } from '../markdown.js'
import { settingRows } from './page.js'
import type { Report } from './report.js'
import { METRICS } from './statistics.js'
import { firstAckRows } from './summary.js'

export interface Filled {
  readonly text: string
  /** What no explanation is known for. */
  readonly unexplained: readonly string[]
}

/** Puts the report's tables into their places. @throws Error as fillPlaces() does. */
export function fillDocument(document: string, report: Report): Filled {
  const shortfalls = findShortfalls(report)
  const parts: Readonly<Record<string, string>> = {
    command: `\`\`\`sh\n${report.settings.command}\n\`\`\``,
    environment: markdownTable(['what', 'value'], settingRows(report)),
    clients: markdownTable(
      ['client', 'options'],
      report.settings.clients.map((name) => [`\`${name}\`: ${CLIENTS[name].label}`, CLIENTS[name].setup])
    ),
    'first-ack': markdownTable(firstAckRows(report).head, firstAckRows(report).rows),
    goals: markdownTable(
      ['goal', 'measured', 'met'],
      judgeGoals(report).map(({ what, measured, met }) => [what, measured, met ? 'yes' : '**no**'])
    ),
    faults: report.settings.faults.map((fault) => faultPart(fault, report)).join('\n\n'),
    shortfalls: shortfallsPart(shortfalls, report)
  }
  const text = fillPlaces(document, parts)
  const unexplained = shortfalls
    .filter(({ metric, fault }) => explain(metric, fault) === undefined)
    .map((one) => describe(one, report))
  return { text, unexplained }
}

function faultPart(fault: Trouble, { cells, settings }: Report): string {
  const shown = cells.filter((cell) => cell.fault === fault)
  const columns = columnsOf(shown)
  const times = shown.flatMap(({ promotionMs }) => (promotionMs === undefined ? [] : [promotionMs]))
  const medians = times.flatMap(({ median }) => median ?? [])
  const promotion =
    medians.length === 0
      ? ''
      : ` The promotion came ${spreadText(
          { median: Math.min(...medians), worst: Math.max(...medians) },
          settings.patienceMs
        )
          .replace(' (', ' to ')
          .replace(')', '')} ms after the fault (medians).`
  const rows = shown.map((cell) => {
    const figures = columns.map(([metric]) => figure(cell, metric, settings))
    return CLIENTS[cell.client].ours ? [`**${labelOf(cell)}**`, ...figures] : [labelOf(cell), ...figures]
  })
  return `### ${fault}\n\n${troubleOf(fault).what}.${promotion}\n\n${markdownTable(['client', ...columns.map(([, heading]) => heading)], rows)}`
}

function shortfallsPart(shortfalls: readonly Shortfall[], report: Report): string {
  if (shortfalls.length === 0) return 'There is none.'
  const byReason = new Map<string, Shortfall[]>()
  for (const one of shortfalls) {
    const reason = explain(one.metric, one.fault) ?? 'Not explained yet.'
    byReason.set(reason, [...(byReason.get(reason) ?? []), one])
  }
  return [...byReason]
    .map(([reason, cells]) => `${cells.map((one) => `- ${describe(one, report)}`).join('\n')}\n\n  ${reason}`)
    .join('\n\n')
}

function describe({ fault, metric, verdict, ours, best, peer }: Shortfall, { settings }: Report): string {
  const [mine, theirs] = [ours, best].map((spread) => spreadText(spread, waitedMs(metric, settings)))
  const word = verdict === 'equal' ? 'as' : 'worse than'
  return `\`${fault}\`, ${METRICS[metric]}: ${mine}, ${word} ${labelOf(peer)} with ${theirs}`
}
