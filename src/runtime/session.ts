import type { Call } from './call.js'
import { writtenAt } from './call.js'
import { endsTransaction, joinTransaction, Transaction, transactionOf } from './transaction.js'

/**
 * What the connection to the primary holds for the client between commands: an open MULTI, and watched keys. Both are gone
 * with the connection, and what comes after must not act as if they were not.
 */
export class Session {
  #open: Transaction | undefined
  /** WATCH commands that the next MULTI relies on. */
  #watches: Call[] = []
  /** Keys were watched on a connection that is gone: the transaction that relies on them is an aborted one. */
  #watchLost = false
  /** The transaction whose MULTI was written, and its EXEC or DISCARD not yet. */
  #onServer: Transaction | undefined
  /** Told when the connection is lost by which keys were watched, and no MULTI relies on them yet. */
  onWatchLost: (() => void) | undefined

  /** The transaction whose EXEC has not been issued yet. */
  get open(): Transaction | undefined {
    return this.#open
  }

  /** Keys are watched, or were on a connection that is gone. */
  get watching(): boolean {
    return this.#watches.length > 0 || this.#watchLost
  }

  get inTransaction(): boolean {
    return this.#open !== undefined
  }

  /** A MULTI is open on the server: whatever is written next becomes part of it. */
  get multiIsOpen(): boolean {
    return this.#onServer !== undefined
  }

  /**
   * Whether the command may be written now. What was issued before an open MULTI and is to be sent again, or comes back from a
   * replica, is no part of it: it waits for the end of it, and so comes after calls that were issued later.
   */
  admits(command: Call): boolean {
    if (this.#onServer === undefined) return true
    const transaction = transactionOf(command)
    // The dispatcher's own DISCARD belongs to none.
    return transaction === undefined ? endsTransaction(command) : transaction === this.#onServer
  }

  /** The command was written. */
  wrote(command: Call): void {
    const transaction = transactionOf(command) ?? this.#onServer
    if (transaction !== undefined) this.#onServer = endsTransaction(command) ? undefined : transaction
  }

  /** Takes note of a session command, or of one inside MULTI. */
  note(command: Call): void {
    if (this.#open !== undefined) {
      joinTransaction(command, this.#open)
      if (endsTransaction(command)) this.#open = undefined
      return
    }
    switch (command.name.toLowerCase()) {
      case 'multi':
        this.#open = new Transaction(this.#watches)
        joinTransaction(command, this.#open)
        if (this.#watchLost) this.#open.abort()
        this.#forgetWatches()
        return
      case 'watch':
        this.#watches.push(command)
        return
      case 'unwatch':
        this.#forgetWatches()
        return
      default:
    }
  }

  /** The client was ended: what it had begun is over. */
  end(): void {
    this.connectionLost()
    this.#open = undefined
  }

  /** WATCH commands that only wait here are for the next connection, unless others before them are lost. */
  connectionLost(): void {
    this.#onServer = undefined
    if (!this.#watches.some((watch) => writtenAt(watch) !== undefined)) return
    this.#watchLost = true
    for (const watch of this.#watches) if (!watch.isSettled) watch.resolve(Buffer.from('OK'))
    this.#watches = []
    this.onWatchLost?.()
  }

  #forgetWatches(): void {
    this.#watches = []
    this.#watchLost = false
  }
}
