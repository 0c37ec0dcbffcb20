import { escapeHtml } from '../../src/cli/report/escape.js'
import { renderPage, tableHtml } from '../../src/cli/report/page.js'
import { plotHtml } from '../../src/cli/report/plot-html.js'
import { latencyPlot, promotionPlot, throughputPlot } from './plots.js'
import type { RunResult } from './result.js'
import { TIMELINE_HEAD, timelineMarks, timelineRows } from './timeline.js'

const SIGNS = { pass: '✓', fail: '✗', told: '·' } as const

/** The page of one run. */
export function runDocument(run: RunResult): string {
  const marks = timelineMarks(run.moments, run.faultAt, 1000)
  const promotedAt = run.moments.find((moment) => moment.kind === 'promotion')?.at
  const { verdict } = run
  const rows = verdict.rows.map((row) => [`${SIGNS[row.state]} ${row.what}`, row.figure, row.budget])
  const own = run.moments.map((moment) => (moment.kind === undefined ? undefined : 'mine'))
  return renderPage({
    title: `Failover demo: ${run.fault}`,
    lead: `<p class="faint">${escapeHtml(run.description)} · ${escapeHtml(new Date(run.faultAt).toISOString())}</p>
<p class="verdict ${verdict.pass ? 'pass' : 'fail'}"><strong>${escapeHtml(verdict.line)}</strong></p>`,
    sections: [
      {
        heading: 'What the programs saw',
        html:
          plotHtml(throughputPlot(run.records, run.faultAt, marks)) +
          plotHtml(latencyPlot(run.records, run.faultAt, marks)) +
          (promotedAt === undefined
            ? ''
            : plotHtml(promotionPlot(run.records, promotedAt, timelineMarks(run.moments, promotedAt, 1)))) +
          '<p class="faint">Drag over a plot to zoom in, double-click to zoom out.</p>'
      },
      {
        heading: 'Verdict',
        html:
          tableHtml(
            ['what', 'figure', 'allowed'],
            rows,
            verdict.rows.map((row) => row.state)
          ) + verdict.notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')
      },
      {
        heading: 'Timeline',
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
