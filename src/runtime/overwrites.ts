import type { Arg } from '../routing/arg.js'
import { keysOf } from '../routing/keys.js'
import { OwnWrites } from '../routing/own-writes.js'
import type { Call } from './call.js'
import { databaseFor } from './call.js'
import { callMayWrite } from './call-repeat.js'
import { keysIn } from './ioredis-internals.js'
import { endsTransaction } from './transaction.js'

const MOST_KEYS = 100_000

/** Which writes were followed by others of this client to the same keys: one of them made again would undo what came after it. */
export class Overwrites {
  /** By which number each was written last. */
  readonly #followed = new Map<Call, number>()
  #writes = new OwnWrites(MOST_KEYS)
  /** Some are followed: looked at whenever a command is written. */
  active = false

  follow(call: Call): void {
    this.#followed.set(call, 0)
    this.active = true
  }

  forget(call: Call): void {
    if (!this.#followed.delete(call) || this.#followed.size > 0) return
    this.active = false
    this.#writes = new OwnWrites(MOST_KEYS)
  }

  wrote(command: Call): void {
    // What EXEC writes was told of its members.
    if (!callMayWrite(command) || endsTransaction(command)) return
    this.#writes.wrote(keysBy(command))
    if (this.#followed.has(command)) this.#followed.set(command, this.#writes.last)
  }

  /** A later write may have changed one of its keys. */
  has(call: Call): boolean {
    return this.#writes.needed(keysBy(call)) > (this.#followed.get(call) ?? 0)
  }
}

function keysBy(command: Call): readonly string[] | undefined {
  return keysOf(command.name, command.args as Arg[], databaseFor(command), () => keysIn(command))
}
