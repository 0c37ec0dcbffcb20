import { ConfigurationError } from '../errors.js'
import { refusedAsRead } from '../routing/declared-reads.js'
import { intentOf } from '../routing/commands.js'
import type { Given } from './values.js'
import { show } from './values.js'

/** The names in lower case that are reads by declaration alone; undefined when there are none, which costs a call nothing. */
export function readOnlyCommands(o: Given): ReadonlySet<string> | undefined {
  const value = o['readOnlyCommands']
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) {
    throw new ConfigurationError(
      `option "readOnlyCommands" is ${show(value)}; allowed is an array of names of commands, such as ["json.get", "ft.search"]`
    )
  }
  const names = value.map(nameOf).filter((name) => intentOf(name, []) !== 'read')
  return names.length === 0 ? undefined : new Set(names)
}

function nameOf(value: unknown): string {
  if (typeof value !== 'string' || value === '' || /\s/.test(value)) {
    throw new ConfigurationError(
      `option "readOnlyCommands" holds ${show(value)}; allowed are names of commands, each a string without spaces, such as "json.get"`
    )
  }
  const name = value.toLowerCase()
  const reason = refusedAsRead(name)
  if (reason === undefined) return name
  throw new ConfigurationError(
    `option "readOnlyCommands" holds ${show(value)}: ${reason}; allowed are commands of modules, and others that only read`
  )
}
