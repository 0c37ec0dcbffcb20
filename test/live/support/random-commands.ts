import fc from 'fast-check'

export interface RandomCommand {
  readonly name: string
  readonly args: (string | Buffer | number)[]
}

type Part = fc.Arbitrary<string | Buffer | number | readonly (string | Buffer | number)[]>

const key = fc.constantFrom('a', 'b', 'c', 'd')
const field = fc.constantFrom('f', 'g', '')
const member = fc.constantFrom('m', 'n', 'ö', '\u0000')
const integer = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom('9007199254740991', '9007199254740993', '-9007199254740993', '9223372036854775806', 'none')
)
const float = fc.constantFrom('1.5', '-0.25', '3', 'inf', 'none')
const value: fc.Arbitrary<string | Buffer | number> = fc.oneof(
  fc.constantFrom('', 'text', 'ünï', '10', '9007199254740993', '9223372036854775806', '-9223372036854775807'),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes))
)
const count = fc.integer({ min: 0, max: 3 })
const side = fc.constantFrom('LEFT', 'RIGHT')
const id = fc.integer({ min: 1, max: 60 }).map((n) => `${n}-0`)

const some = (one: fc.Arbitrary<string | Buffer | number>) => fc.array(one, { minLength: 1, maxLength: 3 })
const perhaps = (...parts: Part[]): Part =>
  fc.oneof(
    fc.constant([]),
    fc.tuple(...parts).map((all) => all.flat() as (string | Buffer | number)[])
  )
const word = (text: string) => fc.constant(text)
const oneOf = (...texts: string[]) => fc.constantFrom(...texts)

function command(name: string, ...parts: Part[]): fc.Arbitrary<RandomCommand> {
  return fc.tuple(...parts).map((all) => ({ name, args: all.flat() }))
}

function script(lua: string): fc.Arbitrary<RandomCommand> {
  return command('eval', word(lua), word('1'), key, some(value))
}

const WRITES: readonly fc.Arbitrary<RandomCommand>[] = [
  command('set', key, value, perhaps(oneOf('NX', 'XX', 'GET', 'KEEPTTL'))),
  command('setnx', key, value),
  command('getset', key, value),
  command('getdel', key),
  command('mset', key, value, key, value),
  command('msetnx', key, value, key, value),
  command('append', key, value),
  command('setrange', key, count, value),
  command('setbit', key, count, fc.constantFrom(0, 1)),
  command('incr', key),
  command('decr', key),
  command('incrby', key, integer),
  command('decrby', key, integer),
  command('incrbyfloat', key, float),
  command(
    'bitfield',
    key,
    word('INCRBY'),
    oneOf('u8', 'i40'),
    word('#1'),
    fc.constantFrom(1, -3, 200),
    word('GET'),
    word('u3'),
    word('0')
  ),
  command('lpush', key, some(value)),
  command('rpush', key, some(value)),
  command('rpushx', key, value),
  command('lpop', key, perhaps(count)),
  command('rpop', key),
  command('linsert', key, oneOf('BEFORE', 'AFTER'), value, value),
  command('lset', key, count, value),
  command('lrem', key, count, value),
  command('ltrim', key, count, count),
  command('lmove', key, key, side, side),
  command('lmpop', word('2'), key, key, side, perhaps(word('COUNT'), fc.constantFrom(1, 2))),
  command('sadd', key, some(member)),
  command('srem', key, some(member)),
  command('smove', key, key, member),
  command('sinterstore', key, key, key),
  command('hset', key, field, value, field, value),
  command('hsetnx', key, field, value),
  command('hincrby', key, field, integer),
  command('hincrbyfloat', key, field, float),
  command('hdel', key, some(field)),
  command('zadd', key, perhaps(oneOf('NX', 'XX', 'CH')), float, member, float, member),
  command('zadd', key, perhaps(oneOf('NX', 'XX')), word('INCR'), float, member),
  command('zincrby', key, float, member),
  command('zpopmin', key, perhaps(count)),
  command('zpopmax', key),
  command('zmpop', word('2'), key, key, oneOf('MIN', 'MAX'), word('COUNT'), fc.constantFrom(1, 3)),
  command('zrem', key, some(member)),
  command('zunionstore', key, word('2'), key, key, perhaps(word('WEIGHTS'), float, float)),
  command('zrangestore', key, key, word('0'), word('-1')),
  command('geoadd', key, word('13.36'), word('38.11'), member),
  command(
    'georadius',
    key,
    word('13'),
    word('38'),
    word('200'),
    word('km'),
    perhaps(word('WITHCOORD'), word('WITHDIST'))
  ),
  command('pfadd', key, some(member)),
  command('pfmerge', key, key),
  command('xadd', key, id, field, value),
  command('xdel', key, id),
  command('xtrim', key, word('MAXLEN'), count),
  command('xgroup', word('CREATE'), key, word('group'), word('0'), perhaps(word('MKSTREAM'))),
  command(
    'xreadgroup',
    word('GROUP'),
    word('group'),
    word('me'),
    word('COUNT'),
    word('2'),
    word('STREAMS'),
    key,
    oneOf('>', '0')
  ),
  command('xack', key, word('group'), id),
  command('xautoclaim', key, word('group'), word('you'), word('0'), word('0')),
  command('xclaim', key, word('group'), word('you'), word('0'), id),
  command('expire', key, word('1000'), perhaps(oneOf('NX', 'GT'))),
  command('persist', key),
  command('rename', key, key),
  command('copy', key, key),
  command('del', key, key),
  command('sort', key, word('ALPHA'), perhaps(word('STORE'), key))
]

