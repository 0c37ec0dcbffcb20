import type { Arg } from './arg.js'
import { integerOf, textOf, wordOf } from './arg.js'
import { flagsOf, fullNameOf } from './commands.js'

/** Whether a command may be repeated: always, never, or according to its arguments (a subcommand comes first). */
type Decision = boolean | ((args: readonly Arg[]) => boolean)

const has = (args: readonly Arg[], from: number, ...words: readonly string[]): boolean =>
  args.slice(from).some((arg) => words.includes(wordOf(arg)))

// Conditions that are asked for the sake of their answer: "did I win?". The repeat would answer no to the winner.
const without =
  (from: number, ...words: readonly string[]) =>
  (args: readonly Arg[]) =>
    !has(args, from, ...words)

const UNCONDITIONAL_EXPIRY = without(2, 'NX', 'GT', 'LT')

// Options of hash commands end where the fields begin; a field may be called "NX".
const optionsBeforeFields = (from: number, allowed: readonly string[]) => (args: readonly Arg[]) => {
  const end = args.findIndex((arg, at) => at >= from && wordOf(arg) === 'FIELDS')
  return end !== -1 && args.slice(from, end).every((arg) => allowed.includes(wordOf(arg)))
}

const targetIsNoSource = (target: number, sources: number) => (args: readonly Arg[]) =>
  !args.slice(sources).some((arg) => textOf(arg) === textOf(args[target]))

const targetIsNoCountedSource = (args: readonly Arg[]): boolean => {
  const count = integerOf(args[1])
  return count > 0 && !args.slice(2, 2 + count).some((arg) => textOf(arg) === textOf(args[0]))
}

function set(args: readonly Arg[]): boolean {
  for (let at = 2; at < args.length; at += 1) {
    const word = wordOf(args[at])
    if (word === 'EX' || word === 'PX' || word === 'EXAT' || word === 'PXAT') at += 1
    else if (word !== 'XX' && word !== 'KEEPTTL') return false
  }
  return true
}

function hsetex(args: readonly Arg[]): boolean {
  for (let at = 1; at < args.length; at += 1) {
    const word = wordOf(args[at])
    if (word === 'FIELDS') return true
    if (word === 'EX' || word === 'PX' || word === 'EXAT' || word === 'PXAT') at += 1
    else if (word !== 'FXX' && word !== 'KEEPTTL') return false
  }
  return false
}

// Options stand before the first score; members, which may have any name, come after it.
function addsToSorted(args: readonly Arg[]): boolean {
  for (let at = 1; at < args.length; at += 1) {
    const word = wordOf(args[at])
    if (word === 'NX' || word === 'INCR') return false
    if (word !== 'XX' && word !== 'GT' && word !== 'LT' && word !== 'CH') return true
  }
  return false
}

// Only a trim that says how many to keep, counted from one end: the second finds nothing more to remove. LTRIM 1 -1 removes
// another element every time.
function ltrim(args: readonly Arg[]): boolean {
  const [start, stop] = [integerOf(args[1]), integerOf(args[2])]
  return (start === 0 && stop >= 0) || (start < 0 && stop === -1)
}

function zremrangebyrank(args: readonly Arg[]): boolean {
  const [start, stop] = [integerOf(args[1]), integerOf(args[2])]
  return (start === 0 && stop < 0) || (start >= 0 && stop === -1)
}

