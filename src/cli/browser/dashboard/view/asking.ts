import type { State } from '../../../dashboard/messages.js'

/** While it does something the tool tells four times a second that it does, however long that takes. */
const UNTOLD_MS = 5_000
const CHECK_EVERY_MS = 250

/** What became of a press of a button. */
export interface Outcome {
  readonly ok: boolean
  readonly text: string
}

const NOT_ASKED: Outcome = { ok: false, text: 'the tool is not heard: nothing was asked of it' }
const UNKNOWN: Outcome = {
  ok: false,
  text: 'the tool did not answer: whether it was done is not known; the events say it once the tool is heard'
}

/** Asks things of the tool while it is heard: one that stands still, or is out of reach, would do them when nobody expects it any more. */
export class Asking {
  #isHeard = false
  #toldAt = 0
  #busyAt = 0

  get isHeard(): boolean {
    return this.#isHeard
  }

  /** Whether the page hears the tool. */
  hears(isHeard: boolean): void {
    this.#isHeard = isHeard
  }

  /** To be told of each state as it comes, also where none is drawn. */
  told({ at, faults }: State): void {
    this.#toldAt = at
    if (faults.busy) this.#busyAt = performance.now()
  }

  async post(path: string): Promise<Outcome> {
    if (!this.#isHeard) return NOT_ASKED
    const given = new AbortController()
    const askedAt = performance.now()
    const watch = setInterval(() => {
      if (performance.now() - Math.max(askedAt, this.#busyAt) > UNTOLD_MS) given.abort()
    }, CHECK_EVERY_MS)
    try {
      const headers = { 'told-at': String(this.#toldAt) }
      const response = await fetch(path, { method: 'POST', headers, signal: given.signal })
      return (await response.json()) as Outcome
    } catch {
      return UNKNOWN
    } finally {
      clearInterval(watch)
    }
  }
}
