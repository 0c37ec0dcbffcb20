import { AsyncLocalStorage } from 'node:async_hooks'
import type { AnyRedis } from '../any-redis.js'
import { ConfigurationError, UnknownOutcomeError } from '../../errors.js'
import type { CallOptions } from '../call.js'
import type { ClientCore } from '../client-core.js'
import type { ExactlyOnce } from '../exactly-once.js'
import { connectionClosedError, offlineQueueDisabledError } from '../ioredis-internals.js'
import { settledWithin } from '../settled-within.js'
import { Attempt } from './attempt.js'
import { Progress } from './progress.js'
import type { Ran } from './progress.js'
import type { TransactionConnection, TransactionConnections } from './transaction-connections.js'
import { checkTransaction } from './transaction-options.js'
import type { Transaction, TransactionOptions } from './transaction-types.js'
import { transactionView } from './transaction-view.js'

export interface TransactionsHost {
  readonly group: string
  readonly client: AnyRedis
  readonly core: ClientCore
  readonly connections: TransactionConnections
  readonly readOnlyCommands: ReadonlySet<string> | undefined
  /** ioredis's own option. */
  readonly enableOfflineQueue: boolean
}

type Callback<Result> = (tx: Transaction) => Promise<Result> | Result

/** The transactions whose callbacks the code that is running now was called by. */
interface Enclosing {
  readonly of: Transactions
  readonly progress: Progress
  readonly outer: Enclosing | undefined
}

const ENCLOSING = new AsyncLocalStorage<Enclosing>()

/** `transaction()` of one client: runs the callback on a connection of its own, and again when it has to be. */
export class Transactions {
  readonly #host: TransactionsHost
  /** With what each comes to. */
  readonly #running = new Map<Progress, Promise<unknown>>()

  constructor(host: TransactionsHost) {
    this.#host = host
  }

