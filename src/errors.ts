import type { AccessReason, Hop } from './protocol/access.js'
import type { Address } from './protocol/address.js'
import { formatAddress } from './protocol/address.js'

/** What went wrong, for `switch`. One code, one class. */
export type SentinelErrorCode =
  | 'CONFIGURATION'
  | 'ACCESS'
  | 'NO_PRIMARY'
  | 'NO_REPLICA'
  | 'SENTINELS_UNREACHABLE'
  | 'DEADLINE'
  | 'QUEUE_FULL'
  | 'UNKNOWN_OUTCOME'
  | 'NOT_DURABLE'
  | 'CURSOR_LOST'
  | 'CONFLICT'
  | 'ABORTED'
  | 'FAILOVER'

/**
 * How far the call had come. `options`: it was never made. `discovering`: no primary known. `queued`: waiting here, never
 * written to a socket. `in-flight`: written, no reply.
 */
export type Stage = 'options' | 'discovering' | 'queued' | 'in-flight'

export interface ErrorContext {
  /** The group's name. */
  readonly group?: string | undefined
  readonly stage: Stage
  /** The node or sentinel concerned. */
  readonly endpoint?: Address | undefined
  /** The kind of the topology's phase when it happened. */
  readonly phase?: string | undefined
  readonly command?: string | undefined
  readonly cause?: unknown
}

const BRAND: unique symbol = Symbol.for('ioredis-sentinel.error')

/**
 * Base of every error this library makes. `instanceof` holds across two copies of the package in one process, because the
 * check looks for a brand from the global symbol registry.
 */
export class SentinelError extends Error {
  /** Written out, since bundlers rename classes. */
  static override readonly name: string = 'SentinelError'
  readonly code: SentinelErrorCode
  readonly group: string | undefined
  readonly stage: Stage
  /** `host:port` of the node or sentinel concerned. */
  readonly endpoint: string | undefined
  readonly phase: string | undefined
  /** The command's name; its arguments are never kept, they may be secret. */
  readonly command: string | undefined
  readonly [BRAND]: SentinelErrorCode

  constructor(code: SentinelErrorCode, message: string, context: ErrorContext) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause })
    this.code = code
    this.group = context.group
    this.stage = context.stage
    this.endpoint = context.endpoint === undefined ? undefined : formatAddress(context.endpoint)
    this.phase = context.phase
    this.command = context.command
    Object.defineProperty(this, BRAND, { value: code, enumerable: false })
    this[BRAND] = code
  }

  override get name(): string {
    return this.constructor.name
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true
    const code = brandOf(value)
    if (code === undefined) return false
    if (this === SentinelError) return true
    // A user's own subclass inherits the code, and is not what every error of that code is.
    return Object.hasOwn(this, 'code') && (this as { readonly code?: SentinelErrorCode }).code === code
  }
}

function brandOf(value: unknown): SentinelErrorCode | undefined {
  return typeof value === 'object' && value !== null && BRAND in value ? (value[BRAND] as SentinelErrorCode) : undefined
}

/** An option, URL or argument is wrong. The message says what was given, what is allowed, and where. Thrown at once by the constructor and `with()`; what a call is given makes that call reject. */
export class ConfigurationError extends SentinelError {
  static readonly code = 'CONFIGURATION'
  static override readonly name: string = 'ConfigurationError'
  constructor(message: string, context: Partial<ErrorContext> = {}) {
    super(ConfigurationError.code, message, { stage: 'options', ...context })
  }
}

/**
 * A server was reached and does not let this client in, or what it showed may not be trusted: password, right, certificate, TLS. The
 * message says which server, what it said, and what to do. Nothing was sent to it but the greeting, and it is tried again.
 */
export class AccessError extends SentinelError {
  static readonly code = 'ACCESS'
  static override readonly name: string = 'AccessError'
  readonly reason: AccessReason
  /** `node`: the primary or a replica. `sentinel`: a sentinel. */
  readonly hop: Hop
  /** What to do about it; the end of the message. */
  readonly remedy: string
  constructor(
    message: string,
    context: ErrorContext & { readonly reason: AccessReason; readonly hop: Hop; readonly remedy: string }
  ) {
    super(AccessError.code, message, context)
    this.reason = context.reason
    this.hop = context.hop
    this.remedy = context.remedy
  }
}

/** The sentinels answer, but there is no primary to write to: they do not know the name, or none could be verified. */
export class NoPrimaryError extends SentinelError {
  static readonly code = 'NO_PRIMARY'
  static override readonly name: string = 'NoPrimaryError'
  /** The group names that the sentinels do know. */
  readonly knownNames: readonly string[]
  constructor(message: string, context: ErrorContext & { readonly knownNames?: readonly string[] }) {
    super(NoPrimaryError.code, message, context)
    this.knownNames = context.knownNames ?? []
  }
}

/** `readFrom: 'replica'` and no replica can serve. */
export class NoReplicaError extends SentinelError {
  static readonly code = 'NO_REPLICA'
  static override readonly name: string = 'NoReplicaError'
  constructor(message: string, context: ErrorContext) {
    super(NoReplicaError.code, message, context)
  }
}

/** No sentinel answers. `causes` holds one error a sentinel, keyed by `host:port`. */
export class SentinelsUnreachableError extends SentinelError {
  static readonly code = 'SENTINELS_UNREACHABLE'
  static override readonly name: string = 'SentinelsUnreachableError'
  readonly causes: Readonly<Record<string, Error>>
  constructor(message: string, context: ErrorContext & { readonly causes: Readonly<Record<string, Error>> }) {
    super(SentinelsUnreachableError.code, message, context)
    this.causes = context.causes
  }
}

