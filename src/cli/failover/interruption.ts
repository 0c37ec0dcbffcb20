const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Signals to this process while it hands a primary over: the first calls it off, and none ends it before what it did is undone or done. */
export class Interruption {
  readonly #controller = new AbortController()

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#come)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** From now on a signal ends the process, as ever. */
  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.#come)
  }

  readonly #come = (signal: NodeJS.Signals): void => {
    if (this.signal.aborted) return
    process.stderr.write(`${signal}: called off if no sentinel has been asked, else carried to its end\n`)
    this.#controller.abort(new Error(signal))
  }
}
