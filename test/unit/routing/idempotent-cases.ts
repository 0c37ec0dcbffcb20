import type { Arg } from '../../../src/routing/arg.js'

export interface RepeatCase {
  /** The command and its arguments. */
  readonly call: readonly [string, ...(readonly Arg[])]
  /** What the data is made of before. */
  readonly setup: readonly (readonly [string, ...(readonly Arg[])])[]
  /** It sets a time to live from now on, which the repeat sets anew. */
  readonly fromNow?: true
}

type Calls = RepeatCase['call'][]

const STRING: Calls = [['set', 'k', 'abcdef']]
const STRING_WITH_TTL: Calls = [['set', 'k', 'abcdef', 'EX', 5000]]
const STRINGS: Calls = [...STRING, ['set', 'o', 'xyz']]
const LIST: Calls = [['rpush', 'k', 'a', 'b', 'a', 'c', 'd', 'a', 'e']]
const SET: Calls = [['sadd', 'k', 'a', 'b', 'c']]
const SETS: Calls = [...SET, ['sadd', 'o', 'b', 'x'], ['sadd', 'd', 'old']]
const SORTED: Calls = [['zadd', 'k', 1, 'a', 2, 'b', 3, 'c', 4, 'd', 5, 'e']]
const ALIKE: Calls = [['zadd', 'k', 0, 'a', 0, 'b', 0, 'c']]
const SORTEDS: Calls = [...SORTED, ['zadd', 'o', 7, 'b', 8, 'x'], ['zadd', 'd', 1, 'old']]
const HASH: Calls = [['hset', 'k', 'f', 1, 'g', 2]]
const PLACES: Calls = [['geoadd', 'k', 13.36, 38.11, 'p', 15.08, 37.5, 'c']]
const STREAM: Calls = ['1-1', '2-1', '3-1', '4-1'].map((id) => ['xadd', 'k', id, 'f', 'v'])
const GROUP: Calls = [
  ...STREAM,
  ['xgroup', 'CREATE', 'k', 'g', '0'],
  ['xreadgroup', 'GROUP', 'g', 'c', 'COUNT', 2, 'STREAMS', 'k', '>']
]
const FAR = 33_333_333_333
const PAYLOAD = Buffer.from('000361626309000e3d3a1d7b5c6f2b', 'hex')

const cases = (setup: Calls, ...calls: Calls): RepeatCase[] => calls.map((call) => ({ call, setup }))
const fromNow = (setup: Calls, ...calls: Calls): RepeatCase[] =>
  calls.map((call) => ({ call, setup, fromNow: true as const }))

