/** Once the primary stood at this offset of its history, all writes up to `number` were in it. */
export interface WriteMark {
  readonly number: number
  readonly history: string
  readonly offset: number
}

/** More are not kept: of the older half every second one goes, so that the past is known ever more coarsely. */
const MOST = 64

/** Where in the history of the primary this client's writes are, as far as it was asked. Offsets and numbers never go down. */
export class WriteMarks {
  #marks: WriteMark[] = []

  add(mark: WriteMark): void {
    const last = this.#marks.at(-1)
    if (last !== undefined && last.history !== mark.history) this.#marks = []
    // What was written in between left no trace there: the same offset holds more writes.
    if (last?.history === mark.history && last.offset === mark.offset) this.#marks.pop()
    this.#marks.push(mark)
    if (this.#marks.length <= MOST) return
    this.#marks = this.#marks.filter((_, index) => index >= MOST / 2 || index % 2 === 1)
  }

  /** The primary has not been asked, or is another one since. */
  get empty(): boolean {
    return this.#marks.length === 0
  }

  /** Up to which number a node holds all writes that stands at this offset; 0 when nothing is known of it. */
  numberAt(history: string, offset: number): number {
    let number = 0
    for (const mark of this.#marks) if (mark.history === history && mark.offset <= offset) number = mark.number
    return number
  }

  /** The primary is another one: its offsets count in another history. */
  forgetAll(): void {
    this.#marks = []
  }
}
