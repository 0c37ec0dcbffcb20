import { escapeHtml } from '../../src/cli/report/escape.js'
import { runPage } from '../../src/cli/report/run-page.js'
import type { RunResult } from './result.js'
import type { VerdictRow } from './verdict.js'

/** The page of one run. */
export function runDocument(run: RunResult): string {
  const about = (...what: VerdictRow['about'][]): VerdictRow[] =>
    run.verdict.rows.filter((row) => what.includes(row.about))
  return runPage({
    title: `Failover demo: ${run.fault}`,
    subtitle: `${new Date(run.faultAt).toISOString()} · ${run.description}`,
    verdict: run.verdict,
    judged: [about('writes'), about('reads', 'run')],
    faultAt: run.faultAt,
    calls: run.records,
    moments: run.moments,
    environment: run.environment,
    sections: [
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
