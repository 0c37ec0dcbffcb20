import { placeLabels } from './place-labels.js'

/**
 * The script of the page: replaces each plot's SVG by an interactive one (drag to zoom, double click to zoom out). Plain
 * text, since it runs in a browser; it needs uPlot to be loaded before it.
 */
export function plotScript(): string {
  // esbuild's keepNames, which tsx turns on, puts calls of a helper named __name into function sources.
  return `(() => {
const __name = (target) => target
const placeLabels = ${placeLabels.toString()}
${DRAW}
})()`
}

const DRAW = `
const ROW = 15, MAX_ROWS = 11, TICK = 7, FONT = '11px system-ui, sans-serif'
const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()
const measure = document.createElement('canvas').getContext('2d')
const number = (value) => value == null ? '' : Number(value.toPrecision(4)).toLocaleString('en-US')

function draw(plot, host) {
  host.textContent = ''
  const width = host.clientWidth
  const left = 66
  const inner = width - left - 14
  const [first, last] = plot.focus || [plot.x[0], plot.x[plot.x.length - 1]]
  const span = last - first || 1
  measure.font = FONT
  const widths = plot.marks.map((mark) => measure.measureText(mark.label).width + 5)
  const place = (toX, area) => placeLabels(
    plot.marks.map((mark, index) => ({ x: toX(mark.at), width: widths[index], weight: mark.weight })), area, MAX_ROWS)
  const rows = place((at) => (at - first) / span * inner, inner).reduce((most, label) => Math.max(most, label.row + 1), 0)
  const top = rows * ROW + 10

  const marks = (u) => {
    const ratio = uPlot.pxRatio, context = u.ctx, box = u.bbox
    const toX = (at) => u.valToPos(at, 'x', true) - box.left
    const labels = new Map(place((at) => toX(at) / ratio, box.width / ratio).filter((label) => label.row < rows)
      .map((label) => [label.index, label]))
    context.save()
    context.font = 11 * ratio + 'px system-ui, sans-serif'
    context.textAlign = 'left'
    context.textBaseline = 'alphabetic'
    context.lineWidth = ratio
    context.lineJoin = 'round'
    const baseline = (label) => box.top - (4 + label.row * ROW) * ratio
    plot.marks.forEach((mark, index) => {
      const x = toX(mark.at)
      if (x < 0 || x > box.width) return
      const label = labels.get(index)
      context.strokeStyle = variable(mark.colour)
      context.setLineDash([4 * ratio, 3 * ratio])
      context.beginPath()
      context.moveTo(box.left + x, label ? baseline(label) - 9 * ratio : box.top)
      context.lineTo(box.left + x, box.top + box.height)
      context.stroke()
    })
    context.setLineDash([])
    context.strokeStyle = variable('sentinel')
    context.beginPath()
    for (const at of plot.ticks) {
      const x = toX(at)
      if (x < 0 || x > box.width) continue
      context.moveTo(box.left + x, box.top)
      context.lineTo(box.left + x, box.top + TICK * ratio)
    }
    context.stroke()
    labels.forEach((label, index) => {
      const at = [plot.marks[index].label, box.left + (label.left + 3) * ratio, baseline(label)]
      context.lineWidth = 3 * ratio
      context.strokeStyle = variable('back')
      context.strokeText(...at)
      context.fillStyle = variable(plot.marks[index].colour)
      context.fillText(...at)
    })
    context.restore()
  }

  const atX = (value) => plot.xUnit ? (plot.xUnit === 's' ? value.toFixed(3) : value.toFixed(1)) + ' ' + plot.xUnit
    : (plot.xTicks || []).find((tick) => tick.at === value)?.label ?? number(value)
  const log = plot.scale === 'log'
  const decades = (u, ticks) => ticks.map((tick) => log && Math.abs(Math.log10(tick) % 1) > 1e-6 ? null : tick)
  const axis = {
    stroke: () => variable('text'),
    font: FONT, labelFont: FONT,
    grid: { stroke: () => variable('grid'), width: 1 },
    ticks: { stroke: () => variable('grid'), width: 1 },
  }
  const options = {
    width, height: top + 220 + 40,
    padding: [top, 14, 0, 0],
    scales: { x: { time: false }, y: log ? { distr: 3, log: 10 } : { range: (u, min, max) => [0, plot.yMax || Math.max(1, max) * 1.05] } },
    axes: [
      { ...axis, label: plot.xLabel, labelSize: 18, size: 30,
        ...(plot.xTicks && { splits: () => plot.xTicks.map((tick) => tick.at), values: () => plot.xTicks.map((tick) => tick.label) }) },
      { ...axis, label: plot.yLabel, labelSize: 18, size: left - 18, filter: decades, grid: { ...axis.grid, filter: decades },
        ticks: { ...axis.ticks, filter: decades }, values: (u, ticks) => ticks.map(number) },
    ],
    series: [
      { label: plot.xUnit ? 'time' : plot.xLabel, value: (u, value) => value == null ? '–' : atX(value) },
      ...plot.series.map((series) => ({
        label: series.label,
        stroke: () => variable(series.colour),
        width: series.style === 'line' ? 1.5 : 0,
        paths: series.style === 'line' ? undefined : () => null,
        points: series.style === 'line' ? { show: false } : { show: true, size: 4, width: 0, fill: () => variable(series.colour) },
        value: (u, value) => value == null ? '–' : number(value),
      })),
    ],
    legend: { markers: { width: 0, fill: (u, index) => index > 0 ? variable(plot.series[index - 1].colour) : 'transparent' } },
    cursor: { drag: { x: true, y: false } },
    hooks: { draw: [marks] },
  }
  const chart = new uPlot(options, [plot.x, ...plot.series.map((series) => series.values)], host)
  if (plot.focus) chart.setScale('x', { min: first, max: last })
  return chart
}

const drawn = []
for (const source of document.querySelectorAll('script[data-plot]')) {
  const plot = JSON.parse(source.textContent)
  const host = document.getElementById(plot.id)
  const again = () => { const old = entry.chart; entry.chart = draw(plot, host); if (old) old.destroy() }
  const entry = { width: host.clientWidth, again, host, chart: draw(plot, host) }
  drawn.push(entry)
}
addEventListener('resize', () => drawn.forEach((entry) => {
  if (entry.host.clientWidth === entry.width) return
  entry.width = entry.host.clientWidth
  entry.again()
}))
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawn.forEach((entry) => entry.chart.redraw()))
`
