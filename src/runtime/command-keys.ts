import type { Command } from 'ioredis'
import type { Arg } from '../routing/arg.js'
import { keysOf } from '../routing/keys.js'
import { keysIn } from './ioredis-internals.js'

/** The keys of a command in this database, as one text each; undefined when nobody can tell which they are. */
export function keysBy(command: Command, db: number): readonly string[] | undefined {
  return keysOf(command.name, command.args as Arg[], db, () => keysIn(command))
}
