interface Followed {
  readonly callbacks: Set<() => void>
  readonly onAbort: () => void
}

/** One listener a signal, however many calls it is given to: AbortSignal warns of many listeners, and each would be an object. */
export class SignalListeners {
  readonly #followed = new WeakMap<AbortSignal, Followed>()

  /** Returns what forgets the callback again. */
  add(signal: AbortSignal, callback: () => void): () => void {
    const followed = this.#followed.get(signal) ?? this.#follow(signal)
    const { callbacks, onAbort } = followed
    callbacks.add(callback)
    return () => {
      callbacks.delete(callback)
      if (callbacks.size > 0 || this.#followed.get(signal) !== followed) return
      // The signal is the caller's, and may live for as long as the process.
      this.#followed.delete(signal)
      signal.removeEventListener('abort', onAbort)
    }
  }

  #follow(signal: AbortSignal): Followed {
    const callbacks = new Set<() => void>()
    const onAbort = (): void => {
      for (const callback of [...callbacks]) callback()
      callbacks.clear()
    }
    const followed = { callbacks, onAbort }
    this.#followed.set(signal, followed)
    signal.addEventListener('abort', onAbort, { once: true })
    return followed
  }
}
