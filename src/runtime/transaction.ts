import type { Arg } from '../routing/arg.js'
import { afterLoss } from '../routing/retry.js'
import type { Call } from './call.js'
import { optionsOf, writtenAt } from './call.js'

/** The commands of one MULTI, which is sent, repeated or given up as a whole. */
export class Transaction {
  readonly members: Call[] = []
  /** EXEC or DISCARD is among the members. */
  complete = false
  /** A member was refused when it was queued, so EXEC cannot have run. */
  refused = false
  /** It was given up: members that come later fail like those before. */
  failure: Error | undefined

  /** EXEC was never written, so nothing was done; or all that it does may be done twice. */
  get mayRepeat(): boolean {
    const last = this.members.at(-1)
    if (!this.complete || last === undefined || writtenAt(last) === undefined) return true
    return this.members
      .filter((member) => !/^(multi|exec|discard)$/i.test(member.name))
      .every(
        (member) => afterLoss(member.name, member.args as Arg[], optionsOf(member)?.idempotent === true) === 'again'
      )
  }

  giveUp(error: Error): void {
    this.failure ??= error
    for (const member of this.members) if (!member.isSettled) member.reject(error)
  }
}

const TRANSACTION: unique symbol = Symbol('transaction')

interface Member extends Call {
  [TRANSACTION]?: Transaction
}

export function joinTransaction(command: Member, transaction: Transaction): void {
  command[TRANSACTION] = transaction
  transaction.members.push(command)
}

export function transactionOf(command: Member): Transaction | undefined {
  return command[TRANSACTION]
}
