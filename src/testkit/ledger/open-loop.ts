/** Awake so much later than a whole interval, this process stood still. */
const LATE_MS = 20

/**
 * Calls `issue` once for each multiple of `everyMs`, never waiting for what it started. When the event loop was busy, the
 * calls that fell due meanwhile are made together, and no more than those: behind what has come by its sockets meanwhile, and
 * what a client concludes from that, since nobody would write to one that was closed, or had been silent, for long.
 */
export class OpenLoop {
  readonly #everyMs: number
  readonly #issue: (index: number) => void
  readonly #startedAt = performance.now()
  #issued = 0
  #timer: NodeJS.Timeout | undefined
  #behind: NodeJS.Immediate | undefined

  constructor(everyMs: number, issue: (index: number) => void) {
    if (!Number.isFinite(everyMs) || everyMs <= 0) {
      throw new RangeError(`everyMs is a number of milliseconds above 0, not ${everyMs}`)
    }
    this.#everyMs = everyMs
    this.#issue = issue
    this.#wait()
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#behind)
    this.#timer = undefined
  }

  #wait(): void {
    const nextDue = this.#startedAt + this.#issued * this.#everyMs
    this.#timer = setTimeout(
      () => {
        const late = performance.now() - nextDue > this.#everyMs + LATE_MS
        if (late) this.#catchUpBehind()
        else this.#catchUp()
      },
      Math.max(0, nextDue - performance.now())
    )
  }

  /** A client whose own timers are late looks in setImmediate(), too: this comes after it. */
  #catchUpBehind(): void {
    this.#behind = setImmediate(() => {
      this.#behind = setImmediate(() => {
        this.#catchUp()
      })
    })
  }

  #catchUp(): void {
    const due = dueBy(performance.now() - this.#startedAt, this.#everyMs)
    while (this.#issued < due && this.#timer !== undefined) {
      this.#issued += 1
      this.#issue(this.#issued - 1)
    }
    if (this.#timer !== undefined) this.#wait()
  }
}

/** How many calls a schedule that begins at 0 owes after `elapsedMs`. */
export function dueBy(elapsedMs: number, everyMs: number): number {
  return elapsedMs < 0 ? 0 : Math.floor(elapsedMs / everyMs) + 1
}
