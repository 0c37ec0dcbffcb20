import { COMMAND_TABLE } from './command-table.js'
import { flagsOf, intentOf, isKeptOnPrimary } from './commands.js'
import { isScan } from './cursors.js'

/**
 * Why the user may not declare this command, its name in lower case, as one that only reads; undefined when it may be: one that the
 * table does not know, one that is a read anyhow, and one that a server flags readonly and that goes to the primary for want of a key.
 */
export function refusedAsRead(name: string): string | undefined {
  const intent = intentOf(name, [])
  if (intent === 'read') return undefined
  if (intent === 'session') return `"${name}" is about the connection to the primary`
  if (isScan(name)) return `the cursors of "${name}" are good at the node that gave them alone, which is the primary`
  if (isKeptOnPrimary(name)) return `"${name}" goes to the primary on purpose, as docs/guarantees.md says`
  const kinds = Object.keys(COMMAND_TABLE).filter((known) => known === name || known.startsWith(`${name}|`))
  if (kinds.length === 0 || flagsOf(name).has('readonly')) return undefined
  const writes = kinds.some((kind) => flagsOf(kind).has('write') || flagsOf(kind).has('write-keys'))
  return writes ? `"${name}" writes` : `"${name}" reads no data`
}
