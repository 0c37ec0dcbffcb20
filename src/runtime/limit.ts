export interface LimitOptions {
  /** Milliseconds, after which it aborts by itself. */
  readonly withinMs?: number
  /** Aborts with this one too, for the same reason. */
  readonly and?: AbortSignal | undefined
}

/**
 * A signal that is aborted by its owner, by a time, or with another signal, whichever is first.
 *
 * In place of AbortSignal.any(): in Node 20 what that makes and what it is made of know each other by weak references only, so that an
 * AbortSignal.timeout() that nobody else holds is collected before its time, and what waits for it waits for ever
 * (node 20 `lib/internal/abort_controller.js`, kSourceSignals).
 */
export class Limit {
  readonly #controller = new AbortController()
  readonly #and: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout | undefined

  constructor({ withinMs, and }: LimitOptions) {
    this.#and = and
    if (and?.aborted === true) this.abort(and.reason)
    else and?.addEventListener('abort', this.#obey)
    if (withinMs === undefined) return
    this.#timer = setTimeout(() => {
      this.abort(new DOMException(`it took longer than ${withinMs} ms`, 'TimeoutError'))
    }, withinMs)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason)
    this.end()
  }

  /** It is not needed any more, and aborts only by its owner from now on. */
  end(): void {
    clearTimeout(this.#timer)
    this.#and?.removeEventListener('abort', this.#obey)
  }

  readonly #obey = (): void => {
    this.abort(this.#and?.reason)
  }
}
