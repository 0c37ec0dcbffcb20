import type { Arg } from './arg.js'
import { blockingMs } from './blocking.js'
import { flagsOf, fullNameOf, intentOf } from './commands.js'

/** What ioredis has as methods and `transaction()` gives as reads: all that only read, without those that ask for a node's own state. */
export const TRANSACTION_READS = [
  ...([
    'bitcount',
    'bitfield_ro',
    'bitpos',
    'dbsize',
    'dump',
    'eval_ro',
    'evalsha_ro',
    'exists',
    'expiretime'
  ] as const),
  ...([
    'fcall_ro',
    'geodist',
    'geohash',
    'geopos',
    'georadius_ro',
    'georadiusbymember_ro',
    'geosearch',
    'get'
  ] as const),
  ...(['getbit', 'getrange', 'hexists', 'hexpiretime', 'hget', 'hgetall', 'hkeys', 'hlen', 'hmget'] as const),
  ...(['hpexpiretime', 'hpttl', 'hrandfield', 'hscan', 'hstrlen', 'httl', 'hvals', 'keys', 'lcs', 'lindex'] as const),
  ...(['llen', 'lpos', 'lrange', 'mget', 'object', 'pexpiretime', 'pfcount', 'pttl', 'randomkey', 'scan'] as const),
  ...(['scard', 'sdiff', 'sinter', 'sintercard', 'sismember', 'smembers', 'smismember', 'sort_ro'] as const),
  ...(['srandmember', 'sscan', 'strlen', 'substr', 'sunion', 'time', 'ttl', 'type', 'vcard', 'vdim', 'vemb'] as const),
  ...(['vgetattr', 'vinfo', 'vismember', 'vlinks', 'vrandmember', 'vsim', 'xinfo', 'xlen', 'xpending'] as const),
  ...(['xrange', 'xread', 'xrevrange', 'zcard', 'zcount', 'zdiff', 'zinter', 'zintercard', 'zlexcount'] as const),
  ...(['zmscore', 'zrandmember', 'zrange', 'zrangebylex', 'zrangebyscore', 'zrank', 'zrevrange'] as const),
  ...(['zrevrangebylex', 'zrevrangebyscore', 'zrevrank', 'zscan', 'zscore', 'zunion'] as const)
] as const

export type TransactionRead = (typeof TRANSACTION_READS)[number]

/** They read nothing of the data and change nothing. */
const HARMLESS: ReadonlySet<string> = new Set(['time', 'ping', 'echo'])

/** Why this cannot be called on `tx` itself, in words; undefined when it only reads. `declared`: the user says that it does. */
export function refusedAsRead(name: string, args: readonly Arg[], declared: boolean): string | undefined {
  const full = fullNameOf(name, args)
  const shown = name.toUpperCase()
  if (declared || HARMLESS.has(full)) return undefined
  if (blockingMs(name, args) !== undefined) return `${shown} would block the transaction: ${WITHOUT_BLOCKING}`
  if (isTransactionWord(full))
    return `${shown} is what the transaction does by itself: write tx.multi() … .exec(), and to give up throw, or return without exec()`
  if (intentOf(name, args) === 'session')
    return `${shown} changes the state of a connection that the next transaction gets: call it on the client, or on its duplicate()`
  if (flagsOf(full).has('readonly')) return undefined
  return `${shown} on tx itself would be executed at once, and again each time that the transaction is run again: put it into tx.multi() … .exec()`
}

/** Why this cannot stand between MULTI and EXEC of `tx.multi()`; undefined when it can. */
export function refusedInChain(name: string, args: readonly Arg[]): string | undefined {
  const shown = name.toUpperCase()
  if (blockingMs(name, args) !== undefined) return `${shown} does not wait between MULTI and EXEC: ${WITHOUT_BLOCKING}`
  if (intentOf(name, args) === 'session')
    return `${shown} cannot stand in tx.multi(): it is about the connection, which the next transaction gets`
  return undefined
}

const WITHOUT_BLOCKING = 'use the form that does not block, or call it on a duplicate() of the client'

function isTransactionWord(name: string): boolean {
  return name === 'multi' || name === 'exec' || name === 'discard' || name === 'unwatch'
}
