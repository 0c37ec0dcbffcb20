import type { Arg } from './arg.js'
import { flagsOf, fullNameOf, isKnown } from './commands.js'

/** Whether the command may change data: writes, scripts, EXEC, and whatever is not known. */
export function mayWrite(name: string, args: readonly Arg[]): boolean {
  const full = fullNameOf(name, args)
  if (!isKnown(full) || full === 'exec') return true
  const flags = flagsOf(full)
  return flags.has('write') || flags.has('write-keys')
}
