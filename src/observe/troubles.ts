/** What has not been heard of for so long is told again. */
const FORGOTTEN_AFTER_MS = 60_000

/** What is wrong with servers, each told once and not at every attempt. */
export class Troubles {
  readonly #heardAt = new Map<string, number>()

  /** It has not been told, or long ago. `now`: milliseconds. */
  isNews(message: string, now: number): boolean {
    for (const [other, at] of this.#heardAt) if (now - at >= FORGOTTEN_AFTER_MS) this.#heardAt.delete(other)
    const known = this.#heardAt.has(message)
    this.#heardAt.set(message, now)
    return !known
  }

  /** This server is well: what was said about it is over. */
  over(server: string): void {
    for (const message of this.#heardAt.keys()) if (message.includes(server)) this.#heardAt.delete(message)
  }
}
