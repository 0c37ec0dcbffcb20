import wrapAnsi from 'wrap-ansi'
import type { Tree } from './tree.js'

/** How large a terminal is, in letters. */
export interface Room {
  readonly columns: number
  readonly rows: number
}

type Height = (lines: readonly string[]) => number

/**
 * What is drawn on a terminal: the tree, and below it as many of the events as there is room for, the last ones. Of a tree that is too high
 * by itself, replicas and sentinels are left out, never its head and its root.
 */
export function frameOf(tree: Tree, events: readonly string[], { columns, rows }: Room): string {
  const height: Height = (lines) => lines.reduce((sum, line) => sum + rowsOf(line, columns), 0)
  // log-update puts the cursor on a row of its own, and takes what is too high away from the top.
  const room = rows - 1
  const drawn = fitted(tree, room, height)
  const last = lastOf(events, room - height(drawn) - 1, height)
  return [...drawn, ...(last.length === 0 ? [] : ['', ...last])].join('\n')
}

/** As log-update breaks a line. */
function rowsOf(line: string, columns: number): number {
  return wrapAnsi(line, columns, { trim: false, hard: true, wordWrap: false }).split('\n').length
}

/** Where both are too many, sentinels get half of the room, or what replicas leave of it. */
function fitted({ head, root, replicas, sentinels }: Tree, room: number, height: Height): string[] {
  const branches = replicas.map((line, index) => `${index === replicas.length - 1 ? '└─' : '├─'} ${line}`)
  const left = room - height([head, root])
  const forSentinels = Math.max(left - height(branches), Math.floor(left / 2))
  const lower = firstOf(sentinels, forSentinels, height, 'sentinels  …')
  const upper = firstOf(branches, left - height(lower), height, '└─ …')
  return [head, root, ...upper, ...lower]
}

/** As many of the first as there is room for, and in the last line of it how many more there are. */
function firstOf(lines: readonly string[], room: number, height: Height, margin: string): readonly string[] {
  if (height(lines) <= room) return lines
  if (room < 1) return []
  const shown: string[] = []
  for (const line of lines) {
    if (height([...shown, line]) >= room) break
    shown.push(line)
  }
  return [...shown, `${margin} ${lines.length - shown.length} more`]
}

function lastOf(lines: readonly string[], room: number, height: Height): readonly string[] {
  const shown: string[] = []
  for (const line of lines.toReversed()) {
    if (height([line, ...shown]) > room) break
    shown.unshift(line)
  }
  return shown
}
