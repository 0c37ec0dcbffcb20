/** What happened, as `kubectl get events` would tell it: kept to be shown when a test fails. */
export class EventLog {
  readonly #startedAt = performance.now()
  readonly #lines: string[] = []
  readonly #once = new Set<string>()
  /** Told each line as it comes, for who watches. */
  onLine: ((line: string) => void) | undefined

  say(what: string): void {
    const line = `${((performance.now() - this.#startedAt) / 1000).toFixed(2).padStart(7)} ${what}`
    this.#lines.push(line)
    this.onLine?.(line)
  }

  sayOnce(what: string): void {
    if (this.#once.has(what)) return
    this.#once.add(what)
    this.say(what)
  }

  get lines(): readonly string[] {
    return this.#lines
  }
}
