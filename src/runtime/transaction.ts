import type { Call } from './call.js'
import { forgetWritten, wasLost, writtenAt } from './call.js'
import { mayRunTwice } from './call-repeat.js'

/** The commands of one MULTI, which is sent, repeated or given up as a whole. */
export class Transaction {
  readonly members: Call[] = []
  /** A member was refused when it was queued, so EXEC cannot have run. */
  refused = false
  /** It was given up: members that come later fail like those before. */
  #failure: Error | undefined
  /** Answered here, like those that come later, as a server answers when a watched key has changed. */
  #aborted = false
  readonly #watches: readonly Call[]

  /** `watches`: the WATCH commands that it relies on. */
  constructor(watches: readonly Call[]) {
    this.#watches = watches
  }

  /** EXEC or DISCARD is among the members. */
  get complete(): boolean {
    const last = this.members.at(-1)
    return last !== undefined && endsTransaction(last)
  }

  /** MULTI has been written. */
  get begun(): boolean {
    const [first] = this.members
    return first !== undefined && writtenAt(first) !== undefined
  }

  /** Something of it is bound to the connection that is there now. */
  get bound(): boolean {
    return !this.over && (this.begun || this.#watches.some((watch) => writtenAt(watch) !== undefined))
  }

  /** Given up, or aborted: no more of it is sent. */
  get over(): boolean {
    return this.#failure !== undefined || this.#aborted
  }

  /** Whoever issued its EXEC was told that it is over: by a deadline, a signal, or ioredis's commandTimeout. */
  get abandoned(): boolean {
    return this.complete && this.members.at(-1)?.isSettled === true
  }

  /** Its EXEC was written to a connection that broke before the reply. */
  get mayHaveRun(): boolean {
    const last = this.members.at(-1)
    return last !== undefined && /^exec$/i.test(last.name) && wasLost(last)
  }

  /** What becomes of it without the connection to which it was bound. */
  afterLoss(): 'again' | 'abort' | 'unknown' {
    const watched = this.#watches.length > 0
    const last = this.members.at(-1)
    const mayHaveRun = !this.refused && /^exec$/i.test(last?.name ?? '') && last !== undefined && writtenAt(last)
    if (mayHaveRun === false || mayHaveRun === undefined) return watched ? 'abort' : 'again'
    if (watched) return 'unknown'
    const harmless = this.members.filter((member) => !/^(multi|exec)$/i.test(member.name)).every(mayRunTwice)
    return harmless ? 'again' : 'unknown'
  }

  /** It is to be sent anew, from MULTI on. */
  restart(): void {
    this.refused = false
    for (const member of this.members) forgetWritten(member)
  }

  giveUp(error: Error): void {
    this.#failure ??= error
    for (const member of this.members) if (!member.isSettled) member.reject(error)
  }

  abort(): void {
    this.#aborted = true
    for (const member of this.members) if (!member.isSettled) this.answer(member)
  }

  /** Settles a member of a transaction that is over. */
  answer(member: Call): void {
    if (this.#failure !== undefined) member.reject(this.#failure)
    else if (/^exec$/i.test(member.name)) member.resolve(null)
    else member.resolve(Buffer.from(/^(multi|discard)$/i.test(member.name) ? 'OK' : 'QUEUED'))
  }
}

/** It is EXEC or DISCARD. */
export function endsTransaction(command: Call): boolean {
  const { name } = command
  return (name.length === 4 || name.length === 7) && /^(exec|discard)$/i.test(name)
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

/** It waits, and a server may have executed it before. */
export function mayHaveRun(command: Call): boolean {
  const transaction = transactionOf(command)
  return transaction === undefined ? wasLost(command) : transaction.mayHaveRun
}
