/** So many are taken in a window. All, while there are no more than that. */
const PER_WINDOW = 10
const WINDOW_MS = 250
/** By so much the stride grows when more are taken than are wanted, so that a burst is known for one before many of it are. */
const WIDENING = 16

/**
 * Which of many calls are looked at: every one while there are few, and at most about forty a second, evenly, of more. What it
 * costs does not grow with the number of calls but for counting them down. What is done for one is dear, since code that runs so
 * seldom is not compiled: a hundred a second were a percent or two of a busy process.
 */
export class SamplePace {
  /** One of so many is taken. */
  #stride = 1
  #left = 1
  /** How many went by in this window, and how many of them have been taken since the stride was last changed. */
  #passed = 0
  #taken = 0
  #endsAt = 0
  #window: NodeJS.Timeout | undefined

  /** Whether the next call is none of those that are looked at. */
  skips(): boolean {
    if (this.#left === 1) return false
    this.#left -= 1
    return true
  }

  /** One that was not skipped is looked at. */
  took(): void {
    this.#passed += this.#stride
    this.#taken += 1
    if (this.#window === undefined) this.#lookAtClock()
    if (this.#taken >= (this.#stride === 1 ? 2 : 1) * PER_WINDOW) this.#widen()
    // Not every third: those that are issued together would always be told by the same one of them.
    this.#left = this.#stride === 1 ? 1 : 1 + Math.floor(Math.random() * (2 * this.#stride - 1))
  }

  #lookAtClock(): void {
    const now = performance.now()
    if (now < this.#endsAt) return
    this.#endsAt = now + WINDOW_MS
    this.#passed = 0
    this.#taken = 0
  }

  #widen(): void {
    this.#stride *= WIDENING
    this.#taken = 0
    // Calls may end as suddenly as they came, and the next one is to be looked at.
    this.#window ??= setInterval(() => {
      this.#endWindow()
    }, WINDOW_MS).unref()
  }

  #endWindow(): void {
    this.#stride = Math.max(1, Math.ceil(this.#passed / PER_WINDOW))
    this.#passed = 0
    this.#taken = 0
    this.#left = Math.min(this.#left, this.#stride)
    if (this.#stride > 1) return
    clearInterval(this.#window)
    this.#window = undefined
    this.#endsAt = 0
  }
}
