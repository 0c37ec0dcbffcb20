import Table from 'cli-table3'
import type { Figures } from '../../test/kubernetes/support/figures.js'

/** One line for each hazard, over all its runs: the worst of each figure. */
export function figuresTable(figures: readonly Figures[]): string {
  const table = new Table({
    head: ['hazard', 'overlay', 'runs', 'lost', 'longest gap (s)', 'failed', 'unknown', 'agreed after (s)'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true }
  })
  for (const runs of byHazard(figures)) {
    const [first] = runs
    if (first === undefined) continue
    const worst = (of: (run: Figures) => number): number => Math.max(...runs.map(of))
    table.push([
      first.hazard,
      first.overlay,
      runs.length,
      worst(({ lost }) => lost),
      longestGap(worst(({ gapsMs }) => Math.max(0, ...gapsMs))),
      worst(({ failed }) => failed),
      worst(({ unknown }) => unknown),
      worst(({ untilAgreedSeconds }) => untilAgreedSeconds).toFixed(0)
    ])
  }
  return table.toString()
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
const longestGap = (ms: number): string => (ms === 0 ? '< 0.5' : (ms / 1000).toFixed(1))
