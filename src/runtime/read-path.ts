import type { AnyRedis } from './any-redis.js'
import type { ReadFrom } from '../routing/read-policy.js'
import { isBusy, refusalOf } from '../routing/refusal.js'
import type { Call } from './call.js'
import { databaseFor, isHeld, markHedged, markHeld, optionsOf, sequenceOf } from './call.js'
import type { CallConditions } from './call-conditions.js'
import type { DeadlineSweep } from './deadline-sweep.js'
import type { DispatcherContext } from './dispatcher-context.js'
import { HedgeBudget } from './hedge-budget.js'
import type { HeldQueue } from './held-queue.js'
import type { InFlight, PipelineStream } from './ioredis-internals.js'
import { connectionClosedError } from './ioredis-internals.js'
import type { PrimaryPath } from './primary-path.js'
import type { ReplicaConnection } from './replica-connection.js'
import { transactionOf } from './transaction.js'

/** The way of reads: to a replica that may answer them, to another one when it does not, or to the primary. */
export class ReadPath {
  readonly #context: DispatcherContext
  readonly #primary: PrimaryPath
  readonly #conditions: CallConditions
  readonly #deadlines: DeadlineSweep
  /** Reads that only a replica may answer, while there is none. */
  readonly #waiting: HeldQueue
  /** What waits for the primary. */
  readonly #held: HeldQueue
  readonly #hedges: HedgeBudget

  constructor(
    context: DispatcherContext,
    primary: PrimaryPath,
    conditions: CallConditions,
    deadlines: DeadlineSweep,
    waiting: HeldQueue,
    held: HeldQueue
  ) {
    this.#context = context
    this.#primary = primary
    this.#conditions = conditions
    this.#deadlines = deadlines
    this.#waiting = waiting
    this.#held = held
    this.#hedges = new HedgeBudget(() => context.counts.readsOnReplicas)
  }

  /** To a replica that the policy allows, else to the primary; when only a replica may answer, it waits for one. */
  send(command: Call, now?: number): void {
    const policy = this.#policyOf(command)
    for (let tries = 0; tries < 2 && policy !== 'primary'; tries++) {
      const replica = this.#chooseReplica(policy, [command], databaseFor(command))
      if (replica === 'failed') return
      if (replica === undefined) break
      if (replica.send(command, databaseFor(command), undefined, now)) {
        this.#context.counts.readsOnReplicas += 1
        this.#deadlines.start()
        return
      }
    }
    if (policy === 'replica') this.#primary.hold(command, false, this.#waiting)
    else this.#primary.send(command, undefined, now)
  }