/** The call's `deadlineMs` passed. With stage `queued` it was certainly not executed. */
export class DeadlineError extends SentinelError {
  static readonly code = 'DEADLINE'
  static override readonly name: string = 'DeadlineError'
  readonly deadlineMs: number
  constructor(message: string, context: ErrorContext & { readonly deadlineMs: number }) {
    super(DeadlineError.code, message, context)
    this.deadlineMs = context.deadlineMs
  }
}

/** Too many calls, or bytes, are waiting for a primary. This call was not queued and not executed. */
export class QueueFullError extends SentinelError {
  static readonly code = 'QUEUE_FULL'
  static override readonly name: string = 'QueueFullError'
  constructor(message: string, context: ErrorContext) {
    super(QueueFullError.code, message, context)
  }
}

/**
 * The command was written to a socket and no reply came: it may have been executed, or not. It was not sent again, since it
 * could then take effect twice; `with({ idempotent: true })` says that this is harmless, `with({ exactlyOnce: true })` makes
 * it so.
 */
export class UnknownOutcomeError extends SentinelError {
  static readonly code = 'UNKNOWN_OUTCOME'
  static override readonly name: string = 'UnknownOutcomeError'
  constructor(message: string, context: ErrorContext) {
    super(UnknownOutcomeError.code, message, context)
  }
}

/**
 * The primary executed the write and acknowledged it, and fewer replicas than `durability` asks for are known to hold it. It
 * stays on the primary, and is lost if that fails before its replicas have it.
 */
export class DurabilityError extends SentinelError {
  static readonly code = 'NOT_DURABLE'
  static override readonly name: string = 'DurabilityError'
  /** How many replicas are known to hold the write. */
  readonly confirmed: number
  /** How many were asked for. */
  readonly replicas: number
  constructor(message: string, context: ErrorContext & { readonly confirmed: number; readonly replicas: number }) {
    super(DurabilityError.code, message, context)
    this.confirmed = context.confirmed
    this.replicas = context.replicas
  }
}

/**
 * A SCAN, HSCAN, SSCAN or ZSCAN was to go on from a cursor that was given on a connection to the primary which is gone. It was not
 * sent: in another process the cursor leaves out elements, and nothing tells. Begin again at 0.
 */
export class CursorLostError extends SentinelError {
  static readonly code = 'CURSOR_LOST'
  static override readonly name: string = 'CursorLostError'
  readonly cursor: string
  constructor(message: string, context: ErrorContext & { readonly cursor: string }) {
    super(CursorLostError.code, message, context)
    this.cursor = context.cursor
  }
}

/** Why a run of a transaction came to nothing: a watched key was changed, or the connection by which keys were watched was lost. */
export type ConflictReason = 'changed' | 'connection-lost'

/**
 * A transaction() was run `attempts` times, and each time another client changed a key that was watched before EXEC: nothing was
 * executed. Within the callback, calls of a run that is to be made again reject with it too.
 */
export class ConflictError extends SentinelError {
  static readonly code = 'CONFLICT'
  static override readonly name: string = 'ConflictError'
  readonly reason: ConflictReason
  /** The keys that were watched in the last run, as the server knows them: with `keyPrefix`. At most 100. */
  readonly keys: readonly string[]
  /** How many runs have ended in a conflict. */
  readonly attempts: number
  constructor(
    message: string,
    context: ErrorContext & {
      readonly reason: ConflictReason
      readonly keys: readonly string[]
      readonly attempts: number
    }
  ) {
    super(ConflictError.code, message, context)
    this.reason = context.reason
    this.keys = context.keys
    this.attempts = context.attempts
  }
}

/**
 * The call's `signal` was aborted; `cause` is the signal's reason. With stage `queued` it was certainly not executed, with
 * `in-flight` it may have been, or may still be.
 */
export class AbortedError extends SentinelError {
  static readonly code = 'ABORTED'
  static override readonly name: string = 'AbortedError'
  constructor(message: string, context: ErrorContext) {
    super(AbortedError.code, message, context)
  }
}

/**
 * How far a failover() had come. `prepare`: connections, rights. `wait`: for replicas that keep up, and for the moment. `pause`,
 * `catch-up`: writes are stopped, a replica gets the last of them. `ask`: SENTINEL FAILOVER. `promote`: until a replica is the
 * primary. `repoint`: the old one is made a replica. `announce`: until all sentinels name the new one. `let go`: the clients of the
 * old one are sent away. `follow`: until this client writes to the new one.
 */
export type FailoverStep =
  'prepare' | 'wait' | 'pause' | 'catch-up' | 'ask' | 'promote' | 'repoint' | 'announce' | 'let go' | 'follow'

/** A failover that was asked for by failover() did not come to its end. The message says what was undone and what to do. */
export class FailoverFailedError extends SentinelError {
  static readonly code = 'FAILOVER'
  static override readonly name: string = 'FailoverFailedError'
  readonly step: FailoverStep
  /** `unchanged`: the old primary takes writes as before. `moved`: there is a new one, and only the rest failed. `unknown`: a sentinel was asked and may promote one yet. */
  readonly primary: 'unchanged' | 'moved' | 'unknown'
  constructor(
    message: string,
    context: ErrorContext & { readonly step: FailoverStep; readonly primary: 'unchanged' | 'moved' | 'unknown' }
  ) {
    super(FailoverFailedError.code, message, context)
    this.step = context.step
    this.primary = context.primary
  }
}
