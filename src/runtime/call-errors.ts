import type { Command } from 'ioredis'
import { DeadlineError, NoReplicaError, QueueFullError, UnknownOutcomeError } from '../errors.js'
import type { ErrorContext } from '../errors.js'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import type { HoldReason } from './gate.js'
import type { HeldQueue } from './held-queue.js'

/** The errors that calls end in, worded in one place. Arguments of commands are never part of them: they may be secret. */
export class CallErrors {
  readonly #group: string
  readonly #phase: () => string

  constructor(group: string, phase: () => string) {
    this.#group = group
    this.#phase = phase
  }

  unknown(command: Command, endpoint: Address | undefined): UnknownOutcomeError {
    const where = endpoint === undefined ? 'the primary' : formatAddress(endpoint)
    return new UnknownOutcomeError(
      `${nameOf(command)} was written to ${where} and the connection was lost before the reply: it may have been executed. It was not sent again, since it could take effect twice; with({ idempotent: true }) says that this is harmless`,
      this.#context(command, 'in-flight', endpoint)
    )
  }

  queueFull(
    command: Command,
    queue: HeldQueue,
    most: { readonly commands: number; readonly bytes: number }
  ): QueueFullError {
    return new QueueFullError(
      `${nameOf(command)} was not queued: ${queue.length} calls of ${queue.bytes} bytes already wait for the primary of "${this.#group}" (maxQueuedCommands ${most.commands}, maxQueuedBytes ${most.bytes})`,
      this.#context(command, 'queued', undefined)
    )
  }

  noReplica(command: Command, deadlineMs: number): NoReplicaError {
    return new NoReplicaError(
      `${nameOf(command)}: no replica of "${this.#group}" could answer within ${deadlineMs} ms`,
      this.#context(command, 'queued', undefined)
    )
  }

  /** It waited here all the time and was not executed. */
  waitedTooLong(
    command: Command,
    deadlineMs: number,
    reasons: readonly HoldReason[],
    cause: Error | undefined
  ): DeadlineError {
    const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`
    return new DeadlineError(
      `${nameOf(command)} did not finish within ${deadlineMs} ms: it waited here the whole time${why} and was not executed`,
      {
        ...this.#context(command, 'queued', undefined),
        deadlineMs,
        cause
      }
    )
  }

  /** It was written, or is repeatable and was written once, and the answer did not come in time. */
  unanswered(command: Command, deadlineMs: number, endpoint: Address | undefined): DeadlineError {
    return new DeadlineError(
      `${nameOf(command)} did not finish within ${deadlineMs} ms: it was written and got no reply`,
      {
        ...this.#context(command, 'in-flight', endpoint),
        deadlineMs
      }
    )
  }

  #context(command: Command, stage: ErrorContext['stage'], endpoint: Address | undefined): ErrorContext {
    return { group: this.#group, stage, endpoint, phase: this.#phase(), command: command.name }
  }
}

function nameOf(command: Command): string {
  return command.name.toUpperCase()
}
