import type { EventEmitter } from 'node:events'
import { withFlags } from '../with-flags.js'

/** What keeps a client from its servers: each told once while it lasts, and again when it comes back after it was over. */
export class Troubles {
  readonly #client: EventEmitter
  readonly #onTrouble: (message: string) => void
  readonly #told = new Set<string>()

  constructor(client: EventEmitter, onTrouble: (message: string) => void) {
    this.#client = client
    this.#onTrouble = onTrouble
    client.on('error', this.met)
    client.on('ready', this.#over)
    client.on('sentinel-up', this.#overAt)
  }

  /** Also for what no event tells: the rejection of connect(). */
  readonly met = (error: Error): void => {
    const message = withFlags(error.message)
    if (this.#told.has(message)) return
    this.#told.add(message)
    this.#onTrouble(message)
  }

  silence(): void {
    this.#client.off('error', this.met)
    this.#client.off('ready', this.#over)
    this.#client.off('sentinel-up', this.#overAt)
  }

  readonly #over = (): void => this.#told.clear()

  /** A sentinel may fail, and be well again, while the primary is connected all the time. */
  readonly #overAt = ({ key }: { readonly key: string }): void => {
    for (const message of this.#told) if (message.includes(key)) this.#told.delete(message)
  }
}