/** May be repeated. Each changes the data it is called on, so that a repeat that did so again would be seen. */
export const REPEATABLE: readonly RepeatCase[] = [
  ...cases(
    STRING,
    ['set', 'k', 'v'],
    ['set', 'k', 'v', 'xx'],
    ['set', 'k', 'v', 'EXAT', FAR],
    ['set', 'k', Buffer.from('v'), Buffer.from('PXAT'), FAR * 1000, 'XX'],
    ['mset', 'k', 1, 'x', 2],
    ['setbit', 'k', 3, 1],
    ['setrange', 'k', 2, 'zz'],
    ['del', 'k', 'x'],
    ['unlink', 'k', 'x'],
    ['expireat', 'k', FAR],
    ['pexpireat', 'k', FAR * 1000],
    ['expire', 'k', -1],
    ['bitop', 'NOT', 'x', 'k'],
    ['copy', 'k', 'x', 'replace'],
    ['getex', 'k']
  ),
  ...fromNow(
    STRING,
    ['set', 'k', 'v', 'EX', 500],
    ['set', 'k', 'v', 'PX', 500_000, 'XX'],
    ['setex', 'k', 500, 'v'],
    ['psetex', 'k', 500_000, 'v'],
    ['expire', 'k', 500],
    ['pexpire', 'k', 500_000]
  ),
  ...cases(
    STRING_WITH_TTL,
    ['persist', 'k'],
    ['getex', 'k', 'PERSIST'],
    ['set', 'k', 'v', 'KEEPTTL'],
    ['expireat', 'k', FAR, 'XX'],
    ['pexpireat', 'k', FAR * 1000, 'XX']
  ),
  ...fromNow(STRING_WITH_TTL, ['expire', 'k', 9000, 'XX'], ['pexpire', 'k', 9_000_000, 'XX']),
  ...cases(
    STRINGS,
    ['bitop', 'AND', 'd', 'k', 'o'],
    ['bitop', 'XOR', 'd', 'k', 'o'],
    ['copy', 'k', 'o', 'REPLACE'],
    ['sort', 'nothing']
  ),
  ...cases(
    HASH,
    ['hset', 'k', 'f', 5, 'h', 6],
    ['hmset', 'k', 'f', 5],
    ['hdel', 'k', 'f', 'x'],
    ['hexpireat', 'k', FAR, 'FIELDS', 1, 'f'],
    ['hpexpireat', 'k', FAR * 1000, 'FIELDS', 1, 'f'],
    ['hsetex', 'k', 'FXX', 'EXAT', FAR, 'FIELDS', 1, 'f', 9],
    ['hgetex', 'k', 'FIELDS', 1, 'FNX']
  ),
  ...fromNow(
    HASH,
    ['hexpire', 'k', 500, 'FIELDS', 1, 'f'],
    ['hpexpire', 'k', 500_000, 'FIELDS', 2, 'f', 'g'],
    ['hsetex', 'k', 'EX', 500, 'FIELDS', 1, 'f', 9]
  ),
  ...cases(
    [...HASH, ['hexpireat', 'k', FAR - 5, 'FIELDS', 1, 'f']],
    ['hpersist', 'k', 'FIELDS', 1, 'f'],
    ['hgetex', 'k', 'PERSIST', 'FIELDS', 1, 'f'],
    ['hexpireat', 'k', FAR, 'XX', 'FIELDS', 1, 'f']
  ),
  ...cases(
    LIST,
    ['lrem', 'k', 0, 'a'],
    ['ltrim', 'k', 0, 2],
    ['ltrim', 'k', '-3', '-1'],
    ['sort', 'k', 'ALPHA', 'LIMIT', 0, 2]
  ),
  ...cases(SET, ['sadd', 'k', 'c', 'd'], ['srem', 'k', 'a', 'x']),
  ...cases(
    SETS,
    ['sdiffstore', 'd', 'k', 'o'],
    ['sinterstore', 'd', 'k', 'o'],
    ['sunionstore', 'd', 'k', 'o'],
    ['sunionstore', 'd', 'nothing']
  ),
  ...cases(
    SORTED,
    ['zadd', 'k', 9, 'a', 9, 'z'],
    ['zadd', 'k', 'XX', 'CH', 9, 'a', 9, 'nx'],
    ['zadd', 'k', 'GT', 9, 'a', 0, 'b'],
    ['zadd', 'k', 'LT', 9, 'a', 0, 'b'],
    ['zadd', 'k', 1, 'INCR', 2, 'NX'],
    ['zrem', 'k', 'a', 'x'],
    ['zremrangebyscore', 'k', 2, 3],
    ['zremrangebyrank', 'k', 0, -3],
    ['zremrangebyrank', 'k', 2, -1]
  ),
  ...cases(ALIKE, ['zremrangebylex', 'k', '[a', '[b']),
  ...cases(
    SORTEDS,
    ['zdiffstore', 'd', 2, 'k', 'o'],
    ['zinterstore', 'd', 2, 'k', 'o', 'WEIGHTS', 2, 3],
    ['zunionstore', 'd', '2', 'k', 'o', 'AGGREGATE', 'SUM'],
    ['zrangestore', 'd', 'k', 1, 2]
  ),
  ...cases(
    PLACES,
    ['geoadd', 'k', 1, 2, 'p', 3, 4, 'new'],
    ['geoadd', 'k', 'XX', 'CH', 1, 2, 'p'],
    ['geosearchstore', 'd', 'k', 'FROMMEMBER', 'p', 'BYRADIUS', 500, 'km'],
    ['georadius', 'k', 15, 37, 500, 'km'],
    ['georadiusbymember', 'k', 'p', 500, 'km', 'ASC']
  ),
  ...cases(
    [
      ['pfadd', 'k', 'a'],
      ['pfadd', 'o', 'b']
    ],
    ['pfadd', 'k', 'new', 'newer'],
    ['pfmerge', 'k', 'o'],
    ['pfmerge', 'd', 'k', 'o']
  ),
  ...cases(
    STREAM,
    ['xdel', 'k', '2-1', '9-9'],
    ['xtrim', 'k', 'MAXLEN', 2],
    ['xtrim', 'k', 'MAXLEN', '~', 2],
    ['xtrim', 'k', 'MINID', '3']
  ),
  ...cases(GROUP, ['xack', 'k', 'g', '1-1', '9-9'], ['xgroup', 'CREATECONSUMER', 'k', 'g', 'new']),
  ...cases(
    STRING,
    ['script', 'LOAD', 'return 1'],
    ['config', 'GET', 'maxmemory'],
    ['info'],
    ['ping'],
    ['scan', '0'],
    ['touch', 'k'],
    ['pfcount', 'nothing'],
    ['object', 'ENCODING', 'k'],
    ['eval_ro', "return redis.call('get', KEYS[1])", 1, 'k']
  )
]

