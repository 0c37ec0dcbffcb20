/** Counts, and tells each number at once, until stopped. */
export class Counting {
  /** When each number was told, in milliseconds since 1970. */
  readonly toldAt: number[] = []
  readonly #timer: NodeJS.Timeout

  constructor(tell: (n: number) => void, everyMs = 5) {
    this.#timer = setInterval(() => {
      this.toldAt.push(Date.now())
      tell(this.toldAt.length)
    }, everyMs)
  }

  get told(): number {
    return this.toldAt.length
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