const READS: readonly fc.Arbitrary<RandomCommand>[] = [
  command('get', key),
  command('mget', key, key),
  command('type', key),
  command('exists', key, key),
  command('ttl', key),
  command('lrange', key, word('0'), word('-1')),
  command('lpos', key, value),
  command('smembers', key),
  command('sismember', key, member),
  command('hgetall', key),
  command('hmget', key, field, field),
  command('zrange', key, word('0'), word('-1'), perhaps(word('WITHSCORES'))),
  command('zscore', key, member),
  command('zmscore', key, member, member),
  command('zdiff', word('2'), key, key, word('WITHSCORES')),
  command('geopos', key, member, member),
  command('geodist', key, member, member),
  command('xrange', key, word('-'), word('+')),
  command('xread', word('COUNT'), word('2'), word('STREAMS'), key, key, word('0'), word('0')),
  command('pfcount', key),
  command('lcs', key, key, perhaps(word('IDX'))),
  command('object', word('ENCODING'), key),
  command('ping')
]

const SCRIPTS: readonly fc.Arbitrary<RandomCommand>[] = [
  `return ARGV`,
  `return {KEYS[1], ARGV[1], #ARGV, false, {1, {2, {ARGV[1]}}}, 3.7, {}}`,
  `return {1, nil, 3}`,
  `return redis.call('INCR', KEYS[1])`,
  `local r = redis.pcall('INCR', KEYS[1]) return r`,
  `redis.call('RPUSH', KEYS[1], ARGV[1])\nreturn redis.call('LRANGE', KEYS[1], 0, -1)`,
  `return redis.status_reply('FINE')`,
  `return redis.error_reply('MINE own words')`,
  `redis.call('SET', KEYS[1], ARGV[1])\nerror('after the write')`,
  `redis.call('APPEND', KEYS[1], ARGV[1])\n\nerror({err = 'MINE as a table'})`,
  `return redis.call('HGETALL', KEYS[1])`,
  `return redis.call('GET', KEYS[1])`,
  `redis.setresp(3) return {map = {one = 1.5}}`,
  `redis.setresp(3) return {double = 0.1}`,
  `redis.setresp(3) return {big_number = '123456789012345678901234567890'}`,
  `redis.setresp(3) return {verbatim_string = {string = 'words', format = 'txt'}}`,
  `redis.setresp(3) return redis.call('HGETALL', KEYS[1])`,
  `redis.setresp(3) return redis.call('ZSCORE', KEYS[1], 'm')`,
  `return true`,
  `return select('#', 1, 2, 3)`,
  `-- only a remark`,
  `#!lua flags=allow-oom\nreturn redis.call('INCR', KEYS[1])`,
  `#!lua\n\nerror('on the third line')`,
  `return KEYS[1] -- without an end of line`,
  `return undefined_name`
].map(script)

/** In a transaction they come as 1 and 0. */
const BOOLEANS = [`redis.setresp(3) return true`, `redis.setresp(3) return false`].map(script)

const MISTAKES: readonly fc.Arbitrary<RandomCommand>[] = [
  command('incr'),
  command('lpush', key),
  command('hset', key, field),
  command('set', key, value, word('NONSENSE')),
  command('xadd', key, word('0-0'), field, value),
  command('eval', word('this is no Lua'), word('0'))
]

/** Any command whose reply is the same for the same data. */
export const commandArbitrary = fc.oneof(
  { weight: 8, arbitrary: fc.oneof(...WRITES) },
  { weight: 2, arbitrary: fc.oneof(...SCRIPTS, ...BOOLEANS) },
  { weight: 1, arbitrary: fc.oneof(...READS) },
  { weight: 1, arbitrary: fc.oneof(...MISTAKES) }
)

/** Those that a server takes into a transaction. */
export const inTransactionArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(...WRITES) },
  { weight: 3, arbitrary: fc.oneof(...READS) },
  { weight: 1, arbitrary: fc.oneof(...SCRIPTS) }
)
