import type { Colors } from 'picocolors/types'
import { formatAddress } from '../address.js'
import { plainTable, tableText } from '../plain-table.js'
import { TIMELINE_HEAD, timelineRows } from '../report/moments.js'
import type { DrillResult } from './result.js'
import type { Traffic } from './traffic.js'
import { budgetRows, notesOf, toldRows, verdictLine } from './verdict.js'

/** What people read: what happened, each budget, and the verdict as the last line. */
export function renderDrill(result: DrillResult, page: string | undefined, colour: Colors): string {
  const line = verdictLine(result)
  const verdict = { kept: colour.green, exceeded: colour.red, 'not-done': colour.red, interrupted: colour.yellow }[
    result.outcome
  ](line)
  return [
    '',
    // One that is interrupted before the fault has none.
    ...(result.moments.length === 0 ? [] : [timelineTable(result, colour), '']),
    budgetTable(result, colour),
    '',
    ...notesOf(result),
    ...(page === undefined ? [] : [`The page with the plots: ${page}`]),
    colour.bold(verdict)
  ].join('\n')
}

/** What the status line shows. */
export function statusOf(phase: string, { writer, outstanding }: Traffic): string {
  const { primary, phase: now } = writer.topology
  const where = primary === undefined ? 'none' : formatAddress(primary.address)
  return [phase.padEnd(22), `primary ${where} (${now.kind})`, `${outstanding} calls not answered`].join('  ')
}

function timelineTable({ moments, faultAt, startedAt }: DrillResult, colour: Colors): string {
  const table = plainTable(TIMELINE_HEAD, ['right', 'left', 'left', 'left'])
  timelineRows(moments, faultAt ?? startedAt).forEach((row, index) => {
    table.push(moments[index]?.kind === undefined ? row : row.map((cell) => colour.bold(cell)))
  })
  return tableText(table)
}

function budgetTable(result: DrillResult, colour: Colors): string {
  const table = plainTable(['', result.fault, 'was', 'allowed'], ['left', 'left', 'right', 'left'])
  for (const row of [...budgetRows(result), ...toldRows(result)]) {
    const sign = { pass: colour.green('ok'), fail: colour.red('FAIL'), told: '' }[row.state]
    const dim = row.state === 'told' ? colour.dim : (text: string) => text
    table.push([sign, dim(row.what), row.figure, colour.dim(row.budget)])
  }
  return tableText(table)
}
