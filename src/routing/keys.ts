import type { Arg } from './arg.js'
import { wordOf } from './arg.js'
import { COMMAND_TABLE } from './command-table.js'
import { flagsOf, fullNameOf } from './commands.js'

/** Commands whose first argument is their only key: the most frequent ones, told without a search. */
const FIRST_ARGUMENT: ReadonlySet<string> = new Set([
  ...[
    'get',
    'set',
    'incr',
    'decr',
    'incrby',
    'decrby',
    'append',
    'strlen',
    'getrange',
    'setex',
    'psetex',
    'setnx',
    'getset',
    'getex',
    'getdel'
  ],
  ...['hget', 'hset', 'hmget', 'hgetall', 'hdel', 'hincrby', 'hlen', 'hkeys', 'hvals', 'hexists'],
  ...['lpush', 'rpush', 'lpop', 'rpop', 'lrange', 'llen', 'lindex', 'sadd', 'srem', 'smembers', 'sismember', 'scard'],
  ...[
    'zadd',
    'zrem',
    'zrange',
    'zscore',
    'zcard',
    'zrangebyscore',
    'zincrby',
    'expire',
    'pexpire',
    'ttl',
    'pttl',
    'type',
    'xadd',
    'xlen',
    'xrange'
  ]
])

/** Scripts and functions declare the keys that they are given, and are held to that. */
const SCRIPTS = ['eval', 'evalsha', 'fcall']

const UNDECLARED: ReadonlySet<string> = new Set(
  Object.keys(COMMAND_TABLE).filter(
    (name) => flagsOf(name).has('undeclared-keys') && !SCRIPTS.includes(name.replace(/_ro$/, ''))
  )
)

/** It writes a key of a database that another argument names. */
function reachesElsewhere(name: string, args: readonly Arg[]): boolean {
  return name === 'move' || (name === 'copy' && args.slice(2).some((arg) => wordOf(arg) === 'DB'))
}

/** The key of a frequent command that has one only; undefined for all others, for which `keysOf` must be asked. */
export function onlyKeyOf(name: string, args: readonly Arg[], db: number): string | undefined {
  const [first] = args
  return first !== undefined && FIRST_ARGUMENT.has(name) ? canonical(first, db) : undefined
}

/**
 * The keys a command touches, told apart by database; undefined when nobody can tell: unknown commands, FLUSHALL, functions
 * and scripts without declared keys, and what reaches into another database. `find` is asked for commands whose keys are not at a fixed place.
 */
export function keysOf(
  name: string,
  args: readonly Arg[],
  db: number,
  find: () => readonly (string | Buffer)[]
): readonly string[] | undefined {
  const only = onlyKeyOf(name, args, db)
  if (only !== undefined) return [only]
  const full = fullNameOf(name, args)
  if (UNDECLARED.has(full) || reachesElsewhere(full, args)) return undefined
  const keys = find()
  return keys.length === 0 ? undefined : keys.map((key) => canonical(key, db))
}

/** One text for one key, whether it was given as text or as bytes. */
export function canonical(key: Arg, db: number): string {
  const text =
    typeof key === 'string'
      ? isAscii(key)
        ? key
        : Buffer.from(key).toString('latin1')
      : Buffer.isBuffer(key)
        ? key.toString('latin1')
        : String(key)
  return db === 0 ? text : `${db} ${text}`
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
