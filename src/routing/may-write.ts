import type { Arg } from './arg.js'
import { COMMAND_TABLE } from './command-table.js'
import { flagsOf, fullNameOf, WITH_SUBCOMMANDS } from './commands.js'

const NAMES = Object.keys(COMMAND_TABLE)

/** By `name` or `name|subcommand`. What has subcommands has no answer of its own, and most calls need no second search. */
const MAY_WRITE: ReadonlyMap<string, boolean> = new Map(
  NAMES.filter((name) => !WITH_SUBCOMMANDS.has(name)).map((name) => {
    const flags = flagsOf(name)
    return [name, name === 'exec' || flags.has('write') || flags.has('write-keys')]
  })
)

/** Whether the command may change data: writes, scripts, EXEC, and whatever is not known. */
export function mayWrite(name: string, args: readonly Arg[]): boolean {
  return MAY_WRITE.get(name) ?? MAY_WRITE.get(fullNameOf(name, args)) ?? true
}