  /** A pipeline of reads goes to one replica as a whole; true when it did. */
  sendPipeline(commands: readonly Call[], stream: PipelineStream): boolean {
    const { session, closed, counts, readPipelines } = this.#context
    const [first] = commands
    if (closed !== undefined || first === undefined) return false
    if (session.inTransaction || session.watching) return false
    if (!commands.every((command) => this.#context.intentOf(command) === 'read')) return false
    const policy = this.#policyOf(first)
    const replica = policy === 'primary' ? undefined : this.#chooseReplica(policy, commands, this.#context.database.now)
    if (replica === 'failed') return true
    if (replica === undefined && policy !== 'replica') {
      readPipelines.note(stream)
      if (!this.#primary.gate.open) readPipelines.wait(commands)
      return false
    }
    const now = Math.floor(performance.now())
    for (const command of commands) this.#context.issue(command, now)
    if (replica !== undefined) stream.destination.redis = replica.redis
    const wanted = commands.filter((command) => this.#conditions.attach(command, optionsOf(command) ?? {}))
    if (replica !== undefined) for (let i = wanted.length; i < commands.length; i++) stream.write('')
    if (replica === undefined) {
      for (const command of wanted) this.send(command)
      return true
    }
    for (const command of wanted) {
      if (!replica.send(command, databaseFor(command), stream)) this.send(command)
    }
    counts.readsOnReplicas += commands.length
    this.#deadlines.start()
    return true
  }

  /** Reads that a replica did not answer are asked of another node; a late answer of the first still counts if it is the first. */
  unanswered(items: readonly InFlight[]): void {
    const { closed, counts } = this.#context
    for (const { command } of items) {
      const call = command as Call
      if (call.isSettled || isHeld(call)) continue
      if (closed !== undefined || sequenceOf(call) === 0) call.reject(closed ?? connectionClosedError())
      else {
        counts.retried += 1
        this.send(call)
      }
    }
  }

  /**
   * Reads that a replica answers late are asked of another node beside it, and the first answer counts. Of a replica that answers others,
   * only a share of them.
   */
  late(items: readonly InFlight[], quiet: boolean, from: ReplicaConnection): void {
    for (const { command } of items) {
      const call = command as Call
      if (call.isSettled || (!quiet && !this.#hedges.take())) continue
      const asked = this.#hedge(call, from)
      if (asked === 'nobody') return
      if (asked === 'failed') continue
      markHedged(call, asked)
      this.#context.counts.hedged += 1
    }
  }

  /** Who is asked beside those that are late; not one that is quiet too. */
  #hedge(call: Call, from: ReplicaConnection): AnyRedis | 'failed' | 'nobody' {
    const policy = this.#policyOf(call)
    const replica = this.#chooseReplica(policy, [call], databaseFor(call), (one) => one !== from && !one.quiet)
    if (replica === 'failed') return replica
    if (replica?.send(call, databaseFor(call)) === true) return replica.redis
    if (policy === 'replica' || !this.#primary.mayTake(call)) return 'nobody'
    this.#primary.send(call, undefined)
    return this.#context.primary
  }

  /** An error reply of a replica; true when the read is asked elsewhere. */
  refused(error: Error, { command }: InFlight, from: ReplicaConnection): boolean {
    const { closed, counts } = this.#context
    const call = command as Call
    // SCRIPT LOAD goes to the primary, and from Redis 7 on replicas are not told of scripts.
    const isOfPrimary = error.message.startsWith('NOSCRIPT ') && this.#policyOf(call) !== 'replica'
    const refusal = refusalOf(error.message)
    if (refusal === undefined && !isBusy(error.message) && !isOfPrimary) return false
    // Also by its answer to a read that another has answered meanwhile, or to a question of this library's own.
    if (refusal !== 'demoted' && !isOfPrimary) from.refused(error.message)
    if (call.isSettled || sequenceOf(call) === 0 || closed !== undefined) return false
    if (isHeld(call)) return true
    counts.retried += 1
    if (refusal === 'demoted' || isOfPrimary) this.#primary.send(call, undefined)
    else this.send(call)
    return true
  }

  /** A replica became usable, or ceased to be: reads that may only go to replicas are tried again. */
  readersChanged(): void {
    for (const { command } of this.#waiting.remove(() => true)) {
      markHeld(command, false)
      if (!command.isSettled) this.send(command)
    }
    this.leavePrimary()
  }

  /** Reads that wait for the primary, and that a replica may answer by now, go there. */
  leavePrimary(): void {
    const { session, counts, closed } = this.#context
    // What a transaction on watched keys is decided by must not come from a replica that lags behind the WATCH.
    if (closed !== undefined || this.#held.length === 0 || session.inTransaction || session.watching) return
    const leaving = new Map<Call, ReplicaConnection | 'failed' | 'settled'>()
    for (const { command } of this.#held) {
      if (!this.#mayLeave(command)) continue
      // A replica that was silent may have answered it after all.
      const replica = command.isSettled
        ? 'settled'
        : this.#chooseReplica(this.#policyOf(command), [command], databaseFor(command))
      if (replica !== undefined) leaving.set(command, replica)
    }
    if (leaving.size === 0) return
    const now = performance.now()
    for (const { command, since } of this.#held.remove((item) => leaving.has(item.command))) {
      const replica = leaving.get(command)
      markHeld(command, false)
      if (typeof replica !== 'object') continue
      counts.longestHoldMs = Math.max(counts.longestHoldMs, now - since)
      if (replica.send(command, databaseFor(command))) counts.readsOnReplicas += 1
      else this.#primary.hold(command, true)
    }
    this.#deadlines.start()
  }

  /** It is a read, and no part of a pipeline or transaction that writes too: those are the primary's as a whole. */
  #mayLeave(call: Call): boolean {
    return (
      this.#context.readPipelines.isApart(call) &&
      transactionOf(call) === undefined &&
      this.#policyOf(call) !== 'primary' &&
      this.#context.intentOf(call) === 'read'
    )
  }

  #policyOf(command: Call): ReadFrom {
    const options = optionsOf(command)
    const policy = options?.readFrom ?? this.#context.options.readFrom
    // Replicas may never hold what another client's session has seen, and the read must not fail for it.
    return policy === 'replica' && options?.session !== undefined ? 'replicaPreferred' : policy
  }

  /** A policy may be the user's function: what it throws fails the reads, wherever they were tried from. */
  #chooseReplica(
    policy: ReadFrom,
    commands: readonly Call[],
    db: number,
    fit?: (one: ReplicaConnection) => boolean
  ): ReplicaConnection | undefined | 'failed' {
    try {
      return this.#context.host.chooseReplica(policy, commands, db, fit)
    } catch (error) {
      for (const command of commands) command.reject(error instanceof Error ? error : new Error(String(error)))
      return 'failed'
    }
  }
}
