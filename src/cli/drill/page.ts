import { runPage } from '../report/run-page.js'
import type { DrawnCall } from '../report/traffic-plots.js'
import type { DrillResult } from './result.js'
import { budgetRows, notesOf, toldRows, verdictLine } from './verdict.js'

/** The page of one drill: the demo's, with budgets. */
export function drillPage(result: DrillResult, calls: readonly DrawnCall[]): string {
  const { faultAt, startedAt, description, fault, name, outcome } = result
  return runPage({
    title: `Drill of "${name}": ${fault}`,
    subtitle: [new Date(startedAt).toISOString(), ...(description === undefined ? [] : [description])].join(' · '),
    verdict: { pass: outcome === 'kept', line: verdictLine(result), notes: notesOf(result) },
    judged: [budgetRows(result), toldRows(result)],
    faultAt: faultAt ?? startedAt,
    calls,
    moments: result.moments,
    environment: result.environment
  })
}
