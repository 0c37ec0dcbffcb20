import { Command } from 'ioredis'
import type { ChainableCommander } from 'ioredis'
import type { AnyRedis } from '../any-redis.js'
import type { ConflictReason } from '../../errors.js'
import { ConfigurationError, UnknownOutcomeError } from '../../errors.js'
import type { Arg } from '../../routing/arg.js'
import { refusedAsRead, refusedInChain } from '../../routing/transaction-rules.js'
import type { CallOptions } from '../call.js'
import { setOptions } from '../call.js'
import { Carrier } from '../exactly-once-carrier.js'
import type { ExactlyOnce, OnceBatch } from '../exactly-once.js'
import { keysIn, pipelineCommands } from '../ioredis-internals.js'
import { execute, executeOnce } from './execution.js'
import type { ExecWire } from './execution.js'
import type { TransactionConnection } from './transaction-connections.js'

/** What became of EXEC. `lost`: it was not sent, since the connection by which keys were watched is gone. */
type Execution =
  | { readonly kind: 'none' | 'pending' | 'executed' | 'lost' | 'changed' }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'unknown'; readonly error: UnknownOutcomeError }

export interface AttemptHost {
  readonly group: string
  /** Whose scripts the chain may call. */
  readonly client: AnyRedis
  readonly connection: TransactionConnection
  /** For each call: the deadline that is left. */
  options(): CallOptions
  /** For EXEC, besides. */
  readonly atExec: CallOptions
  /** With exactlyOnce. */
  readonly once: ExactlyOnce | undefined
  isDeclaredRead(name: string): boolean
  /** What this run reads and writes to is said in the client's own books. */
  wrote(command: Command): void
  /** The error of a run that is to be made again. */
  conflict(reason: ConflictReason, keys: readonly string[]): Error
}

/** One run of a transaction's callback on its connection: what it may call, what it watches, and what became of its EXEC. */
export class Attempt {
  readonly #host: AttemptHost
  readonly #redis: AnyRedis
  readonly #watched = new Map<string, string>()
  readonly #pending = new Set<Command>()
  #chain: ChainableCommander | undefined
  #execution: Execution = { kind: 'none' }
  #settled: Promise<unknown> = Promise.resolve()
  #lost = false
  /** Why nothing is taken any more. */
  #over: Error | undefined
  /** WATCH, or SELECT, was refused: what was read may have changed unseen. */
  broken: Error | undefined

  constructor(host: AttemptHost, db: number) {
    this.#host = host
    this.#redis = host.connection.redis
    const { dispatcher } = host.connection.core
    dispatcher.onWatchLost = () => {
      this.#watchLost()
    }
    if (dispatcher.database !== db) this.#sendOwn('select', [String(db)])
  }

