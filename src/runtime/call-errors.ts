import type { Command } from 'ioredis'
import {
  AbortedError,
  CursorLostError,
  DeadlineError,
  DurabilityError,
  NoReplicaError,
  QueueFullError,
  UnknownOutcomeError
} from '../errors.js'
import type { ErrorContext } from '../errors.js'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import type { Call } from './call.js'
import type { Confirmation, Durability } from './durability-waits.js'
import { DURABILITY_CHANNEL } from './durability-waits.js'
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
    if ((command as Call).carries !== undefined)
      return new UnknownOutcomeError(
        `${nameOf(command)} was written to ${where} and its reply did not come in time: it may have been executed, once. The same call made again with the same token gives its reply, if the token was your own: with({ exactlyOnce: { token } })`,
        this.#context(command, 'in-flight', endpoint)
      )
    if (command.name.toLowerCase() === 'xreadgroup')
      return new UnknownOutcomeError(
        `${nameOf(command)} was written to ${where} and the connection was lost before the reply: it may have taken entries, which are then pending for its consumer. Read them with id 0 instead of ">"; it was not sent again, since it would take others`,
        this.#context(command, 'in-flight', endpoint)
      )
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

  /** A scan whose cursor was given on a connection that is gone. */
  cursorLost(command: Command, cursor: string): CursorLostError {
    return new CursorLostError(
      `${nameOf(command)} from cursor ${cursor} was not sent: the connection to the primary of "${this.#group}" that gave this cursor was lost, and another process would leave out elements for it. Begin again at cursor 0`,
      { ...this.#context(command, 'queued', undefined), cursor }
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

  /** `queued`: it was not executed. `in-flight`: it was written. */
  aborted(command: Command, stage: 'queued' | 'in-flight', reason: unknown): AbortedError {
    const what = stage === 'queued' ? 'it was not executed' : 'it had been written, and may have been executed'
    return new AbortedError(`${nameOf(command)} was aborted by its signal: ${what}`, {
      ...this.#context(command, stage, undefined),
      cause: reason
    })
  }

  /** Executed and acknowledged, and not known to be held by enough replicas. */
  notDurable(command: Command, { replicas, timeoutMs }: Durability, confirmation: Confirmation): DurabilityError {
    const confirmed = confirmation.kind === 'confirmed' ? confirmation.replicas : 0
    const cause = confirmation.kind === 'failed' ? confirmation.cause : undefined
    const remedy =
      cause !== undefined && cause.message.startsWith('NOPERM')
        ? ` (the user needs +publish, +wait and the channel &${DURABILITY_CHANNEL})`
        : ''
    const why = {
      confirmed: `${confirmed} of ${replicas} replicas confirmed it within ${timeoutMs} ms`,
      replaced: `the connection to that primary was lost before ${replicas} replicas had confirmed it`,
      failed: `WAIT could not be asked: ${cause?.message ?? ''}${remedy}`
    }[confirmation.kind]
    return new DurabilityError(
      `${nameOf(command)} was executed by the primary, but ${why}: it is lost if that primary fails before its replicas have it`,
      { ...this.#context(command, 'in-flight', undefined), confirmed, replicas, cause }
    )
  }

  #context(command: Command, stage: ErrorContext['stage'], endpoint: Address | undefined): ErrorContext {
    return {
      group: this.#group,
      stage,
      endpoint,
      phase: this.#phase(),
      command: (command as Call).carries ?? command.name
    }
  }
}

function nameOf(command: Command): string {
  return ((command as Call).carries ?? command.name).toUpperCase()
}
