/** Counts errors by code, for one step. */
export class ErrorCounts {
  readonly #counts: Record<string, number> = {}

  add(error: unknown): void {
    const code = codeOf(error)
    this.#counts[code] = (this.#counts[code] ?? 0) + 1
  }

  get all(): Readonly<Record<string, number>> {
    return this.#counts
  }
}

/** The code of a typed error, else the message. */
export function codeOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message
  return String(error)
}
