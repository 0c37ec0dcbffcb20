/** One listener a signal, however many calls it is given to: AbortSignal warns of many listeners, and each would be an object. */
export class SignalListeners {
  readonly #callbacks = new WeakMap<AbortSignal, Set<() => void>>()

  /** Returns what forgets the callback again. */
  add(signal: AbortSignal, callback: () => void): () => void {
    const known = this.#callbacks.get(signal)
    const callbacks = known ?? new Set()
    if (known === undefined) this.#follow(signal, callbacks)
    callbacks.add(callback)
    return () => {
      callbacks.delete(callback)
    }
  }

  #follow(signal: AbortSignal, callbacks: Set<() => void>): void {
    this.#callbacks.set(signal, callbacks)
    signal.addEventListener(
      'abort',
      () => {
        for (const callback of [...callbacks]) callback()
        callbacks.clear()
      },
      { once: true }
    )
  }
}
