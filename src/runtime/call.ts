import type { Command } from 'ioredis'
import { inspect } from 'node:util'
import type { AnyRedis } from './any-redis.js'
import { ConfigurationError } from '../errors.js'
import { suggestion } from '../nearest.js'
import { checkReadFrom } from '../options/values.js'
import type { Arg } from '../routing/arg.js'
import { blockingMs } from '../routing/blocking.js'
import type { ExactlyOnceSetting } from '../routing/exactly-once/options.js'
import type { ReadFrom } from '../routing/read-policy.js'
import type { SessionPoint } from '../routing/session-token.js'
import { LONGEST_TIMER_MS } from '../options/longest-timer.js'
import { parseSession } from '../routing/session-token.js'
import type { Durability } from './durability-waits.js'
import type { Contact } from './contact.js'
import { checkExactlyOnce } from './exactly-once-options.js'

/** Options of one call, or of the view that `with()` returns. */
export interface CallOptions {
  /** A second execution is harmless: after a lost connection the command is sent again instead of failing as unknown. */
  readonly idempotent?: boolean | undefined
  /** Milliseconds for this call in all: waiting, retries and reply. */
  readonly deadlineMs?: number | undefined
  readonly readFrom?: ReadFrom | undefined
  /**
   * A write resolves when so many replicas are known to hold it, and rejects with DurabilityError when they do not within
   * `timeoutMs` of the primary's reply. Reads are not affected.
   */
  readonly durability?: Durability | undefined
  /**
   * Ends the call early, with AbortedError: one that waits here is not executed, one that was written may have been. A
   * blocking call is ended on the server too; what it got in that moment is given nevertheless.
   */
  readonly signal?: AbortSignal | undefined
  /**
   * A write, a script or a multi() takes effect once, however often it has to be sent, and gives its first reply: the primary
   * keeps that with a token. Reads are not affected. What this costs and what it cannot do is told in docs/guarantees.md.
   */
  readonly exactlyOnce?: ExactlyOnceSetting | undefined
  /**
   * What `session()` of another client of this group gave, in this process or another: reads see at least what that one had written
   * then. They go to a replica that is known to hold it, else to the primary, also with `readFrom: 'replica'`; none fails for it.
   */
  readonly session?: string | undefined
}

/** Options of one call as they are kept, checked. */
interface CheckedOptions extends CallOptions {
  readonly [POINT]?: SessionPoint
}

const POINT: unique symbol = Symbol('point')
const SEQUENCE: unique symbol = Symbol('sequence')
const ISSUED: unique symbol = Symbol('issued')
const DATABASE: unique symbol = Symbol('database')
const WRITTEN: unique symbol = Symbol('written')
const OPTIONS: unique symbol = Symbol('options')
const LOST: unique symbol = Symbol('lost')
const HEDGED: unique symbol = Symbol('hedged')
const HELD: unique symbol = Symbol('held')
const DECLARED_READ: unique symbol = Symbol('declared read')
const BLOCKING: unique symbol = Symbol('blocking')

/** Whoever is told what becomes of a call. */
export interface CallFollower {
  held: boolean
  wroteTo(contact: Contact | undefined): void
}

/** What the dispatcher keeps on a command, without an object of its own for each. */
export interface Call extends Command {
  /** Order of issue; 0 while it has not been issued through the dispatcher. */
  [SEQUENCE]?: number
  [ISSUED]?: number
  [DATABASE]?: number
  [WRITTEN]?: number | undefined
  [OPTIONS]?: CheckedOptions
  [LOST]?: boolean
  [HEDGED]?: AnyRedis
  [HELD]?: boolean
  [DECLARED_READ]?: boolean
  [BLOCKING]?: number
  /** Its signal was aborted and the server was told to end it: the error that it ends in. */
  unblockedBy?: Error
  /** It was executed, and the connection was lost before enough replicas had confirmed it. */
  confirmationLost?: boolean
  /** The name of the user's command that it carries, to be executed once however often it is sent. */
  readonly carries?: string
}

/** `now` in whole milliseconds: V8 keeps a whole number in place, and makes an object of any other. */
export function issue(command: Call, sequence: number, now: number, db: number): void {
  command[SEQUENCE] = sequence
  command[ISSUED] = now
  // Each property beyond the third makes the object larger by more than itself.
  if (db !== 0) command[DATABASE] = db
}

export function sequenceOf(command: Call): number {
  return command[SEQUENCE] ?? 0
}

/** When it was issued, by performance.now(). */
export function issuedAt(command: Call): number {
  return command[ISSUED] ?? 0
}

/** The database that was selected when it was issued: it is for that one wherever and whenever it is sent. */
export function databaseFor(command: Call): number {
  return command[DATABASE] ?? 0
}

/** `now` in whole milliseconds, like that of `issue`. */
export function markWritten(command: Call, now: number): void {
  command[WRITTEN] = now
}

/** What was written of it does not count: it was refused, or is to be sent anew. */
export function forgetWritten(command: Call): void {
  command[WRITTEN] = undefined
}

/** When it was last written to a socket, by performance.now(); undefined when it never was. */
export function writtenAt(command: Call): number | undefined {
  return command[WRITTEN]
}

/** How long the server may keep it waiting in all, as blockingMs() tells it, however often it has been sent with the time that was left. */
export function blockingMsOf(command: Call): number | undefined {
  return command[BLOCKING] ?? blockingMs(command.name, command.args as Arg[])
}