/** Every command that a server flags `write`, decided one by one; a test fails for one that is missing here. */
export const WRITE_DECISIONS: Readonly<Record<string, Decision>> = {
  set,
  mset: true,
  psetex: true,
  setex: true,
  setbit: true,
  setrange: true,
  append: false,
  // Its reply is the value before.
  bitfield: false,
  bitop: targetIsNoSource(1, 2),
  decr: false,
  decrby: false,
  incr: false,
  incrby: false,
  incrbyfloat: false,
  getdel: false,
  // A time to live could end between the two, and the value that the first returned would be lost.
  getex: (args) => args.slice(1).every((arg) => wordOf(arg) === 'PERSIST'),
  getset: false,
  msetnx: false,
  setnx: false,

  del: true,
  unlink: true,
  copy: (args) => textOf(args[0]) !== textOf(args[1]) && has(args, 2, 'REPLACE'),
  // A time from now on, as of SET with EX: the second counts as the call that came late.
  expire: UNCONDITIONAL_EXPIRY,
  expireat: UNCONDITIONAL_EXPIRY,
  pexpire: UNCONDITIONAL_EXPIRY,
  pexpireat: UNCONDITIONAL_EXPIRY,
  persist: true,
  migrate: false,
  move: false,
  // The repeat finds no source, and says so by an error.
  rename: false,
  renamenx: false,
  restore: (args) => has(args, 3, 'REPLACE'),
  'restore-asking': false,
  sort: without(1, 'STORE'),
  // They would take the writes that others made in between.
  flushall: false,
  flushdb: false,
  swapdb: false,

  hset: true,
  hmset: true,
  hdel: true,
  hexpire: optionsBeforeFields(2, ['XX']),
  hexpireat: optionsBeforeFields(2, ['XX']),
  hpexpire: optionsBeforeFields(2, ['XX']),
  hpexpireat: optionsBeforeFields(2, ['XX']),
  hpersist: true,
  hgetdel: false,
  hgetex: optionsBeforeFields(1, ['PERSIST']),
  hincrby: false,
  hincrbyfloat: false,
  hsetex,
  hsetnx: false,

  blmove: false,
  blmpop: false,
  blpop: false,
  brpop: false,
  brpoplpush: false,
  linsert: false,
  lmove: false,
  lmpop: false,
  lpop: false,
  lpush: false,
  lpushx: false,
  // With 0 it removes all that are equal, with another count that many more.
  lrem: (args) => integerOf(args[1]) === 0,
  // Another client's LPUSH in between moves the element, and the repeat would overwrite a second one.
  lset: false,
  ltrim,
  rpop: false,
  rpoplpush: false,
  rpush: false,
  rpushx: false,

  sadd: true,
  srem: true,
  sdiffstore: targetIsNoSource(0, 1),
  sinterstore: targetIsNoSource(0, 1),
  sunionstore: targetIsNoSource(0, 1),
  smove: false,
  spop: false,

  bzmpop: false,
  bzpopmax: false,
  bzpopmin: false,
  zadd: addsToSorted,
  zdiffstore: targetIsNoCountedSource,
  zincrby: false,
  zinterstore: targetIsNoCountedSource,
  zmpop: false,
  zpopmax: false,
  zpopmin: false,
  zrangestore: (args) => textOf(args[0]) !== textOf(args[1]),
  zrem: true,
  zremrangebylex: true,
  zremrangebyrank,
  zremrangebyscore: true,
  zunionstore: targetIsNoCountedSource,

  geoadd: addsToSorted,
  georadius: without(5, 'STORE', 'STOREDIST'),
  georadiusbymember: without(4, 'STORE', 'STOREDIST'),
  geosearchstore: (args) => textOf(args[0]) !== textOf(args[1]),

  pfadd: true,
  pfdebug: false,
  pfmerge: true,

  xack: true,
  // The repeat adds another entry, or is refused because of the id that the first has used.
  xadd: false,
  xautoclaim: false,
  xclaim: false,
  xdel: true,
  // The repeat is refused (BUSYGROUP).
  'xgroup|create': false,
  'xgroup|createconsumer': true,
  // The reply says how many messages went with it.
  'xgroup|delconsumer': false,
  // It would take a group that was made anew.
  'xgroup|destroy': false,
  // It would put back a group that has read on.
  'xgroup|setid': false,
  xreadgroup: false,
  xsetid: false,
  // Both times within the bound that the caller gave, also with ~ and LIMIT.
  xtrim: true,

  // The repeat is refused, or would undo a newer library.
  'function|delete': false,
  'function|flush': false,
  'function|load': false,
  'function|restore': false,

  // Of a module.
  vadd: false,
  vrem: false,
  vsetattr: false
}

/** Neither `readonly` nor `write` for the server, and without any effect, or without another one the second time. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['ping', 'echo', 'time', 'info', 'role', 'lastsave', 'script|load', 'script|exists'],
  ...['command', 'command|count', 'command|docs', 'command|getkeys', 'command|getkeysandflags', 'command|info'],
  ...['command|list', 'config|get', 'function|dump', 'function|list', 'function|stats', 'module|list'],
  ...['pubsub|channels', 'pubsub|numpat', 'pubsub|numsub', 'pubsub|shardchannels', 'pubsub|shardnumsub'],
  ...['slowlog|get', 'slowlog|len', 'commandlog|get', 'commandlog|len', 'memory|stats', 'memory|doctor'],
  ...['latency|history', 'latency|latest', 'latency|histogram', 'latency|doctor', 'latency|graph'],
  ...['acl|cat', 'acl|getuser', 'acl|list', 'acl|log', 'acl|users', 'acl|whoami', 'acl|dryrun']
])

/**
 * Whether a command that may already have been executed may be executed once more: reads, and writes whose second run leaves
 * the data as the first did, counts nothing twice, and does not answer the opposite of what happened. Unknown commands,
 * scripts (but for the _RO ones) and PUBLISH may not.
 *
 * The *effect* is what counts. These say how many things changed, or what was there before, and may say 0, or the new value,
 * after a repeat although the call did its work: DEL, UNLINK, HSET, HDEL, SADD, SREM, ZADD, GEOADD, ZREM,
 * ZREMRANGEBYLEX, ZREMRANGEBYRANK, ZREMRANGEBYSCORE, LREM, PERSIST, HPERSIST, PFADD, SETBIT, XACK, XDEL, XTRIM,
 * XGROUP CREATECONSUMER, and EXPIREAT, EXPIRE and HEXPIRE with a time in the past. Who decides by such a reply should
 * not have the command repeated.
 *
 * A repeat can also put this value over one that another client wrote in between, as any late write can.
 */
export function isIdempotent(name: string, args: readonly Arg[]): boolean {
  const full = fullNameOf(name, args)
  const decision = Object.hasOwn(WRITE_DECISIONS, full) ? WRITE_DECISIONS[full] : undefined
  if (typeof decision === 'function') return decision(args)
  return decision ?? (flagsOf(full).has('readonly') || HARMLESS.has(full))
}
