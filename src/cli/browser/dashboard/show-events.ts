import type { NumberedHappening } from '../../dashboard/messages.js'
import { element } from './dom.js'
import { timeOfDay } from './view/words.js'

/** The events, newest first. What is there stays the same element: a screen reader says only what is added. */
export class Events {
  readonly #log: HTMLElement
  readonly #list: HTMLElement
  readonly #shown = new Map<number, HTMLElement>()

  constructor(log: HTMLElement, list: HTMLElement) {
    this.#log = log
    this.#list = list
  }

  show(happenings: readonly NumberedHappening[]): void {
    const ids = new Set(happenings.map(({ id }) => id))
    for (const [id, item] of this.#shown) {
      if (ids.has(id)) continue
      item.remove()
      this.#shown.delete(id)
    }
    for (const { id, at, event, text, isBad } of happenings) {
      if (this.#shown.has(id)) continue
      const time = element('time', { datetime: new Date(at).toISOString() }, timeOfDay(at))
      const item = element('li', { class: `e-${event}${isBad ? ' bad' : ''}` }, time, element('span', {}, text))
      this.#shown.set(id, item)
      this.#list.prepend(item)
    }
    // What was there when the page was opened is not read out.
    this.#log.setAttribute('aria-live', 'polite')
  }
}
