import { escapeHtml } from '../../src/cli/report/escape.js'
import { renderPage, tableHtml } from '../../src/cli/report/page.js'
import { plotHtml } from '../../src/cli/report/plot-html.js'
import { timelineMarks } from '../../src/cli/report/timeline-marks.js'
import { latencyPlot, promotionPlot, throughputPlot } from './plots.js'
import type { RunResult } from './result.js'
import { TIMELINE_HEAD, timelineRows } from './timeline.js'
import type { Verdict, VerdictRow } from './verdict.js'

/** The page of one run. Its first screenful tells the story: the verdict in a line, the picture, and all that was judged. */
export function runDocument(run: RunResult): string {
  const marks = timelineMarks(run.moments, run.faultAt, 1000)
  const promotedAt = run.moments.find((moment) => moment.kind === 'promotion')?.at
  const { verdict } = run
  const own = run.moments.map((moment) => (moment.kind === undefined ? undefined : 'mine'))
  return renderPage({
    title: `Failover demo: ${run.fault}`,
    lead: `<p class="faint">${escapeHtml(new Date(run.faultAt).toISOString())} · ${escapeHtml(run.description)}</p>
<p class="verdict ${verdict.pass ? 'pass' : 'fail'}"><strong>${escapeHtml(verdict.line)}</strong></p>
${plotHtml(throughputPlot(run.records, run.faultAt, marks, focusOf(run, promotedAt)))}
${verdictHtml(verdict)}`,
    sections: [
      {
        heading: 'How long each call took',
        html:
          (promotedAt === undefined
            ? ''
            : plotHtml(promotionPlot(run.records, promotedAt, timelineMarks(run.moments, promotedAt, 1)))) +
          plotHtml(latencyPlot(run.records, run.faultAt, marks))
      },
      {
        heading: 'Who said what, when',
        html: `<div class="timeline">${tableHtml(TIMELINE_HEAD, timelineRows(run.moments, run.faultAt), own)}</div>`
      },
      {
        heading: 'Environment',
        html: tableHtml(
          ['what', 'value'],
          run.environment.map(([what, value]) => [what, value])
        )
      },
      {
        heading: 'Logs',
        html: run.logs
          .map(
            (log) =>
              `<details><summary>${escapeHtml(log.program)}, ${log.lines.length} lines</summary>` +
              `<pre>${escapeHtml(log.lines.join('\n'))}</pre></details>`
          )
          .join('\n')
      }
    ]
  })
}

const BEFORE_S = 1
const AFTER_PROMOTION_S = 2.5

/** The seconds around the fault and the promotion, in which the writes pause and the sentinels act. */
function focusOf(run: RunResult, promotedAt: number | undefined): readonly [number, number] | undefined {
  return promotedAt === undefined ? undefined : [-BEFORE_S, (promotedAt - run.faultAt) / 1000 + AFTER_PROMOTION_S]
}

const SIGNS = { pass: '✓', fail: '✗', told: '·' } as const

function verdictHtml({ rows, notes }: Verdict): string {
  const table = (about: readonly VerdictRow['about'][]): string => {
    const chosen = rows.filter((row) => about.includes(row.about))
    return tableHtml(
      ['what', 'figure', 'allowed'],
      chosen.map((row) => [`${SIGNS[row.state]} ${row.what}`, row.figure, row.budget]),
      chosen.map((row) => row.state)
    )
  }
  return `<div class="judged">${table(['writes'])}${table(['reads', 'run'])}</div>
${notes.map((note) => `<p class="faint">${escapeHtml(note)}</p>`).join('\n')}`
}
