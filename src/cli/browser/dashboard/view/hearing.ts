/** The tool tells its state four times a second. */
const SILENT_MS = 3_000

/** `lost`: the tool is not heard. `refused`: nor will it be, since the browser does not try again. */
export type Link = 'live' | 'lost' | 'refused'

/** Whether the page hears the tool: of one that stands still, or is out of reach, the connection stays open. Times are of performance.now(). */
export class Hearing {
  readonly #onChange: (link: Link) => void
  #heardAt: number
  #link: Link | undefined

  constructor(now: number, onChange: (link: Link) => void) {
    this.#heardAt = now
    this.#onChange = onChange
  }

  heard(now: number): void {
    this.#heardAt = now
    this.#become('live')
  }

  /** To be asked every second. */
  check(now: number): void {
    if (this.#link !== 'refused' && now - this.#heardAt > SILENT_MS) this.#become('lost')
  }

  /** The connection broke; the browser makes it anew, unless that is `final`. */
  broke(final: boolean): void {
    this.#become(final ? 'refused' : 'lost')
  }

  #become(link: Link): void {
    if (this.#link === link) return
    this.#link = link
    this.#onChange(link)
  }
}
