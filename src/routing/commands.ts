import type { Arg } from './arg.js'
import { textOf, wordOf } from './arg.js'
import { blockingMs, blockOptionAt } from './blocking.js'
import { COMMAND_TABLE } from './command-table.js'

export type { Arg } from './arg.js'

/**
 * `read`: a replica may answer. `write`: any other independent request, to the primary; unknown commands too.
 * `session`: bound to the connection to the primary, because it changes or asks for the state of that connection.
 */
export type Intent = 'read' | 'write' | 'session'

const NO_FLAGS: ReadonlySet<string> = new Set()
const FLAGS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(COMMAND_TABLE).map(([name, flags]) => [name, new Set(flags.split(' '))])
)

export const WITH_SUBCOMMANDS: ReadonlySet<string | undefined> = new Set(
  Object.keys(COMMAND_TABLE)
    .filter((name) => name.includes('|'))
    .map((name) => name.split('|')[0])
)

type Rule = Intent | ((args: readonly Arg[]) => Intent)

const SESSION: readonly string[] = [
  ...['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe', 'monitor'],
  ...['multi', 'exec', 'discard', 'watch', 'unwatch'],
  ...['auth', 'hello', 'client', 'select', 'reset', 'quit'],
  ...['readonly', 'readwrite', 'asking'],
  ...['sync', 'psync', 'replconf'],
  // They answer for the writes that this very connection made.
  ...['wait', 'waitaof']
]

/** Where the flags alone say `read`, and another answer is right. PFCOUNT needs none: its key specification says RW. */
const DECIDED: Readonly<Record<string, Rule>> = {
  // A cursor is a position in the hash table of the node that gave it; keyless SCAN is kept out by having no key.
  hscan: 'write',
  sscan: 'write',
  zscan: 'write',
  // Called for its effect on the eviction clock, and a replica's is not the one that evicts.
  touch: 'write',
  // A blocked replica would hold the connection up for everybody's reads, and delivers later than the primary.
  xread: (args) => (blockOptionAt(args) === undefined ? 'read' : 'write'),
  // BY and GET read keys that no argument names, so nobody could tell whether a replica holds this client's writes to them.
  sort_ro: (args) => (args.slice(1).some((arg) => SORT_PATTERN.has(wordOf(arg))) ? 'write' : 'read'),
  // Idle times of consumers are not replicated when nothing was delivered; the rest of XINFO is.
  xinfo: (args) => xinfo(wordOf(args[0]), args),
  // OBJECT and MEMORY USAGE tell of the node that is asked (encoding, idle time, allocator), and the primary's is meant.
  object: 'write',
  memory: 'write'
}

const SORT_PATTERN: ReadonlySet<string> = new Set(['BY', 'GET'])

function xinfo(subcommand: string, args: readonly Arg[]): Intent {
  if (subcommand === 'GROUPS') return 'read'
  return subcommand === 'STREAM' && !args.slice(2).some((arg) => wordOf(arg) === 'FULL') ? 'read' : 'write'
}

// By their flags, with the reason where it is not plain to see, these stay on the primary: GETEX (may change the time to
// live), SORT, GEORADIUS, GEORADIUSBYMEMBER and BITFIELD in every form (a replica refuses the command, not the option;
// they have _RO forms), XREADGROUP (moves the group on), EVAL, EVALSHA and FCALL (unknown until run), and PFCOUNT (it
// rewrites its cached count). Without a key, so about a node rather than the data: SCAN, KEYS, RANDOMKEY, DBSIZE, INFO, TIME,
// PING, ECHO, LOLWUT, ROLE, CONFIG, PUBSUB, PUBLISH and all other administration.
// DUMP, TTL, EXPIRETIME, SRANDMEMBER and the like are read: random or passing, but without effect.
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...Object.keys(COMMAND_TABLE)
    .filter((name) => !name.includes('|'))
    .map((name): [string, Rule] => [name, isReplicaSafe(name) ? 'read' : 'write']),
  ...Object.entries(DECIDED),
  ...SESSION.map((name): [string, Rule] => [name, 'session'])
])

/**
 * Where a command may go, by its name (any case) and arguments as ioredis' `Command` holds them: flat, a subcommand first.
 */
export function intentOf(name: string, args: readonly Arg[]): Intent {
  const rule = RULES.get(name) ?? RULES.get(name.toLowerCase()) ?? 'write'
  return typeof rule === 'string' ? rule : rule(args)
}

/** Whether every server says that it only reads, be it keys or anything else; it does not block. */
export function onlyReads(name: string, args: readonly Arg[]): boolean {
  return flagsOf(fullNameOf(name, args)).has('readonly') && blockingMs(name, args) === undefined
}

/** It only reads, at least in one of its forms, and was decided to go to the primary all the same. */
export function isKeptOnPrimary(name: string): boolean {
  return Object.hasOwn(DECIDED, name) && DECIDED[name] !== 'read'
}

/** Whether every server says that the command, `name` or `name|subcommand`, only reads, and only keys. */
export function isReplicaSafe(name: string): boolean {
  const flags = flagsOf(name)
  return flags.has('readonly') && flags.has('read-keys')
}

/** `name`, or `name|subcommand` where the table has one, in lower case. */
export function fullNameOf(name: string, args: readonly Arg[]): string {
  const lower = name.toLowerCase()
  // The first argument of others may be long.
  if (!WITH_SUBCOMMANDS.has(lower)) return lower
  const full = `${lower}|${textOf(args[0]).toLowerCase()}`
  return FLAGS.has(full) ? full : lower
}

/** The flags of `name` or `name|subcommand` in the generated table; none for an unknown one. */
export function flagsOf(name: string): ReadonlySet<string> {
  return FLAGS.get(name) ?? NO_FLAGS
}
