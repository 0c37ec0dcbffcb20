import type { Arg } from '../routing/arg.js'
import { mayWrite } from '../routing/may-write.js'
import { afterLoss } from '../routing/retry.js'
import type { Call } from './call.js'
import { isDeclaredRead, optionsOf } from './call.js'

/** It may change data, as far as anybody has said. */
export function callMayWrite(command: Call): boolean {
  return !isDeclaredRead(command) && mayWrite(command.name, command.args as Arg[])
}

/** It may be sent again though it may have been executed. */
export function mayRepeat(command: Call): boolean {
  const declared = isDeclaredRead(command) || optionsOf(command)?.idempotent === true
  return afterLoss(command.name, command.args as Arg[], declared) === 'again'
}

/** It does not matter whether it was executed. What is carried is executed once at most, and that does. */
export function isHarmless(command: Call): boolean {
  return command.carries === undefined && mayRepeat(command)
}
