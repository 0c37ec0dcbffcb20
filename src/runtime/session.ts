import type { Call } from './call.js'
import { joinTransaction, Transaction } from './transaction.js'

/**
 * What the connection to the primary holds for the client between commands: an open MULTI, and watched keys. Both are gone
 * with the connection, and what comes after must not act as if they were not.
 */
export class Session {
  #open: Transaction | undefined
  #watching = false
  /** Keys were watched on a connection that is gone: the transaction that relies on them is an aborted one. */
  #watchLost = false
  #aborted: Transaction | undefined

  get inTransaction(): boolean {
    return this.#open !== undefined
  }

  /** Takes note of a session command, or of one inside MULTI. */
  note(command: Call): void {
    const name = command.name.toLowerCase()
    if (this.#open !== undefined) {
      joinTransaction(command, this.#open)
      if (name === 'exec' || name === 'discard') {
        this.#open.complete = true
        this.#open = undefined
        this.#watching = false
      }
      return
    }
    switch (name) {
      case 'multi': {
        this.#open = new Transaction()
        joinTransaction(command, this.#open)
        if (this.#watchLost) this.#aborted = this.#open
        this.#watchLost = false
        return
      }
      case 'watch':
        this.#watching = true
        return
      case 'unwatch':
        this.#watching = false
        this.#watchLost = false
        return
      default:
    }
  }

  /**
   * Answers a command of a transaction whose watched keys were lost with the connection, as a server answers when a watched
   * key has changed: EXEC gives null. True when it did.
   */
  abortsWatched(command: Call): boolean {
    const transaction = this.#aborted
    if (transaction?.members.includes(command) !== true) return false
    const name = command.name.toLowerCase()
    if (name === 'exec' || name === 'discard') this.#aborted = undefined
    command.resolve(name === 'exec' ? null : Buffer.from(name === 'multi' || name === 'discard' ? 'OK' : 'QUEUED'))
    return true
  }

  /** The client was ended: what it had begun is over. */
  end(): void {
    this.connectionLost()
    this.#open = undefined
  }

  connectionLost(): void {
    this.#watchLost ||= this.#watching
    this.#watching = false
  }
}
