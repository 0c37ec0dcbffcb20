import type { Arg } from './arg.js'
import { blockingMs } from './blocking.js'
import { fullNameOf, intentOf } from './commands.js'
import { isIdempotent } from './idempotent.js'

/**
 * What becomes of a command that was written to a socket which broke before the reply. `again`: a second execution changes
 * nothing that the first would not have. `unknown`: it may have taken effect, and could do so twice.
 */
export type AfterLoss = 'again' | 'unknown'

/** They make the state of the connection, and the next connection needs it as well. */
const MAKES_SESSION: ReadonlySet<string> = new Set([
  ...['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'],
  ...['select', 'auth', 'hello', 'watch', 'unwatch', 'readonly', 'readwrite', 'monitor'],
  ...['client|getname', 'client|id', 'client|info', 'client|list', 'client|setname', 'client|setinfo']
])

/** They answer for the writes of one connection: on the next one the answer would be about nothing. */
const ABOUT_THE_CONNECTION: ReadonlySet<string> = new Set(['wait', 'waitaof'])

/** Whether a second execution of the command, after this one was refused or lost, answers the same question. */
export function isBoundToConnection(name: string): boolean {
  return ABOUT_THE_CONNECTION.has(name.toLowerCase())
}

/** A second execution changes nothing that the first would not have, also when the first has had its effect. */
export function isRepeatable(name: string, args: readonly Arg[], declaredIdempotent: boolean): boolean {
  if (isBoundToConnection(name)) return false
  if (declaredIdempotent || intentOf(name, args) === 'read' || isIdempotent(name, args)) return true
  return MAKES_SESSION.has(fullNameOf(name, args))
}

/**
 * Blocking commands go on with the time that is left: while they wait they have done nothing, and what wakes them is almost
 * never the failover itself. A pop whose reply was on the wire at that very moment is the exception: its element is gone.
 */
export function afterLoss(name: string, args: readonly Arg[], declaredIdempotent: boolean): AfterLoss {
  if (isRepeatable(name, args, declaredIdempotent)) return 'again'
  return isBoundToConnection(name) || blockingMs(name, args) === undefined ? 'unknown' : 'again'
}

/** EXEC was refused because a command of the transaction was refused when it was queued. */
export function isExecAbort(message: string): boolean {
  return message.startsWith('EXECABORT')
}