/** May not be repeated; the repeat changes the data again, or answers otherwise than the first did. */
export const NOT_REPEATABLE: readonly RepeatCase[] = [
  ...cases(
    STRING,
    ['append', 'k', 'x'],
    ['bitfield', 'k', 'SET', 'u8', 0, 9],
    ['bitop', 'NOT', 'k', 'k'],
    ['copy', 'k', 'x'],
    ['getdel', 'k'],
    ['getset', 'k', 'v'],
    ['set', 'k', 'v', 'GET'],
    ['set', 'x', 'v', Buffer.from('nx')],
    ['setnx', 'x', 'v'],
    ['msetnx', 'x', 1, 'y', 2],
    ['getex', 'k', 'EXAT', 1],
    ['expireat', 'k', FAR, 'NX'],
    ['pexpireat', 'k', FAR * 1000, 'LT'],
    ['expire', 'k', 500, 'NX'],
    ['pexpire', 'k', 500_000, 'NX'],
    ['move', 'k', 1],
    ['rename', 'k', 'x'],
    ['renamenx', 'k', 'x'],
    ['swapdb', 0, 1]
  ),
  ...cases([...STRING_WITH_TTL, ['expireat', 'k', FAR - 5]], ['expireat', 'k', FAR, 'GT']),
  ...cases(
    [['set', 'k', 5]],
    ['incr', 'k'],
    ['incrby', 'k', 2],
    ['incrbyfloat', 'k', 0.5],
    ['decr', 'k'],
    ['decrby', 'k', 2]
  ),
  ...cases(
    HASH,
    ['hincrby', 'k', 'f', 1],
    ['hincrbyfloat', 'k', 'f', 0.5],
    ['hsetnx', 'k', 'h', 1],
    ['hexpireat', 'k', FAR, 'NX', 'FIELDS', 1, 'f'],
    ['hpexpire', 'k', 500, 'NX', 'FIELDS', 1, 'f'],
    ['hsetex', 'k', 'FNX', 'FIELDS', 1, 'h', 1],
    ['hgetdel', 'k', 'FIELDS', 1, 'f'],
    ['hgetex', 'k', 'EXAT', 1, 'FIELDS', 1, 'f']
  ),
  ...cases(
    LIST,
    ['blmove', 'k', 'x', 'LEFT', 'RIGHT', 1],
    ['blmpop', 1, 1, 'k', 'LEFT'],
    ['blpop', 'k', 1],
    ['brpop', 'k', 1],
    ['brpoplpush', 'k', 'x', 1],
    ['linsert', 'k', 'BEFORE', 'b', 'x'],
    ['lmove', 'k', 'x', 'LEFT', 'RIGHT'],
    ['lmpop', 1, 'k', 'LEFT'],
    ['lpop', 'k'],
    ['lpush', 'k', 'x'],
    ['lpushx', 'k', 'x'],
    ['lrem', 'k', 1, 'a'],
    ['lrem', 'k', -1, 'a'],
    ['ltrim', 'k', 1, -1],
    ['ltrim', 'k', 0, -2],
    ['ltrim', 'k', 1, 4],
    ['rpop', 'k'],
    ['rpoplpush', 'k', 'x'],
    ['rpush', 'k', 'x'],
    ['rpushx', 'k', 'x']
  ),
  ...cases(SETS, ['smove', 'k', 'o', 'a'], ['spop', 'k']),
  ...cases(
    SORTEDS,
    ['bzmpop', 1, 1, 'k', 'MIN'],
    ['bzpopmin', 'k', 1],
    ['bzpopmax', 'k', 1],
    ['zmpop', 1, 'k', 'MIN'],
    ['zpopmin', 'k'],
    ['zpopmax', 'k'],
    ['zincrby', 'k', 1, 'a'],
    ['zadd', 'k', 'INCR', 1, 'a'],
    ['zadd', 'k', 'NX', 1, 'new'],
    ['zremrangebyrank', 'k', 0, 0],
    ['zremrangebyrank', 'k', 1, 2],
    ['zremrangebyrank', 'k', -2, -1],
    ['zunionstore', 'k', 2, 'k', 'o'],
    ['zrangestore', 'k', 'k', 1, -1]
  ),
  ...cases(PLACES, ['geoadd', 'k', 'NX', 1, 2, 'new']),
  ...cases(STREAM, ['xadd', 'k', '*', 'f', 'v'], ['xadd', 'k', '9-1', 'f', 'v'], ['xgroup', 'CREATE', 'k', 'g', '0']),
  ...cases(
    GROUP,
    ['xreadgroup', 'GROUP', 'g', 'c', 'COUNT', 1, 'STREAMS', 'k', '>'],
    ['xgroup', 'DELCONSUMER', 'k', 'g', 'c'],
    ['xgroup', 'DESTROY', 'k', 'g'],
    ['xclaim', 'k', 'g', 'd', 0, '1-1'],
    ['xautoclaim', 'k', 'g', 'd', 0, '0']
  ),
  ...cases([], ['function', 'LOAD', "#!lua name=l\nredis.register_function('f', function() return 1 end)"]),
  ...cases(STRING, ['eval', "return redis.call('append', KEYS[1], 'x')", 1, 'k'])
]

