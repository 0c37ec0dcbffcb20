import Table from 'cli-table3'
import { type FinishedCell, isLeftOut, type Result, resultsOf } from './cell.js'

const STATES = ['passed', 'failed', 'skipped'] as const

/** Passed, failed and skipped of each cell, or why it was left out. */
export function matrixTable(cells: readonly FinishedCell[]): string {
  const table = new Table({
    head: ['node', 'server', ...STATES, 'seconds'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true }
  })
  for (const cell of cells) {
    if (isLeftOut(cell)) {
      table.push([String(cell.node), cell.server, { colSpan: 4, content: 'left out, see below' }])
      continue
    }
    const { versions, results, seconds } = cell
    table.push([versions.node, versions.server, ...STATES.map((state) => countOf(results, state)), seconds.toFixed(0)])
  }
  return table.toString()
}

/** What the cells that did not only pass came to, each by its name. */
export function headingOf(cell: FinishedCell): string {
  return isLeftOut(cell) ? `Node ${cell.node}, ${cell.server}` : `Node ${cell.versions.node}, ${cell.versions.server}`
}

/** For `--json`. */
export function jsonReport(cells: readonly FinishedCell[], tests: readonly string[], date: Date): string {
  const written = cells.map((cell) => {
    if (isLeftOut(cell)) return cell
    const { results, ...rest } = cell
    const counts = Object.fromEntries(STATES.map((state) => [state, countOf(results, state)]))
    return { ...rest, ...counts, notPassed: results.filter(({ state }) => state !== 'passed') }
  })
  return `${JSON.stringify({ date: date.toISOString(), tests, cells: written }, undefined, 2)}\n`
}

/** Something failed, or nothing was tested at all. */
export function hasFailed(cells: readonly FinishedCell[]): boolean {
  const results = cells.flatMap(resultsOf)
  return results.some(({ state }) => state === 'failed') || results.every(({ state }) => state === 'skipped')
}

function countOf(results: readonly Result[], state: Result['state']): number {
  return results.filter((result) => result.state === state).length
}
