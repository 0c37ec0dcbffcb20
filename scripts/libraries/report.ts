import Table from 'cli-table3'
import { environmentRows } from '../../bench/environment.js'
import { fillPlaces, markdownTable } from '../../bench/markdown.js'
import { median } from '../../bench/median.js'
import { LIBRARIES, type Library, LIBRARY_NAMES, type LibraryName } from './catalogue.js'
import type { LibraryRuns, Results, Run } from './results.js'

const HEAD = ['library', 'version', 'runs', 'passed', 'faults injected', 'seconds a run'] as const

/** What one run came to, as it is told while the next one begins. */
export function runLine(name: LibraryName, round: number, repeat: number, run: Run): string {
  const outcome = run.passed ? 'passed' : 'FAILED'
  const notes = run.notPassed.map(
    ({ name: test, state, note }) => `\n  ${state}: ${test}: ${note ?? 'no reason given'}`
  )
  return `${name} ${round}/${repeat}: ${outcome}, ${faultsOf([run])}, ${seconds(run.ms)} s${notes.join('')}`
}

export function terminalTable(results: Results): string {
  const table = new Table({ head: [...HEAD], style: { head: [], border: [], compact: true } })
  for (const [name, runs] of listed(results)) table.push([LIBRARIES[name].title, ...cells(name, runs)])
  return table.toString()
}

/** Puts the results into the places of docs/libraries.md. @throws Error as fillPlaces() does. */
export function fillDocument(document: string, results: Results): string {
  const rows = listed(results).map(([name, runs]) => {
    const { title, anchor } = LIBRARIES[name]
    return [`[${title}](#${anchor})`, ...cells(name, runs)]
  })
  const { packages: _, topology, date, ...environment } = results.environment
  const told = environmentRows({ ...environment, date, topology, packages: {} }).map((row) => row.join(' '))
  return fillPlaces(document, {
    libraries: `${markdownTable(HEAD, rows)}\n\nRun ${told.join(', ')}.`
  })
}

export function hasFailed({ libraries }: Results): boolean {
  const all = Object.values(libraries).flatMap(({ runs }) => runs)
  return all.length === 0 || all.some(({ passed }) => !passed)
}

function listed({ libraries }: Results): [LibraryName, LibraryRuns][] {
  return LIBRARY_NAMES.flatMap((name) => {
    const runs = libraries[name]
    return runs === undefined ? [] : [[name, runs] as [LibraryName, LibraryRuns]]
  })
}

function cells(name: LibraryName, { versions, runs }: LibraryRuns): string[] {
  const passed = runs.filter((run) => run.passed).length
  const ms = median(runs.map((run) => run.ms))
  return [versionsOf(LIBRARIES[name], versions), String(runs.length), String(passed), faultsOf(runs), seconds(ms)]
}

/** One package: its version; of several, each with its name. */
function versionsOf({ packages }: Library, versions: readonly string[]): string {
  if (packages.length === 1) return versions[0] ?? ''
  return packages.map((name, index) => `${name} ${versions[index] ?? ''}`).join(', ')
}

/** `20: 10 kill, 10 manual` */
function faultsOf(runs: readonly Pick<Run, 'faults'>[]): string {
  const counts = new Map<string, number>()
  for (const fault of runs.flatMap(({ faults }) => faults)) counts.set(fault, (counts.get(fault) ?? 0) + 1)
  const sum = [...counts.values()].reduce((total, times) => total + times, 0)
  const each = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([fault, times]) => `${times} ${fault}`)
  return each.length === 0 ? 'no faults' : `${sum}: ${each.join(', ')}`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
