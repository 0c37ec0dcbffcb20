import type { Told } from '../../dashboard/messages.js'
import type { Plot } from '../../report/plot.js'
import { drawPlot, type DrawnPlot } from '../report/draw-plot.js'
import { element } from './dom.js'
import { livePlots } from './view/live-plots.js'

const HEIGHT = 130
const ROWS_OF_LABELS = 2

interface Shown {
  readonly figure: HTMLElement
  readonly host: HTMLElement
  readonly chart: DrawnPlot
  /** What it was drawn for; another one needs another chart. */
  readonly form: string
}

/** The plots of the last two minutes, which move. */
export class LivePlots {
  readonly #host: HTMLElement
  readonly #shown = new Map<string, Shown>()

  constructor(host: HTMLElement) {
    this.#host = host
  }

  show(told: Told): void {
    for (const plot of livePlots(told)) {
      const before = this.#shown.get(plot.id)
      const form = formOf(plot, this.#host.clientWidth)
      if (before?.form === form) {
        before.chart.update(plot)
        continue
      }
      before?.chart.destroy()
      this.#shown.set(plot.id, this.#draw(plot, form, before?.figure))
    }
  }

  redraw(): void {
    for (const { chart } of this.#shown.values()) chart.redraw()
  }

  #draw(plot: Plot, form: string, before: HTMLElement | undefined): Shown {
    const host = element('div', { class: 'canvas', role: 'img', 'aria-label': `${plot.title}: ${plot.caption}` })
    const legend = element('ul', { class: 'legend' })
    legend.append(...plot.series.map(({ label, colour }) => element('li', { class: colour }, label)))
    const figure = element(
      'figure',
      { class: 'plot', id: plot.id },
      element('figcaption', {}, element('strong', {}, plot.title), ` ${plot.caption}`),
      host,
      legend
    )
    if (before === undefined) this.#host.append(figure)
    else before.replaceWith(figure)
    const chart = drawPlot(plot, host, { height: HEIGHT, rows: ROWS_OF_LABELS, zoom: false, legend: false })
    return { figure, host, chart, form }
  }
}

function formOf({ series }: Plot, width: number): string {
  return [width, ...series.map(({ label }) => label)].join(' ')
}
