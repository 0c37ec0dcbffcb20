import type { Arg } from '../routing/arg.js'
import { blockingMs } from '../routing/blocking.js'
import type { Call, CallOptions } from './call.js'
import { callMayWrite } from './call-repeat.js'
import type { CallErrors } from './call-errors.js'
import type { Confirmation, Durability, DurabilityWaits } from './durability-waits.js'
import type { Overwrites } from './overwrites.js'
import { SignalListeners } from './signal-listeners.js'
import { transactionOf } from './transaction.js'

export interface ConditionsHost {
  readonly errors: CallErrors
  readonly durability: DurabilityWaits
  readonly overwrites: Overwrites
  /** Ends a call that waits, with what it is part of; false when it does not wait. */
  withdraw(call: Call, errorAt: (stage: 'queued' | 'in-flight') => Error): boolean
  /** Ends a blocking call on the server, if that is what the connection waits for; false when it is not, or could not be done. */
  unblock(call: Call): Promise<boolean>
  /** To be sent again if a second execution is harmless; false when it is not. */
  repeat(call: Call): boolean
}

/** What with() attaches to a call beyond where it goes: a signal that ends it early, and replicas that must have it before it resolves. */
export class CallConditions {
  readonly #host: ConditionsHost
  readonly #signals = new SignalListeners()
  readonly #unconfirmed = new Set<Call>()

  constructor(host: ConditionsHost) {
    this.#host = host
  }

  /** Executed, and waiting for replicas. */
  get unconfirmed(): ReadonlySet<Call> {
    return this.#unconfirmed
  }

  /** False when the call is over before it began. */
  attach(call: Call, { signal, durability }: CallOptions): boolean {
    if (signal?.aborted === true) {
      call.reject(this.#host.errors.aborted(call, 'queued', signal.reason))
      return false
    }
    if (signal !== undefined) this.#listen(call, signal)
    if (durability !== undefined && callMayWrite(call)) this.#confirmFirst(call, durability)
    return true
  }

  #listen(call: Call, signal: AbortSignal): void {
    const forget = this.#signals.add(signal, () => {
      if (!call.isSettled) this.#abort(call, signal.reason)
    })
    call.promise.then(forget, forget)
  }

  #abort(call: Call, reason: unknown): void {
    const { errors } = this.#host
    if (this.#host.withdraw(call, (stage) => errors.aborted(call, stage, reason))) return
    const aborted = errors.aborted(call, 'in-flight', reason)
    if (blockingMs(call.name, call.args as Arg[]) === undefined || this.#unconfirmed.has(call)) {
      call.reject(aborted)
      return
    }
    // What it got in the very moment is given all the same: an element that was popped is nowhere else.
    const { resolve } = call
    call.resolve = (value) => {
      if (value === null) call.reject(aborted)
      else resolve(value)
    }
    call.unblockedBy = aborted
    void this.#host.unblock(call).then((done) => {
      if (!done && !call.isSettled) call.reject(aborted)
    })
  }

  #confirmFirst(call: Call, need: Durability): void {
    const { overwrites } = this.#host
    const { resolve, reject } = call
    const settle = (value: unknown): void => {
      overwrites.forget(call)
      resolve(value)
    }
    overwrites.follow(call)
    call.reject = (error) => {
      overwrites.forget(call)
      reject(error)
    }
    call.resolve = (value) => {
      const queued = transactionOf(call) !== undefined && call.name.toLowerCase() !== 'exec'
      if (call.isSettled || queued || value === null) {
        settle(value)
        return
      }
      this.#unconfirmed.add(call)
      void this.#host.durability.confirm(need).then((confirmation) => {
        this.#unconfirmed.delete(call)
        if (!call.isSettled) this.#confirmed(call, need, confirmation, () => settle(value))
      })
    }
  }

  #confirmed(call: Call, need: Durability, confirmation: Confirmation, resolve: () => void): void {
    if (confirmation.kind === 'replaced') call.confirmationLost = true
    if (confirmation.kind === 'confirmed' && confirmation.replicas >= need.replicas) resolve()
    else if (confirmation.kind !== 'replaced' || !this.#host.repeat(call))
      call.reject(this.#host.errors.notDurable(call, need, confirmation))
  }
}