/** To be called before its arguments are given less time. */
export function keepBlockingMs(command: Call): void {
  const whole = blockingMsOf(command)
  if (whole !== undefined) command[BLOCKING] = whole
}

export function setOptions(command: Call, options: CallOptions): void {
  command[OPTIONS] = options
}

export function optionsOf(command: Call): CallOptions | undefined {
  return command[OPTIONS]
}

/** What this read has to see at least of what others wrote. */
export function sessionPointOf(command: Call): SessionPoint | undefined {
  return command[OPTIONS]?.[POINT]
}

/** It was written to a connection that broke before the reply: it may have been executed. */
export function markLost(command: Call): void {
  command[LOST] = true
}

export function wasLost(command: Call): boolean {
  return command[LOST] === true
}

/** It waits here, or does no longer. */
export function markHeld(command: Call, held: boolean): void {
  command[HELD] = held
  if (!held) return
  const follower = followerOf(command)
  if (follower !== undefined) follower.held = true
}

export function isHeld(command: Call): boolean {
  return command[HELD] === true
}

/**
 * Those that are followed until they have settled. Not on the calls themselves: few have one, and V8 forgets at each collection what an
 * object with such a property looks like, and gives up what it had compiled for all calls when it meets the next (5 % of all calls).
 */
const followers = new Map<Call, CallFollower>()

export function follow(command: Call, follower: CallFollower): void {
  followers.set(command, follower)
}

/** To be called when it has settled. */
export function unfollow(command: Call): void {
  followers.delete(command)
}

function followerOf(command: Call): CallFollower | undefined {
  return followers.size === 0 ? undefined : followers.get(command)
}

/** It is being written to this node, one time of maybe several. */
export function tellContact(command: Call, contact: Contact | undefined): void {
  followerOf(command)?.wroteTo(contact)
}

/** It has been asked of this node too, since the one before is late. */
export function markHedged(command: Call, node: AnyRedis): void {
  command[HEDGED] = node
}

/** The node that was asked last, where it is not the first. */
export function hedgedTo(command: Call): AnyRedis | undefined {
  return command[HEDGED]
}

/** The user says of this unknown command that it only reads. */
export function markDeclaredRead(command: Call): void {
  command[DECLARED_READ] = true
}

export function isDeclaredRead(command: Call): boolean {
  return command[DECLARED_READ] === true
}

const CALL_OPTIONS: readonly string[] = [
  'idempotent',
  'deadlineMs',
  'readFrom',
  'durability',
  'signal',
  'exactlyOnce',
  'session'
] satisfies readonly (keyof CallOptions)[]

/** For a client of this group. Throws ConfigurationError for an option that with() does not take, or a value that it does not allow. */
export function checkedOptions(options: CallOptions, group: string): CallOptions {
  checkCallOptions(options)
  if (options.session === undefined) return options
  const checked: CheckedOptions = { ...options, [POINT]: parseSession(options.session, group) }
  return checked
}

function checkCallOptions(options: CallOptions): void {
  for (const name of Object.keys(options)) {
    if (CALL_OPTIONS.includes(name)) continue
    throw new ConfigurationError(
      `with() takes no option "${name}"; allowed: ${CALL_OPTIONS.join(', ')}${suggestion(name, CALL_OPTIONS)}`
    )
  }
  const { idempotent, deadlineMs, readFrom } = options
  if (idempotent !== undefined && typeof idempotent !== 'boolean') {
    throw new ConfigurationError(`with({ idempotent }) is ${String(idempotent)}; allowed: true, false`)
  }
  if (deadlineMs !== undefined && !(typeof deadlineMs === 'number' && deadlineMs >= 1)) {
    throw new ConfigurationError(
      `with({ deadlineMs }) is ${String(deadlineMs)}; allowed is a number of milliseconds from 1`
    )
  }
  if (readFrom !== undefined) checkReadFrom('with({ readFrom })', readFrom)
  if (options.exactlyOnce !== undefined) checkExactlyOnce(options.exactlyOnce)
  if (options.durability !== undefined) checkDurability(options.durability)
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw new ConfigurationError(
      `with({ signal }) is ${inspect(options.signal, { depth: 0 })}; allowed is an AbortSignal, such as AbortSignal.timeout(500)`
    )
  }
}

function checkDurability(durability: Durability): void {
  if (typeof durability !== 'object' || durability === null) {
    throw new ConfigurationError(`with({ durability }) is ${inspect(durability)}; allowed: { replicas, timeoutMs }`)
  }
  const { replicas, timeoutMs, ...others } = durability as Partial<Durability>
  const unknown = Object.keys(others)
  if (unknown.length > 0) {
    throw new ConfigurationError(
      `with({ durability }) takes no "${unknown.join('", "')}"; allowed: { replicas, timeoutMs }`
    )
  }
  for (const [name, value, unit] of [
    ['replicas', replicas, 'replicas'],
    ['timeoutMs', timeoutMs, 'milliseconds']
  ] as const) {
    if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LONGEST_TIMER_MS) continue
    throw new ConfigurationError(
      `with({ durability: { ${name} } }) is ${inspect(value)}; allowed is a whole number of ${unit} from 1 to ${LONGEST_TIMER_MS}`
    )
  }
}
