import type { Colors } from 'picocolors/types'
import { coloursFor } from './colours.js'

/** Where a command tells what is going on: one line that is kept up to date on a terminal, plain lines elsewhere. */
export class Screen {
  readonly #stream: NodeJS.WriteStream
  readonly #colour: Colors
  #status: (() => string) | undefined
  #timer: NodeJS.Timeout | undefined
  #lineShown = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.#colour = coloursFor(stream)
  }

  get colour(): Colors {
    return this.#colour
  }

  /** Keeps showing what `status` says, until `unfollow()`: five times a second on a terminal, else every second. */
  follow(status: () => string): void {
    this.unfollow()
    this.#status = status
    this.#timer = setInterval(() => this.#draw(), this.#stream.isTTY ? 200 : 1000)
  }

  unfollow(): void {
    clearInterval(this.#timer)
    this.#clear()
    this.#status = undefined
  }

  /** A line that stays. */
  say(text: string): void {
    this.#clear()
    this.#stream.write(`${text}\n`)
  }

  #draw(): void {
    const text = this.#status?.()
    if (text === undefined) return
    if (!this.#stream.isTTY) {
      this.#stream.write(`${text}\n`)
      return
    }
    this.#clear()
    this.#stream.write(text.slice(0, Math.max(20, this.#stream.columns - 1)))
    this.#lineShown = true
  }

  #clear(): void {
    if (this.#lineShown) this.#stream.write('\r\u001b[2K')
    this.#lineShown = false
  }
}
