import { labelOf } from '../failover/figures.js'
import type { Report } from '../failover/report.js'
import { stepAt } from '../failover/statistics.js'
import { bars, COLOURS, frameOf, round, words } from './svg.js'

const LEFT = 140
const ROW = 44
/** What waited goes out at once: the bar would hide all others, and is cut. */
const MOST = 30

/** The acknowledged writes of each client in time, from what docs/failover.md was made from. */
export function drawBeside({ cells }: Pick<Report, 'cells'>, fault: string): string {
  const shown = cells.filter((cell) => cell.fault === fault)
  const steps = Math.max(...shown.map(({ acks }) => acks.length))
  const [from, to] = [stepAt(0), stepAt(steps)]
  const x = (ms: number): number => LEFT + ((ms - from) / (to - from)) * (frameOf.width - LEFT - frameOf.right)
  const width = x(stepAt(1)) - x(stepAt(0))
  const parts: string[] = []
  const bottom = 14 + shown.length * ROW
  for (let ms = 0; ms <= to; ms += 1000)
    parts.push(
      `<path d="M${round(x(ms))} 10V${bottom + 5}" stroke="${ms === 0 ? COLOURS.failover : COLOURS.line}"/>`,
      words(x(ms), bottom + 18, `${ms / 1000} s`, { colour: COLOURS.faint, anchor: 'middle' })
    )
  shown.forEach((cell, index) => {
    const floor = 14 + (index + 1) * ROW - 6
    const each = cell.acks.map((count, step) => {
      const height = (Math.min(count, MOST) / MOST) * (ROW - 10)
      return { x: x(stepAt(step)), y: floor - height, width, height }
    })
    parts.push(
      words(8, floor - 4, labelOf(cell)),
      `<path d="M${LEFT} ${floor}H${round(x(stepAt(cell.acks.length)))}" stroke="${COLOURS.faint}"/>`,
      bars(each, cell.client === 'ours' ? COLOURS.primary : COLOURS.old)
    )
  })
  parts.push(
    words(frameOf.width - frameOf.right, bottom + 34, 'seconds after the kill; acknowledged writes every 50 ms', {
      colour: COLOURS.faint,
      anchor: 'end'
    })
  )
  return frameOf.svg('Acknowledged writes of each client after the primary was killed', bottom + 42, parts)
}
