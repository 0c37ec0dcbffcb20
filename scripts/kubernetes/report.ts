import Table from 'cli-table3'
import { fillPlaces, markdownTable } from '../../bench/markdown.js'
import type { Figures } from '../../test/kubernetes/support/figures.js'

/** One line for each hazard, over all its runs: the worst of each figure. */
export function figuresTable(figures: readonly Figures[]): string {
  const table = new Table({
    head: ['hazard', 'overlay', 'runs', 'lost', 'longest gap (s)', 'failed', 'unknown', 'agreed after (s)'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true }
  })
  for (const { hazard, overlay, runs, lost, longestGap, failed, unknown, agreedAfter } of worstOf(figures))
    table.push([hazard, overlay, runs, lost, longestGap, failed, unknown, agreedAfter])
  return table.toString()
}

/** Puts the figures into their place in docs/kubernetes-harness.md. @throws Error as fillPlaces() does. */
export function fillDocument(document: string, figures: readonly Figures[]): string {
  const head = ['what happens', 'overlay', 'file', 'runs', 'lost', 'longest gap (s)', 'unknown', 'agreed after (s)']
  const rows = worstOf(figures)
    .toSorted((a, b) => `${a.overlay} ${a.file}`.localeCompare(`${b.overlay} ${b.file}`))
    .map(({ hazard, overlay, file, runs, lost, longestGap, unknown, agreedAfter }) => {
      const link = `[${file}](../test/kubernetes/${file}.test.ts)`
      return [hazard, overlay, link, runs, lost, longestGap, unknown, agreedAfter]
    })
  return fillPlaces(document, { figures: markdownTable(head, rows) })
}

/** What one hazard came to in all its runs, as it is shown. */
interface Worst extends Pick<Figures, 'hazard' | 'overlay' | 'file'> {
  readonly runs: string
  readonly lost: string
  readonly longestGap: string
  readonly failed: string
  readonly unknown: string
  readonly agreedAfter: string
}

function worstOf(figures: readonly Figures[]): readonly Worst[] {
  return byHazard(figures).flatMap((runs) => {
    const [first] = runs
    if (first === undefined) return []
    const { hazard, overlay, file } = first
    const worst = (of: (run: Figures) => number): number => Math.max(...runs.map(of))
    return {
      ...{ hazard, overlay, file },
      runs: String(runs.length),
      lost: String(worst(({ lost }) => lost)),
      longestGap: toSeconds(worst(({ gapsMs }) => Math.max(0, ...gapsMs))),
      failed: String(worst(({ failed }) => failed)),
      unknown: String(worst(({ unknown }) => unknown)),
      agreedAfter: worst(({ untilAgreedSeconds }) => untilAgreedSeconds).toFixed(0)
    }
  })
}

export function readFigures(lines: string): readonly Figures[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Figures)
}

function byHazard(figures: readonly Figures[]): readonly (readonly Figures[])[] {
  const groups = new Map<string, Figures[]>()
  for (const each of figures) {
    const key = `${each.overlay} ${each.hazard}`
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return [...groups.values()]
}

/** Shorter ones are not recorded. */
const toSeconds = (ms: number): string => (ms === 0 ? '< 0.5' : (ms / 1000).toFixed(1))