  async run<Result>(
    callback: Callback<Result>,
    options: TransactionOptions | undefined,
    callOptions: CallOptions,
    once: ExactlyOnce | undefined
  ): Promise<Result> {
    const { attempts } = checkTransaction(callback, options)
    const { core, group, enableOfflineQueue } = this.#host
    const outer = ENCLOSING.getStore()
    this.#refuseNested(outer)
    refuseOwnToken(callOptions)
    const { dispatcher } = core
    if (dispatcher.refuses) throw connectionClosedError()
    if (!enableOfflineQueue && dispatcher.offline) throw offlineQueueDisabledError(dispatcher.holdReasons)
    const progress = new Progress(
      { group, deadlineMs: dispatcher.deadlineMs, phase: () => core.topology.phase.kind },
      attempts,
      callOptions
    )
    const running = this.#onOwnConnection(progress, once, (tx) =>
      ENCLOSING.run({ of: this, progress, outer }, callback, tx)
    )
    this.#running.set(progress, running)
    try {
      return await running
    } catch (error) {
      const last = progress.last(error)
      if (last instanceof UnknownOutcomeError) dispatcher.counts.unknown += 1
      throw last
    } finally {
      this.#running.delete(progress)
      progress.end()
    }
  }

  /** Resolves when all of until now have ended, by their deadlines at the latest; not those in whose callbacks this is asked. */
  async settled(): Promise<void> {
    const { core } = this.#host
    const enclosing = new Set<Progress>()
    for (let one = ENCLOSING.getStore(); one !== undefined; one = one.outer) enclosing.add(one.progress)
    const others = [...this.#running].filter(([progress]) => !enclosing.has(progress))
    const longestMs = others.reduce((longest, [one]) => Math.max(longest, core.patienceMs(one.leftMs())), 0)
    await settledWithin(
      others.map(([, running]) => running),
      longestMs
    )
  }

  /** Ends all, whatever their callbacks wait for. */
  end(error: Error): void {
    for (const progress of this.#running.keys()) progress.close(error)
  }

  #refuseNested(outer: Enclosing | undefined): void {
    for (let one = outer; one !== undefined; one = one.outer) {
      if (one.of === this && !one.progress.over)
        throw new ConfigurationError(
          'transaction() was called within the callback of a transaction of the same client: it would wait for a connection while that one keeps its own, and would not be undone with it. Put all into one callback, or call it when the first has ended',
          { group: this.#host.group }
        )
    }
  }

  async #onOwnConnection<Result>(
    progress: Progress,
    once: ExactlyOnce | undefined,
    callback: Callback<Result>
  ): Promise<Result> {
    const { connections, core } = this.#host
    const db = core.dispatcher.database
    progress.ended.throwIfAborted()
    const connection = await connections.take(progress.ended)
    try {
      for (;;) {
        progress.ended.throwIfAborted()
        const outcome = await this.#once(this.#attempt(progress, once, connection, db), progress, callback)
        if (outcome !== 'again') return outcome.value
        await progress.beforeNext()
      }
    } finally {
      connections.giveBack(connection, !progress.ended.aborted)
    }
  }

  #attempt(progress: Progress, once: ExactlyOnce | undefined, connection: TransactionConnection, db: number): Attempt {
    const { group, client, core, readOnlyCommands } = this.#host
    return new Attempt(
      {
        group,
        client,
        connection,
        options: () => ({ deadlineMs: progress.leftMs() }),
        atExec: progress.atExec,
        once,
        isDeclaredRead: (name) => readOnlyCommands?.has(name.toLowerCase()) === true,
        wrote: (command) => {
          core.reads.wrote(command, db)
          core.dispatcher.wroteBeside(command, db)
        },
        conflict: (reason, keys) => progress.conflictError(reason, keys)
      },
      db
    )
  }

  async #once<Result>(
    attempt: Attempt,
    progress: Progress,
    callback: Callback<Result>
  ): Promise<'again' | { readonly value: Result }> {
    const cancel = (): void => {
      attempt.cancel(progress.ended.reason as Error)
    }
    progress.ended.addEventListener('abort', cancel, { once: true })
    try {
      const ran = await progress.run(async () => callback(transactionView(this.#host.client, attempt)))
      const unheard = attempt.execution.kind === 'pending'
      await attempt.executed()
      return valueOf(attempt, progress, ran, unheard)
    } finally {
      progress.ended.removeEventListener('abort', cancel)
      attempt.end(new Error('its callback had ended'))
    }
  }
}

/** What a run writes depends on what it reads, so the next one is another call. */
function refuseOwnToken({ exactlyOnce }: CallOptions): void {
  if (typeof exactlyOnce !== 'object' || exactlyOnce.token === undefined) return
  throw new ConfigurationError(
    `with({ exactlyOnce: { token } }) names one call with its arguments, and what a transaction writes depends on what it reads. Let the transaction ask itself: if (await tx.exists(${JSON.stringify(`done:${exactlyOnce.token}`)})) return, and set that key among its writes`
  )
}

/** What a run comes to. `unheard`: the callback ended before its EXEC, so its own end says nothing of that. Throws what the transaction is to end in. */
function valueOf<Result>(
  attempt: Attempt,
  progress: Progress,
  ran: Ran<Result>,
  unheard: boolean
): 'again' | { readonly value: Result } {
  const { execution, forgottenCommands } = attempt
  const over = progress.ended.aborted
  if (execution.kind === 'lost') {
    progress.lost()
    return 'again'
  }
  if (execution.kind === 'changed') {
    progress.conflicted(attempt.keys)
    return 'again'
  }
  if (execution.kind === 'unknown' && progress.idempotent && !over) {
    progress.unknown(execution.error)
    return 'again'
  }
  if (ran.kind === 'threw') throw ran.error
  const failed = execution.kind === 'failed' || execution.kind === 'unknown'
  if (ran.kind === 'ended') {
    if (failed) throw execution.error
    throw execution.kind === 'executed' ? progress.endedAfterExec() : progress.ended.reason
  }
  if (failed && unheard) throw execution.error
  if (attempt.broken !== undefined) throw attempt.broken
  if (forgottenCommands > 0)
    throw new ConfigurationError(
      `transaction(): the callback ended without exec(): ${forgottenCommands} ${forgottenCommands === 1 ? 'command was' : 'commands were'} put into tx.multi() and not executed. Write await tx.multi() … .exec(), and call tx.multi() only when it is to be executed`
    )
  return { value: ran.value }
}
