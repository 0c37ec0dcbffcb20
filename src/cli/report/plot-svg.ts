import { escapeHtml } from './escape.js'
import { highest } from './highest.js'
import { placeLabels } from './place-labels.js'
import type { Plot, Series } from './plot.js'

const WIDTH = 960
const PLOT_HEIGHT = 220
const LEFT = 64
const RIGHT = 12
const BOTTOM = 40
const ROW_HEIGHT = 15
const MAX_ROWS = 11
const TICK_HEIGHT = 7
/** Of the 11px system font, wide enough for the widest letters of our labels. */
const CHARACTER_WIDTH = 6.4

/** The plot as a standalone inline SVG. Colours are CSS variables of the page, with values of their own where there are none. */
export function plotSvg(plot: Plot): string {
  const plotWidth = WIDTH - LEFT - RIGHT
  const [fromX, toX] = plot.focus ?? [plot.x[0] ?? 0, plot.x.at(-1) ?? 1]
  const axis = plot.scale === 'log' ? logAxis(plot) : linearAxis(plot)
  const atX = (value: number): number => ((value - fromX) / (toX - fromX || 1)) * plotWidth

  const boxes = plot.marks.map((mark) => ({
    x: atX(mark.at),
    width: mark.label.length * CHARACTER_WIDTH + 4,
    weight: mark.weight
  }))
  const labels = placeLabels(boxes, plotWidth, MAX_ROWS)
  const rows = labels.reduce((most, label) => Math.max(most, label.row + 1), 0)
  const top = rows * ROW_HEIGHT + 10
  const atY = (value: number): number => top + (1 - axis.share(value)) * PLOT_HEIGHT

  const grid = axis.ticks.map((tick) => {
    const y = round(atY(tick.value))
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="var(--grid,#8884)"/>
<text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${tick.label}</text>`
  })
  const xTicks = plot.xTicks ?? linearTicks(fromX, toX, 10).map((tick) => ({ at: tick, label: trim(tick) }))
  const times = xTicks.map(
    ({ at, label }) =>
      `<text x="${round(LEFT + atX(at))}" y="${top + PLOT_HEIGHT + 16}" text-anchor="middle">${escapeHtml(label)}</text>`
  )
  const baseline = (row: number): number => top - 4 - row * ROW_HEIGHT
  const lines = plot.marks.map((mark, index) => {
    if (mark.at < fromX || mark.at > toX) return ''
    const label = labels.find((one) => one.index === index)
    const x = round(LEFT + atX(mark.at))
    const from = label === undefined ? top : baseline(label.row) - 9
    return `<line x1="${x}" x2="${x}" y1="${from}" y2="${top + PLOT_HEIGHT}" stroke="var(--${mark.colour},#777)" stroke-dasharray="4 3"/>`
  })
  const ticks = plot.ticks
    .filter((at) => at >= fromX && at <= toX)
    .map((at) => `M${round(LEFT + atX(at))} ${top}v${TICK_HEIGHT}`)
    .join('')
  const texts = labels.map((label) => {
    const mark = plot.marks[label.index]
    const place = `x="${round(LEFT + label.left + 3)}" y="${baseline(label.row)}"`
    return `<text ${place} fill="var(--${mark?.colour ?? 'text'},#777)">${escapeHtml(mark?.label ?? '')}</text>`
  })
  const legend = plot.series.map(
    ({ label, colour }) => `<tspan fill="var(--${colour},#777)" dx="8">● ${escapeHtml(label)}</tspan>`
  )
  const place: Place = { x: (at) => LEFT + atX(at), y: atY, shows: (at) => at >= fromX && at <= toX }
  const height = top + PLOT_HEIGHT + BOTTOM
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="100%" font-size="11" font-family="system-ui,sans-serif" fill="var(--text,#777)" aria-hidden="true">
${grid.join('\n')}
${times.join('\n')}
<text x="${LEFT + plotWidth / 2}" y="${top + PLOT_HEIGHT + 34}" text-anchor="middle">${escapeHtml(plot.xLabel)}</text>
<text x="${LEFT}" y="${top + PLOT_HEIGHT + 34}">${legend.join('')}</text>
<text transform="translate(14 ${top + PLOT_HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(plot.yLabel)}</text>
${plot.series.map((series) => drawSeries(plot.x, series, place)).join('\n')}
${lines.join('\n')}
<path d="${ticks}" stroke="var(--sentinel,#777)" fill="none"/>
<g paint-order="stroke" stroke="var(--back,#fff)" stroke-width="3">
${texts.join('\n')}
</g>
</svg>`
}

interface Place {
  readonly shows: (at: number) => boolean
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

function drawSeries(x: readonly number[], series: Series, place: Place): string {
  const colour = `var(--${series.colour},#777)`
  const points = series.values.flatMap((value, index) => {
    const at = x[index] ?? 0
    return value === null || !place.shows(at) ? [] : [{ index, x: round(place.x(at)), y: round(place.y(value)) }]
  })
  if (series.style === 'dots') {
    const dots = points.map((point) => `M${point.x} ${point.y}h0`).join('')
    return `<path d="${dots}" stroke="${colour}" stroke-width="3" stroke-linecap="round" fill="none"/>`
  }
  const path = points.map((point, at) => {
    const joined = at > 0 && points[at - 1]?.index === point.index - 1
    return `${joined ? 'L' : 'M'}${point.x} ${point.y}`
  })
  return `<path d="${path.join('')}" stroke="${colour}" stroke-width="1.5" fill="none"/>`
}

interface Axis {
  /** From 0 at the bottom of the plot to 1 at its top. */
  readonly share: (value: number) => number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

function linearAxis(plot: Plot): Axis {
  const top = plot.yMax ?? Math.max(1, highest(allValues(plot))) * 1.05
  return {
    share: (value) => Math.min(1, value / top),
    ticks: linearTicks(0, top, 5).map((value) => ({ value, label: trim(value) }))
  }
}

function logAxis(plot: Plot): Axis {
  const values = allValues(plot).filter((value) => value > 0)
  const from = Math.floor(Math.log10(values.reduce((min, value) => Math.min(min, value), 1)))
  const to = Math.ceil(Math.log10(Math.max(10, highest(values))))
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index))
  return {
    share: (value) => (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from),
    ticks: ticks.map((value) => ({ value, label: trim(value) }))
  }
}

function allValues(plot: Plot): number[] {
  return plot.series.flatMap((series) => series.values.filter((value) => value !== null))
}

function linearTicks(from: number, to: number, about: number): number[] {
  const rough = (to - from || 1) / about
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const ticks: number[] = []
  for (let tick = Math.ceil(from / step); tick * step <= to; tick++) ticks.push(tick * step)
  return ticks
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function trim(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en-US')
}
