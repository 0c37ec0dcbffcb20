import type { Command } from 'ioredis'
import { ConfigurationError } from '../errors.js'
import { nearestName } from '../nearest.js'
import { checkReadFrom } from '../options.js'
import type { ReadFrom } from '../routing/read-policy.js'

/** Options of one call, or of the view that `with()` returns. */
export interface CallOptions {
  /** A second execution is harmless: after a lost connection the command is sent again instead of failing as unknown. */
  readonly idempotent?: boolean | undefined
  /** Milliseconds for this call in all: waiting, retries and reply. */
  readonly deadlineMs?: number | undefined
  readonly readFrom?: ReadFrom | undefined
}

const SEQUENCE: unique symbol = Symbol('sequence')
const ISSUED: unique symbol = Symbol('issued')
const DATABASE: unique symbol = Symbol('database')
const WRITTEN: unique symbol = Symbol('written')
const OPTIONS: unique symbol = Symbol('options')
const LOST: unique symbol = Symbol('lost')

/** What the dispatcher keeps on a command, without an object of its own for each. */
export interface Call extends Command {
  /** Order of issue; 0 while it has not been issued through the dispatcher. */
  [SEQUENCE]?: number
  [ISSUED]?: number
  [DATABASE]?: number
  [WRITTEN]?: number | undefined
  [OPTIONS]?: CallOptions
  [LOST]?: boolean
}

export function issue(command: Call, sequence: number, now: number, db: number): void {
  command[SEQUENCE] = sequence
  command[ISSUED] = now
  command[DATABASE] = db
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

export function setOptions(command: Call, options: CallOptions): void {
  command[OPTIONS] = options
}

export function optionsOf(command: Call): CallOptions | undefined {
  return command[OPTIONS]
}

/** It was written to a connection that broke before the reply: it may have been executed. */
export function markLost(command: Call): void {
  command[LOST] = true
}

export function wasLost(command: Call): boolean {
  return command[LOST] === true
}

const CALL_OPTIONS: readonly string[] = [
  'idempotent',
  'deadlineMs',
  'readFrom'
] satisfies readonly (keyof CallOptions)[]

/** Throws ConfigurationError for an option that with() does not take, or a value that it does not allow. */
export function checkCallOptions(options: CallOptions): void {
  for (const name of Object.keys(options)) {
    if (CALL_OPTIONS.includes(name)) continue
    const nearest = nearestName(name, CALL_OPTIONS)
    throw new ConfigurationError(
      `with() takes no option "${name}"; allowed: ${CALL_OPTIONS.join(', ')}${nearest === undefined ? '' : `. Did you mean "${nearest}"?`}`
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
}
