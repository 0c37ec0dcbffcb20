import type { Plot } from '../../report/plot.js'
import { drawPlot, type DrawnPlot } from './draw-plot.js'

/** The script of a report: replaces each plot's SVG by one that can be zoomed. */
const drawn: { readonly host: HTMLElement; width: number; chart: DrawnPlot }[] = []

for (const source of document.querySelectorAll<HTMLElement>('script[data-plot]')) {
  const plot = JSON.parse(source.textContent) as Plot
  const host = document.getElementById(plot.id)
  if (host === null) continue
  const entry = { host, width: host.clientWidth, chart: drawPlot(plot, host) }
  drawn.push(entry)
  addEventListener('resize', () => {
    if (host.clientWidth === entry.width) return
    entry.width = host.clientWidth
    entry.chart.destroy()
    // The marks' labels need other rows at another width.
    entry.chart = drawPlot(plot, host)
  })
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const { chart } of drawn) chart.redraw()
})