/** May not be repeated, for reasons that two runs in a row do not show: writes of others in between, unknown options. */
export const REFUSED: readonly RepeatCase['call'][] = [
  ['flushall'],
  ['flushdb'],
  ['lset', 'k', 0, 'x'],
  ['set', 'k', 'v', 'IFEQ', 'old'],
  ['sdiffstore', 'k', 'o', 'k'],
  ['sinterstore', 'k', 'o', 'k'],
  ['sunionstore', 'k', 'k'],
  ['zdiffstore', 'k', 2, 'k', 'o'],
  ['zinterstore', 'd', 'many', 'k'],
  ['hpexpireat', 'k', FAR, 'GT', 'FIELDS', 1, 'f'],
  ['zadd', 'k'],
  ['geosearchstore', 'k', 'k', 'FROMMEMBER', 'p', 'BYRADIUS', 1, 'km'],
  ['georadius', 'k', 15, 37, 5, 'km', 'STORE', 'd'],
  ['georadiusbymember', 'k', 'p', 5, 'km', 'STOREDIST', 'd'],
  ['sort', 'k', 'STORE', 'd'],
  ['copy', 'k', 'k', 'REPLACE'],
  ['restore', 'k', 0, PAYLOAD],
  ['hexpire', 'k', 5],
  ['hsetex', 'k', 'EX', 5],
  ['getex', 'k', 'EX', 5],
  ['xgroup', 'SETID', 'k', 'g', '0'],
  ['xsetid', 'k', '5-1'],
  ['publish', 'c', 'm'],
  ['spublish', 'c', 'm'],
  ['evalsha', 'sha', 0],
  ['fcall', 'f', 0],
  ['json.set', 'k', '$', '1'],
  ['json.get', 'k'],
  ['constructor'],
  ['config', 'SET', 'maxmemory', 0],
  ['script', 'FLUSH'],
  ['client', 'KILL', 'ID', 1],
  ['multi'],
  ['exec'],
  ['shutdown'],
  ['migrate', 'h', 1, 'k', 0, 5],
  ['vadd', 'k', 'VALUES', 1, 1, 'e']
]
