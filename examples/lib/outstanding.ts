/** The calls that were made and have not settled. */
export class Outstanding {
  readonly #pending = new Set<Promise<unknown>>()

  get size(): number {
    return this.#pending.size
  }

  add(call: Promise<unknown>): void {
    this.#pending.add(call)
    const remove = (): void => void this.#pending.delete(call)
    call.then(remove, remove)
  }

  /** Resolves when all that were made so far have settled. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }

  /** Resolves when all have settled, or after `withinMs`, with the number of those that have not. */
  async drained(withinMs: number): Promise<number> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs)
    })
    await Promise.race([this.settled(), late])
    clearTimeout(timer)
    return this.#pending.size
  }
}
