import { OwnWrites } from '../routing/own-writes.js'
import type { Call } from './call.js'
import { databaseFor } from './call.js'
import { callMayWrite } from './call-repeat.js'
import { keysBy } from './command-keys.js'
import { endsTransaction } from './transaction.js'

/** Which writes were followed by others of this client to the same keys: one of them made again would undo what came after it. */
export class Overwrites {
  /** By which number each was written last. */
  readonly #followed = new Map<Call, number>()
  #writes = new OwnWrites()
  /** Some are followed: looked at whenever a command is written. */
  active = false

  follow(call: Call): void {
    this.#followed.set(call, 0)
    this.active = true
  }

  forget(call: Call): void {
    if (!this.#followed.delete(call) || this.#followed.size > 0) return
    this.active = false
    this.#writes = new OwnWrites()
  }

  wrote(command: Call): void {
    // What EXEC writes was told of its members.
    if (!callMayWrite(command) || endsTransaction(command)) return
    this.#writes.wrote(keysBy(command, databaseFor(command)))
    if (this.#followed.has(command)) this.#followed.set(command, this.#writes.last)
  }

  /** A later write may have changed one of its keys. */
  has(call: Call): boolean {
    return this.#writes.needed(keysBy(call, databaseFor(call))) > (this.#followed.get(call) ?? 0)
  }
}