  get keys(): readonly string[] {
    return [...this.#watched.values()]
  }

  get over(): boolean {
    return this.#over !== undefined
  }

  get execution(): Execution {
    return this.#lost ? { kind: 'lost' } : this.#execution
  }

  /** The chain holds commands, and exec() was not called. */
  get forgottenCommands(): number {
    return this.#execution.kind === 'none' && this.#chain !== undefined ? this.#chain.length - 1 : 0
  }

  /** Resolves when EXEC is over, if it was called. */
  async executed(): Promise<void> {
    await this.#settled
  }

  /** A call on `tx`. */
  send(command: Command): Promise<unknown> {
    const refusal = this.#refusal(command)
    if (refusal !== undefined) {
      command.reject(refusal)
      return command.promise
    }
    if (command.name.toLowerCase() === 'watch') this.#noteWatched(command.args as Arg[])
    else this.#watch(keysIn(command))
    this.#dispatch(command, this.#host.options())
    return command.promise
  }

  /** `chain`: what ioredis's multi() gave. */
  multi(chain: ChainableCommander): ChainableCommander {
    const refusal = this.#stateRefusal('MULTI')
    if (refusal !== undefined) throw refusal
    if (this.#chain !== undefined)
      throw this.#misuse(
        'tx.multi() was called twice: a transaction has one EXEC a run; put all writes into one tx.multi() … .exec()'
      )
    this.#chain = chain
    pipelineCommands(chain, (queue) => {
      this.#execute(queue)
      return true
    })
    const exec = chain.exec.bind(chain)
    chain.exec = (callback) => {
      const late = this.#execution.kind === 'none' ? this.#stateRefusal('EXEC') : undefined
      const results = late === undefined ? exec().then((given) => this.#results(given)) : Promise.reject(late)
      // Its error is the run's too, and nobody may wait for it.
      results.catch(() => undefined)
      if (callback !== undefined)
        results.then((given) => {
          callback(null, given)
        }, callback)
      return results
    }
    return chain
  }

  /** It is over: what is called from now on is refused. Keys are watched no more. */
  end(why: Error): void {
    if (this.#over !== undefined) return
    this.#over = why
    this.#host.connection.core.dispatcher.onWatchLost = undefined
    // EXEC ends that by itself; one that failed may never have been sent.
    const { kind } = this.#execution
    if (this.#watched.size > 0 && (kind === 'none' || kind === 'failed')) this.#sendOwn('unwatch', [])
  }

  /** It is given up in the midst: what has not been answered is rejected, but for EXEC, whose end is its own. */
  cancel(why: Error): void {
    this.end(why)
    for (const command of this.#pending) command.reject(why)
  }

  #refusal({ name, args }: Command): Error | undefined {
    const shown = name.toUpperCase()
    const state = this.#stateRefusal(shown)
    if (state !== undefined || shown === 'WATCH') return state
    const reason = refusedAsRead(name, args as Arg[], this.#host.isDeclaredRead(name))
    return reason === undefined ? undefined : this.#misuse(reason, name)
  }

  #stateRefusal(shown: string): Error | undefined {
    if (this.#over !== undefined)
      return this.#misuse(
        `${shown} was called on tx when its transaction was over: tx is good until its callback has ended; is an await missing in it?`,
        shown.toLowerCase(),
        this.#over
      )
    if (this.#lost) return this.#host.conflict('connection-lost', this.keys)
    if (this.#execution.kind !== 'none')
      return this.#misuse(
        `${shown} was called on tx after exec(): what is read then is part of no transaction; read before, or by the client itself`,
        shown.toLowerCase()
      )
    return this.broken
  }

  #misuse(message: string, command?: string, cause?: Error): ConfigurationError {
    return new ConfigurationError(`transaction(): ${message}`, {
      group: this.#host.group,
      ...(command === undefined ? {} : { command }),
      ...(cause === undefined ? {} : { cause })
    })
  }

  #noteWatched(keys: readonly Arg[]): Arg[] {
    const fresh = keys.filter((key) => !this.#watched.has(idOf(key)))
    for (const key of fresh) this.#watched.set(idOf(key), String(key))
    return fresh
  }

  /** In front of the read, in the same write: what it gives is what EXEC relies on. */
  #watch(keys: readonly Arg[]): void {
    const fresh = this.#noteWatched(keys)
    if (fresh.length > 0) this.#sendOwn('watch', fresh)
  }

  #sendOwn(name: string, args: readonly Arg[]): void {
    const command = new Command(name, args as string[], { replyEncoding: 'utf8' })
    setOptions(command, this.#host.options())
    command.promise.catch((error: unknown) => {
      if (this.#over === undefined) this.broken ??= error as Error
    })
    this.#redis.sendCommand(command)
  }

  #dispatch(command: Command, options: CallOptions): void {
    setOptions(command, options)
    this.#pending.add(command)
    const forget = (): void => void this.#pending.delete(command)
    command.promise.then(forget, forget)
    this.#redis.sendCommand(command)
  }

  #execute(queue: readonly Command[]): void {
    const exec = queue.at(-1) as Command
    const members = queue.slice(1, -1)
    const refusal = members
      .map(({ name, args }) => refusedInChain(name, args as Arg[]))
      .find((reason) => reason !== undefined)
    const batch = refusal === undefined && members.length > 0 ? this.#host.once?.batch(members) : undefined
    const error = refusal === undefined ? (this.broken ?? batch) : this.#misuse(refusal)
    if (error instanceof Error) {
      this.#execution = { kind: 'failed', error }
      for (const command of queue) command.reject(error)
      return
    }
    this.#execution = { kind: 'pending' }
    for (const member of members) this.#host.wrote(member)
    const ended =
      batch === undefined ? execute(queue, exec, this.#wire) : executeOnce(queue, exec, batch as OnceBatch, this.#wire)
    this.#settled = ended
      .then(
        (end): Execution => ({ kind: typeof end === 'string' ? end : 'executed' }),
        (problem: unknown): Execution =>
          problem instanceof UnknownOutcomeError
            ? { kind: 'unknown', error: problem }
            : { kind: 'failed', error: problem as Error }
      )
      .then((execution) => {
        // What was asked of the primary meanwhile may have been before it.
        for (const member of members) this.#host.wrote(member)
        this.#execution = execution
      })
  }

  readonly #wire: ExecWire = {
    sendAll: (commands, exec) => {
      const options = this.#host.options()
      for (const command of commands) {
        const more = command === exec ? this.#host.atExec : command instanceof Carrier ? { idempotent: true } : {}
        setOptions(command, { ...options, ...more })
      }
      this.#host.connection.sendTogether(commands)
    },
    sendAlone: (command) => {
      setOptions(command, { ...this.#host.options(), ...this.#host.atExec, idempotent: true })
      this.#redis.sendCommand(command)
    }
  }

  /** What exec() gives: never null. */
  async #results(given: [error: Error | null, result: unknown][] | null): Promise<[Error | null, unknown][]> {
    await this.#settled
    if (given !== null) return given
    throw this.#host.conflict(this.#execution.kind === 'lost' ? 'connection-lost' : 'changed', this.keys)
  }

  #watchLost(): void {
    if (this.#over !== undefined || this.#execution.kind !== 'none') return
    this.#lost = true
    const error = this.#host.conflict('connection-lost', this.keys)
    for (const command of this.#pending) command.reject(error)
  }
}

function idOf(key: Arg): string {
  return Buffer.isBuffer(key) ? key.toString('latin1') : Buffer.from(String(key)).toString('latin1')
}
