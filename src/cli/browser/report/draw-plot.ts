import uPlot from 'uplot'
import { placeLabels, type PlacedLabel } from '../../report/place-labels.js'
import type { Plot } from '../../report/plot.js'

const ROW = 15
const MAX_ROWS = 11
const TICK = 7
const LEFT = 74
const RIGHT = 14
const HEIGHT = 220
const FONT = '11px system-ui, sans-serif'

/** A plot on the page. Drag zooms in, a double click zooms out. */
export interface DrawnPlot {
  /** Shows these values; the series must be as many as before. */
  update(plot: Plot): void
  /** Takes the width and the colours anew. */
  redraw(): void
  destroy(): void
}

export interface DrawOptions {
  /** Of the plot area, in pixels. */
  readonly height?: number
  /** How many rows of labels there is room for above it. Default: as many as the first plot's marks need. */
  readonly rows?: number
  /** Whether drag zooms. Default true. */
  readonly zoom?: boolean
  /** Whether uPlot's own legend, with the values at the pointer, stands below it. Default true. */
  readonly legend?: boolean
}

/** Draws it into `host`, whose content it replaces. Colours are the page's CSS variables. */
export function drawPlot(first: Plot, host: HTMLElement, options: DrawOptions = {}): DrawnPlot {
  const { height = HEIGHT, zoom = true, legend = true } = options
  let plot = first
  host.textContent = ''
  const measure = document.createElement('canvas').getContext('2d')
  if (measure === null) throw new Error('drawPlot: this browser draws no canvas')
  measure.font = FONT

  const shown = (): readonly [number, number] => plot.focus ?? [plot.x[0] ?? 0, plot.x.at(-1) ?? 1]
  const place = (toX: (at: number) => number, area: number): PlacedLabel[] => {
    const boxes = plot.marks.map(({ at, label, weight }) => ({
      x: toX(at),
      width: measure.measureText(label).width + 5,
      weight
    }))
    return placeLabels(boxes, area, options.rows ?? MAX_ROWS)
  }
  const rowsNeeded = (): number => {
    const [from, to] = shown()
    const inner = host.clientWidth - LEFT - RIGHT
    const placed = place((at) => ((at - from) / (to - from || 1)) * inner, inner)
    return placed.reduce((most, { row }) => Math.max(most, row + 1), 0)
  }
  const rows = options.rows ?? rowsNeeded()
  const top = rows * ROW + 10

  const settings: uPlot.Options = {
    width: host.clientWidth,
    height: top + height + 40,
    padding: [top, RIGHT, 0, 0],
    scales: { x: { time: false }, y: yScale(() => plot) },
    axes: axes(() => plot),
    series: [
      { label: plot.xUnit === undefined ? plot.xLabel : 'time', value: (_, value) => atX(plot, value) },
      ...plot.series.map(({ label, colour, style }): uPlot.Series => {
        const line = style === 'line'
        return {
          label,
          stroke: () => variable(colour),
          width: line ? 1.5 : 0,
          ...(!line && { paths: () => null }),
          points: line ? { show: false } : { show: true, size: 4, width: 0, fill: () => variable(colour) },
          value: (_, value: number | null) => (value === null ? '–' : number(value))
        }
      })
    ],
    legend: {
      show: legend,
      markers: { width: 0, fill: (_, index) => variable(plot.series[index - 1]?.colour ?? 'back') }
    },
    cursor: { drag: { x: zoom, y: false } },
    hooks: { draw: [(chart) => drawMarks(chart, plot, rows, place)] }
  }
  const values = (): uPlot.AlignedData => [plot.x, ...plot.series.map((series) => series.values)] as uPlot.AlignedData
  const chart = new uPlot(settings, values(), host)
  const focus = (): void => {
    if (plot.focus !== undefined) chart.setScale('x', { min: plot.focus[0], max: plot.focus[1] })
  }
  focus()
  return {
    update: (next) => {
      plot = next
      chart.batch(() => {
        chart.setData(values())
        focus()
      })
    },
    redraw: () => {
      if (chart.width === host.clientWidth) chart.redraw()
      else chart.setSize({ width: host.clientWidth, height: chart.height })
    },
    destroy: () => chart.destroy()
  }
}

