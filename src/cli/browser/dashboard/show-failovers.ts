import type { TimelineReport } from '../../dashboard/messages.js'
import { drawPlot, type DrawnPlot } from '../report/draw-plot.js'
import { element } from './dom.js'
import { timelinePlot, timelineRows } from './view/timeline-plot.js'
import { sumUp, timeOfDay } from './view/words.js'

interface Shown {
  readonly details: HTMLDetailsElement
  timeline: TimelineReport
  chart?: DrawnPlot
}

/** The failovers, newest first; each can be opened. */
export class Failovers {
  readonly #host: HTMLElement
  readonly #shown = new Map<number, Shown>()

  constructor(host: HTMLElement) {
    this.#host = host
  }

  show(timelines: readonly TimelineReport[]): void {
    if (timelines.length > 0 && this.#shown.size === 0) this.#host.replaceChildren()
    for (const timeline of timelines) {
      const before = this.#shown.get(timeline.id)
      if (before === undefined) this.#add(timeline)
      else if (before.timeline !== timeline) {
        before.timeline = timeline
        if (before.details.open) open(before)
      }
    }
    for (const [id, { details, chart }] of this.#shown) {
      if (timelines.some((one) => one.id === id)) continue
      chart?.destroy()
      details.remove()
      this.#shown.delete(id)
    }
  }

  redraw(): void {
    for (const shown of this.#shown.values()) if (shown.details.open) open(shown)
  }

  #add(timeline: TimelineReport): void {
    const { title, calls } = sumUp(timeline)
    const details = element('details', { class: `failover ${timeline.outcome}` })
    details.append(
      element(
        'summary',
        {},
        element('span', { class: 'when' }, timeOfDay(timeline.startedAt)),
        title,
        element('p', { class: 'calls' }, calls)
      )
    )
    const shown: Shown = { details, timeline }
    details.addEventListener('toggle', () => {
      if (details.open) open(shown)
      else close(shown)
    })
    this.#shown.set(timeline.id, shown)
    this.#host.prepend(details)
  }
}

function open(shown: Shown): void {
  close(shown)
  const { details, timeline } = shown
  const plot = timelinePlot(timeline)
  if (plot !== undefined) {
    const host = element('div', { class: 'canvas', role: 'img', 'aria-label': `${plot.title}, ${plot.caption}` })
    details.append(
      element(
        'figure',
        { class: 'plot' },
        element('figcaption', {}, element('strong', {}, plot.title), ` ${plot.caption}`),
        host
      )
    )
    shown.chart = drawPlot(plot, host)
  }
  details.append(table(timeline))
}

function close(shown: Shown): void {
  shown.chart?.destroy()
  delete shown.chart
  for (const part of [...shown.details.children].slice(1)) part.remove()
}

function table(timeline: TimelineReport): HTMLElement {
  const head = ['ms', 'who', 'what', 'detail'].map((text) => element('th', { scope: 'col' }, text))
  const rows = timelineRows(timeline).map(({ cells, own }) =>
    element('tr', { class: own ? 'mine' : '' }, ...cells.map((cell) => element('td', {}, cell)))
  )
  const label = { tabindex: '0', role: 'region', 'aria-label': 'Who said what, when' }
  return element(
    'div',
    { class: 'scroll timeline', ...label },
    element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows))
  )
}
