import { plainTable } from '../../src/cli/plain-table.js'
import type { RunResult } from './result.js'
import type { Screen } from '../../src/cli/screen.js'
import { TIMELINE_HEAD, timelineRows } from '../../src/cli/report/moments.js'

type Colours = Screen['colour']

export function timelineTable(run: RunResult, colour: Colours): string {
  const table = plainTable(TIMELINE_HEAD, ['right', 'left', 'left', 'left'])
  timelineRows(run.moments, run.faultAt).forEach((row, index) => {
    table.push(run.moments[index]?.kind === undefined ? row : row.map((cell) => colour.bold(cell)))
  })
  return table.toString()
}

export function verdictTable(run: RunResult, colour: Colours): string {
  const table = plainTable(['', run.fault, 'figure', 'allowed'], ['left', 'left', 'right', 'left'])
  for (const row of run.verdict.rows) {
    const sign = { pass: colour.green('ok'), fail: colour.red('FAIL'), told: '' }[row.state]
    const dim = row.state === 'told' ? colour.dim : (text: string) => text
    table.push([sign, dim(row.what), row.figure, colour.dim(row.budget)])
  }
  return table.toString()
}

/** One line a fault, for `--fault all`. */
export function summaryTable(runs: readonly RunResult[], colour: Colours): string {
  const head = [
    '',
    'fault',
    'acked',
    'lost after / before',
    'doubled',
    'unknown',
    'failed',
    'gap ms',
    'first ack ms',
    'reads'
  ]
  const table = plainTable(head, ['left', 'left', ...head.slice(2).map(() => 'right' as const)])
  for (const { fault, verdict, figures } of runs) {
    const { writes, reads } = figures
    table.push([
      verdict.pass ? colour.green('PASS') : colour.red('FAIL'),
      fault,
      String(writes.ok),
      `${writes.lostAfterPromotion} / ${writes.lost - writes.lostAfterPromotion}`,
      String(writes.doubled),
      String(writes.unknown),
      String(writes.failed + writes.hung),
      writes.longestGapMs.toFixed(0),
      writes.firstAckMs?.toFixed(1) ?? '–',
      `${reads.ok}${reads.failed > 0 ? `, ${reads.failed} failed` : ''}`
    ])
  }
  return table.toString()
}