function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

function number(value: number | null): string {
  return value === null ? '' : Number(value.toPrecision(4)).toLocaleString('en-US')
}

function atX({ xUnit, xTicks }: Plot, value: number | null): string {
  if (value === null) return '–'
  if (xUnit !== undefined) return `${value.toFixed(xUnit === 's' ? 3 : 1)} ${xUnit}`
  return xTicks?.find(({ at }) => at === value)?.label ?? number(value)
}

function yScale(plot: () => Plot): uPlot.Scale {
  if (plot().scale === 'log') return { distr: 3, log: 10 }
  return { range: (_, _min, max) => [0, plot().yMax ?? Math.max(1, max) * 1.05] }
}

function axes(plot: () => Plot): uPlot.Axis[] {
  const { xTicks, xLabel, yLabel, scale } = plot()
  const decades: uPlot.Axis.Filter = (_, splits) =>
    splits.map((split) => (scale === 'log' && Math.abs(Math.log10(split) % 1) > 1e-6 ? null : split))
  const lines = { stroke: () => variable('grid'), width: 1 }
  const axis: uPlot.Axis = { stroke: () => variable('text'), font: FONT, labelFont: FONT, grid: lines, ticks: lines }
  return [
    {
      ...axis,
      label: xLabel,
      labelSize: 18,
      size: 30,
      ...(xTicks !== undefined && {
        splits: () => xTicks.map(({ at }) => at),
        values: () => xTicks.map(({ label }) => label)
      })
    },
    {
      ...axis,
      label: yLabel,
      labelSize: 18,
      size: LEFT - 18,
      filter: decades,
      grid: { ...lines, filter: decades },
      ticks: { ...lines, filter: decades },
      values: (_, ticks) => ticks.map(number)
    }
  ]
}

type Place = (toX: (at: number) => number, area: number) => PlacedLabel[]

/** The lines of the marks, their labels above the plot, and the short strokes at its top. */
function drawMarks(chart: uPlot, plot: Plot, rows: number, place: Place): void {
  const { ctx, bbox: box } = chart
  const ratio = uPlot.pxRatio
  const toX = (at: number): number => chart.valToPos(at, 'x', true) - box.left
  const placed = place((at) => toX(at) / ratio, box.width / ratio).filter(({ row }) => row < rows)
  const labels = new Map(placed.map((label) => [label.index, label]))
  const baseline = ({ row }: PlacedLabel): number => box.top - (4 + row * ROW) * ratio
  ctx.save()
  ctx.font = `${11 * ratio}px system-ui, sans-serif`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.lineWidth = ratio
  ctx.lineJoin = 'round'
  ctx.setLineDash([4 * ratio, 3 * ratio])
  for (const [index, mark] of plot.marks.entries()) {
    const x = toX(mark.at)
    if (x < 0 || x > box.width) continue
    const label = labels.get(index)
    ctx.strokeStyle = variable(mark.colour)
    ctx.beginPath()
    ctx.moveTo(box.left + x, label === undefined ? box.top : baseline(label) - 9 * ratio)
    ctx.lineTo(box.left + x, box.top + box.height)
    ctx.stroke()
  }
  ctx.setLineDash([])
  ctx.strokeStyle = variable('sentinel')
  ctx.beginPath()
  for (const at of plot.ticks) {
    const x = toX(at)
    if (x < 0 || x > box.width) continue
    ctx.moveTo(box.left + x, box.top)
    ctx.lineTo(box.left + x, box.top + TICK * ratio)
  }
  ctx.stroke()
  for (const label of placed) {
    const mark = plot.marks[label.index]
    if (mark === undefined) continue
    const at = [mark.label, box.left + (label.left + 3) * ratio, baseline(label)] as const
    ctx.lineWidth = 3 * ratio
    ctx.strokeStyle = variable('back')
    ctx.strokeText(...at)
    ctx.fillStyle = variable(mark.colour)
    ctx.fillText(...at)
  }
  ctx.restore()
}
