import { OwnWrites } from '../routing/own-writes.js'
import type { Call } from './call.js'
import { databaseFor } from './call.js'
import { callMayWrite, mayRunTwice } from './call-repeat.js'
import { keysBy } from './command-keys.js'
import { endsTransaction, transactionOf } from './transaction.js'

/**
 * Which writes were followed by others of this client to the same keys: one of them made again would undo what came after it, unless
 * that is made again too, in its turn.
 */
export class Overwrites {
  /** By which number each was written last; 0 is not yet. */
  readonly #followed = new Map<Call, number>()
  /** All are numbered, and the keys are those of writes that stay as they are. */
  #writes = new OwnWrites()
  /** Of those that are followed; undefined when it is to be found out. */
  #overwritten: ReadonlySet<Call> | undefined
  /** Some are followed: looked at whenever a command is written. */
  active = false

  follow(call: Call): void {
    this.#followed.set(call, 0)
    this.active = true
  }

  forget(call: Call): void {
    const number = this.#followed.get(call)
    if (number === undefined) return
    this.#followed.delete(call)
    if (this.#followed.size === 0) {
      this.active = false
      this.#writes = new OwnWrites()
      this.#overwritten = undefined
      return
    }
    if (number === 0 || !isExecutedAgain(call)) return
    this.#writes.wroteAt(keysBy(call, databaseFor(call)), number)
    // What it is to the others was known when it was found to be overwritten.
    if (this.#overwritten?.has(call) !== true) this.#overwritten = undefined
  }

  /** `db`: of what another connection of this client wrote, which knows it by another one. */
  wrote(command: Call, db = databaseFor(command)): void {
    // What EXEC writes was told of its members.
    if (!callMayWrite(command) || endsTransaction(command)) return
    this.#overwritten = undefined
    const follows = this.#followed.has(command)
    this.#writes.wrote(follows && isExecutedAgain(command) ? [] : keysBy(command, db))
    if (follows) this.#followed.set(command, this.#writes.last)
  }

  /** A later write, which is not made again, may have changed one of its keys. Never of what is carried: it is not executed again. */
  has(call: Call): boolean {
    this.#overwritten ??= this.#find()
    return this.#overwritten.has(call)
  }

  /** From the last to the first: one that is not made again stays as it is, and counts for those before it. */
  #find(): ReadonlySet<Call> {
    const overwritten = new Set<Call>()
    const later = new Set<string>()
    let isAnyKey = false
    const written = [...this.#followed].filter(([call, number]) => number > 0 && isExecutedAgain(call))
    for (const [call, number] of written.toSorted(([, a], [, b]) => b - a)) {
      const keys = keysBy(call, databaseFor(call))
      const isOver = isAnyKey || this.#writes.needed(keys) > number || keys?.some((key) => later.has(key)) === true
      if (!isOver) continue
      overwritten.add(call)
      if (keys === undefined) isAnyKey = true
      else for (const key of keys) later.add(key)
    }
    return overwritten
  }
}

/** When it is made again, it is executed again: not what is carried, which is executed once, nor a transaction, which is not made again. */
function isExecutedAgain(call: Call): boolean {
  return call.carries === undefined && transactionOf(call) === undefined && mayRunTwice(call)
}
