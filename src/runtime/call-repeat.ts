import type { Arg } from '../routing/arg.js'
import { mayWrite } from '../routing/may-write.js'
import { afterLoss, isRepeatable } from '../routing/retry.js'
import type { Call } from './call.js'
import { isDeclaredRead, optionsOf } from './call.js'

/** It may change data, as far as anybody has said. */
export function callMayWrite(command: Call): boolean {
  return !isDeclaredRead(command) && mayWrite(command.name, command.args as Arg[])
}

/** It may be sent again though it may have been executed, as one that waited for its reply. */
export function mayRepeat(command: Call): boolean {
  return afterLoss(command.name, command.args as Arg[], isDeclaredHarmless(command)) === 'again'
}

/** It may be executed twice: a blocking command too, which has had its effect when it is executed. */
export function mayRunTwice(command: Call): boolean {
  return isRepeatable(command.name, command.args as Arg[], isDeclaredHarmless(command))
}

function isDeclaredHarmless(command: Call): boolean {
  return isDeclaredRead(command) || optionsOf(command)?.idempotent === true
}

/** It does not matter whether it was executed. What is carried is executed once at most, and that does. */
export function isHarmless(command: Call): boolean {
  return command.carries === undefined && mayRepeat(command)
}
