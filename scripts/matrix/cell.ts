import type { NodeMajor, ServerName } from './catalogue.js'

/** As scripts/lib/vitest-results-reporter.mjs writes it. */
export interface Result {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly note?: string
}

/** One version of Node with one of the server. */
export interface Cell {
  readonly node: NodeMajor
  readonly server: ServerName
}

export interface RunCell extends Cell {
  /** In full, `20.20.2` and `Valkey 8.1.1`. */
  readonly versions: { readonly node: string; readonly server: string }
  readonly results: readonly Result[]
  readonly seconds: number
}

export interface LeftOutCell extends Cell {
  readonly leftOut: string
}

export type FinishedCell = RunCell | LeftOutCell

export function isLeftOut(cell: FinishedCell): cell is LeftOutCell {
  return 'leftOut' in cell
}

/** Every Node with every server; one server after the other. */
export function cellsOf(nodes: readonly NodeMajor[], servers: readonly ServerName[]): readonly Cell[] {
  return servers.flatMap((server) => nodes.map((node) => ({ node, server })))
}

/** A cell that was left out counts as one that was skipped. */
export function resultsOf(cell: FinishedCell): readonly Result[] {
  if (!isLeftOut(cell)) return cell.results
  return [{ name: 'the whole cell', state: 'skipped', note: cell.leftOut }]
}
