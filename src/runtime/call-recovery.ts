import type { Address } from '../protocol/address.js'
import type { Refusal } from '../routing/refusal.js'
import { refusalOf } from '../routing/refusal.js'
import { isBoundToConnection, isExecAbort } from '../routing/retry.js'
import type { Call } from './call.js'
import { markLost, sequenceOf } from './call.js'
import { callMayWrite, mayRepeat } from './call-repeat.js'
import type { DispatcherContext } from './dispatcher-context.js'
import { lacksItsScript } from './exactly-once-carrier.js'
import { watchExec } from './exec-reply.js'
import type { HeldQueue } from './held-queue.js'
import type { InFlight } from './ioredis-internals.js'
import { connectionClosedError, interceptAnswer } from './ioredis-internals.js'
import type { PrimaryLine } from './primary-line.js'
import type { PrimaryPath } from './primary-path.js'
import { watchSelects } from './selected-database.js'
import type { Transaction } from './transaction.js'
import { endsTransaction, transactionOf } from './transaction.js'

/** redis `networking.c` clientCommand(): the answer to a call that was ended by CLIENT UNBLOCK … ERROR. */
const UNBLOCKED_BY_CLIENT = /^UNBLOCKED client unblocked via CLIENT UNBLOCK/

/** What becomes of calls that were written to the primary and not executed, or not known to be: lost with their connection, or refused. */
export class CallRecovery {
  readonly #context: DispatcherContext
  readonly #path: PrimaryPath
  readonly #line: PrimaryLine
  readonly #held: HeldQueue

  constructor(context: DispatcherContext, path: PrimaryPath, line: PrimaryLine, held: HeldQueue) {
    this.#context = context
    this.#path = path
    this.#line = line
    this.#held = held
  }

  /** Commands that were written to a connection which is gone. */
  lost(items: readonly InFlight[], endpoint: Address): void {
    const again = this.#transactionsLost(items, endpoint)
    this.#context.session.connectionLost()
    for (const { command } of items) {
      const call = command as Call
      markLost(call)
      if (sequenceOf(call) === 0) call.reject(connectionClosedError())
      else if (call.isSettled || transactionOf(call) !== undefined) continue
      else if (mayRepeat(call) && this.#path.streams.lookBack(call)) again.push(call)
      else call.reject(this.#context.unknown(call, endpoint))
    }
    this.#path.again(again)
  }

  /**
   * The node to which these were written has been replaced: what it executes from now on is thrown away, so that only its refusals
   * count, and any other answer is as good as none.
   */
  distrust(items: readonly InFlight[], endpoint: Address): void {
    const connection = this.#line.connection?.generation
    for (const { command } of items) {
      const call = command as Call
      const queued = transactionOf(call) !== undefined && !endsTransaction(call)
      if (sequenceOf(call) === 0 || queued || !callMayWrite(call)) continue
      interceptAnswer(call, () => {
        if (this.#line.connection?.generation !== connection || call.isSettled) return false
        this.#executedInVain(call, endpoint)
        return true
      })
    }
  }

  #executedInVain(call: Call, endpoint: Address): void {
    markLost(call)
    const transaction = transactionOf(call)
    if (transaction === undefined && mayRepeat(call)) this.#path.again([call])
    else if (transaction === undefined) call.reject(this.#context.unknown(call, endpoint))
    else if (!transaction.over) transaction.giveUp(this.#context.unknown(call, endpoint))
  }

  /** An error reply of the primary; true when the command is kept to be sent again. */
  refused(error: Error, { command }: InFlight): boolean {
    const call = command as Call
    if (sequenceOf(call) === 0 || this.#context.closed !== undefined) return false
    if (UNBLOCKED_BY_CLIENT.test(error.message) && this.#unblocked(call)) return true
    const transaction = transactionOf(call)
    const refusal = refusalOf(error.message)
    if (transaction !== undefined) return this.#refusedInTransaction(call, transaction, refusal, error)
    if (!call.isSettled && lacksItsScript(call, error)) {
      this.#path.again([call])
      return true
    }
    if (refusal === undefined || call.isSettled || isBoundToConnection(call.name)) return false
    this.#path.rest(refusal)
    this.#path.again([call])
    return true
  }

  /** A complete transaction: a refusal inside the reply of its EXEC counts too, and a SELECT in it only when it is executed. */
  watch(exec: Call, transaction: Transaction): void {
    const { database } = this.#context
    if (database.isMovedBy(transaction)) {
      watchSelects(exec, transaction, (db) => {
        this.#path.selected(transaction, db)
      })
      if (/^discard$/i.test(exec.name)) database.correct(transaction, undefined)
    }
    watchExec(exec, (refusal) => this.#refusedWithin(transaction, refusal))
  }

  /** Settles the transactions that were bound to a connection which is gone, or gives back their members to be sent anew. */
  #transactionsLost(items: readonly InFlight[], endpoint: Address): Call[] {
    const bound = new Set<Transaction>()
    const note = (transaction: Transaction | undefined): boolean => {
      if (transaction?.bound !== true) return false
      bound.add(transaction)
      return true
    }
    for (const { command } of items) note(transactionOf(command))
    note(this.#context.session.open)
    this.#held.remove(({ command }) => note(transactionOf(command)))
    const again: Call[] = []
    for (const transaction of bound) {
      if (this.#isDropped(transaction, endpoint)) continue
      const outcome = transaction.afterLoss()
      const last = transaction.members.at(-1)
      if (outcome === 'abort') transaction.abort()
      else if (outcome === 'unknown' && last !== undefined) transaction.giveUp(this.#context.unknown(last, endpoint))
      else {
        transaction.restart()
        again.push(...transaction.members)
      }
    }
    return again
  }

  /** CLIENT UNBLOCK, sent for a call whose signal was aborted, ended this one: that call, or the one behind it if that was just over. */
  #unblocked(call: Call): boolean {
    if (call.unblockedBy !== undefined) call.reject(call.unblockedBy)
    else if (!this.#line.hasUnblocked) return false
    else this.#path.again([call])
    return true
  }

  #refusedInTransaction(call: Call, transaction: Transaction, refusal: Refusal | undefined, error: Error): boolean {
    if (refusal !== undefined) {
      transaction.refused = true
      this.#path.rest(refusal)
    }
    if (!transaction.refused) return false
    // EXEC's own refusal ends the transaction on the server; then all of it is sent again, and this command is queued there.
    const ended = isExecAbort(error.message)
    if (ended && !transaction.over) this.#anew(transaction)
    else if (refusal !== undefined) transaction.answer(call)
    return refusal !== undefined || ended
  }

  /** EXEC was executed, and scripts in it were refused: nothing of it was written. */
  #refusedWithin(transaction: Transaction, refusal: Refusal): boolean {
    if (this.#context.closed !== undefined || transaction.over) return false
    transaction.refused = true
    this.#path.rest(refusal)
    this.#anew(transaction)
    return true
  }

  /** Nobody is told any more what it comes to: it is not sent again. */
  #isDropped(transaction: Transaction, endpoint: Address | undefined): boolean {
    const last = transaction.members.at(-1)
    if (last === undefined || !transaction.abandoned) return false
    transaction.giveUp(this.#context.errors.unknown(last, endpoint))
    return true
  }

  /** The server has ended a transaction of which it executed nothing. */
  #anew(transaction: Transaction): void {
    if (this.#isDropped(transaction, this.#line.address)) return
    if (transaction.afterLoss() === 'abort') {
      transaction.abort()
      return
    }
    transaction.restart()
    this.#path.again(transaction.members)
  }
}
