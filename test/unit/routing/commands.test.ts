import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Arg, Intent } from '../../../src/routing/commands.js'
import { flagsOf, fullNameOf, intentOf, isReplicaSafe } from '../../../src/routing/commands.js'
import { COMMAND_TABLE } from '../../../src/routing/command-table.js'

const NAMES = Object.keys(COMMAND_TABLE)

const CASES: readonly (readonly [Intent, ...(readonly Arg[])])[] = [
  ['read', 'get', 'k'],
  ['read', 'mget', 'a', 'b'],
  ['read', 'exists', 'k'],
  ['read', 'hgetall', 'k'],
  ['read', 'zrange', 'k', 0, -1],
  ['read', 'sintercard', 2, 'a', 'b'],
  ['read', 'srandmember', 'k'],
  ['read', 'dump', 'k'],
  ['read', 'ttl', 'k'],
  ['read', 'pexpiretime', 'k'],
  ['read', 'substr', 'k', 0, 1],
  ['read', 'geosearch', 'k', 'FROMMEMBER', 'm', 'BYRADIUS', '1', 'km'],
  ['read', 'xrange', 'k', '-', '+'],
  ['read', 'xpending', 'k', 'g'],

  ['write', 'set', 'k', 'v'],
  ['write', 'getex', 'k'],
  ['write', 'xreadgroup', 'GROUP', 'g', 'c', 'STREAMS', 's', '>'],
  ['write', 'pfcount', 'k'],
  ['write', 'touch', 'k'],
  ['write', 'object', 'ENCODING', 'k'],
  ['write', 'memory', 'USAGE', 'k'],
  ['write', 'randomkey'],
  ['write', 'dbsize'],
  ['write', 'keys', '*'],
  ['write', 'lolwut'],
  ['write', 'publish', 'c', 'm'],
  ['write', 'spublish', 'c', 'm'],
  ['write', 'pubsub', 'CHANNELS'],
  ...[
    'info',
    'time',
    'ping',
    'echo',
    'role',
    'lastsave',
    'command',
    'config',
    'latency',
    'slowlog',
    'cluster',
    'debug'
  ].map((name) => ['write', name] as const),
  ...['acl', 'script', 'function', 'module', 'flushall', 'replicaof', 'shutdown'].map(
    (name) => ['write', name] as const
  ),

  ['write', 'scan', '0'],
  ['write', 'sscan', 'k', '0'],
  ['write', 'hscan', 'k', '0'],
  ['write', 'zscan', 'k', '0'],

  ['write', 'sort', 'k'],
  ['write', 'sort', 'k', 'STORE', 'd'],
  ['read', 'sort_ro', 'k'],
  ['read', 'sort_ro', 'by', 'LIMIT', 0, 1],
  ['write', 'sort_ro', 'k', 'by', 'w_*'],
  ['write', 'sort_ro', 'k', Buffer.from('get'), 'o_*'],
  ['write', 'georadius', 'k', 1, 2, 3, 'km'],
  ['read', 'georadius_ro', 'k', 1, 2, 3, 'km'],
  ['write', 'georadiusbymember', 'k', 'm', 3, 'km'],
  ['read', 'georadiusbymember_ro', 'k', 'm', 3, 'km'],
  ['write', 'bitfield', 'k', 'GET', 'u8', 0],
  ['read', 'bitfield_ro', 'k', 'GET', 'u8', 0],
  ['write', 'eval', 'return 1', 0],
  ['write', 'evalsha', 'sha', 1, 'k'],
  ['write', 'fcall', 'f', 1, 'k'],
  ['read', 'eval_ro', 'return 1', 1, 'k'],
  ['read', 'evalsha_ro', 'sha', 1, 'k'],
  ['read', 'fcall_ro', 'f', 1, 'k'],

  ['read', 'xread', 'COUNT', 1, 'STREAMS', 's', '0'],
  ['read', 'xread', 'STREAMS', 'block', '0'],
  ['write', 'xread', 'BLOCK', 0, 'STREAMS', 's', '$'],
  ['write', 'xread', 'COUNT', '1', Buffer.from('block'), Buffer.from('5'), 'STREAMS', 's', '$'],
  ['read', 'xinfo', 'STREAM', 's'],
  ['read', 'xinfo', Buffer.from('groups'), 's'],
  ['read', 'xinfo', 'STREAM', 'full'],
  ['write', 'xinfo', 'STREAM', 's', 'FULL', 'COUNT', 1],
  ['write', 'xinfo', 'CONSUMERS', 's', 'g'],
  ['write', 'xinfo'],

  // Of a module, of nobody, and the names that a plain object would know.
  ['write', 'json.get', 'k'],
  ['write', 'vsim', 'k', 'ELE', 'e'],
  ['write', 'nonsense', 'k'],
  ['write', 'constructor'],
  ['write', '__proto__'],
  ['write', ''],

  ...['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe', 'monitor', 'multi'].map(
    (name) => ['session', name] as const
  ),
  ...['exec', 'discard', 'watch', 'unwatch', 'select', 'auth', 'hello', 'client', 'reset', 'quit', 'readonly'].map(
    (name) => ['session', name] as const
  ),
  ...['readwrite', 'asking', 'sync', 'psync', 'replconf', 'wait', 'waitaof'].map((name) => ['session', name] as const)
]

describe('intentOf', () => {
  it.each(CASES)('%s: %s %s %s %s', (intent, name, ...args) => {
    expect(intentOf(String(name), args)).toBe(intent)
  })

  it('takes names in any case', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CASES), fc.infiniteStream(fc.boolean()), ([intent, name, ...args], upper) => {
        const mixed = Array.from(String(name), (letter) => (upper.next().value ? letter.toUpperCase() : letter))
        expect(intentOf(mixed.join(''), args)).toBe(intent)
      })
    )
  })

  it('sends nothing to a replica that is not readonly and bears keys, whatever its arguments', () => {
    const arg = fc.oneof(fc.string(), fc.integer(), fc.constantFrom('STREAMS', 'STREAM', 'GROUPS', 'BLOCK', 'BY'))
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.array(arg, { maxLength: 6 }), (name, args) => {
        const [command = '', ...sub] = name.split('|')
        const all = [...sub, ...args]
        if (intentOf(command, all) === 'read') expect(isReplicaSafe(fullNameOf(command, all))).toBe(true)
      }),
      { numRuns: 2000 }
    )
  })

  it('keeps a replica-safe command on the primary only where that was decided', () => {
    const kept = NAMES.filter((name) => {
      const [command = '', ...sub] = name.split('|')
      return isReplicaSafe(name) && intentOf(command, [...sub, 'k']) !== 'read'
    })
    expect(kept).toEqual([
      'hscan',
      'memory|usage',
      'object|encoding',
      'object|freq',
      'object|idletime',
      'object|refcount',
      'sscan',
      'touch',
      'xinfo|consumers',
      'zscan'
    ])
  })
})

describe('the table', () => {
  it.each(['random', 'read-keys', 'readonly', 'write', 'blocking', 'movablekeys', 'undeclared-keys'])(
    'holds commands with the flag %s',
    (flag) => {
      expect(NAMES.filter((name) => flagsOf(name).has(flag)).length).toBeGreaterThan(0)
    }
  )

  it('never says both readonly and write, or both read-keys and write-keys', () => {
    const both = NAMES.map(flagsOf).filter(
      (flags) => (flags.has('readonly') && flags.has('write')) || (flags.has('read-keys') && flags.has('write-keys'))
    )
    expect(both).toEqual([])
  })

  it('has no flags for a name it does not hold', () => {
    expect([...flagsOf('constructor'), ...flagsOf('json.get')]).toEqual([])
  })
})

describe('fullNameOf', () => {
  it.each<[string, Arg[], string]>([
    ['XINFO', ['Stream', 's'], 'xinfo|stream'],
    ['config', [Buffer.from('GET'), '*'], 'config|get'],
    ['get', ['stream'], 'get'],
    ['config', [], 'config'],
    ['Nonsense', ['GET'], 'nonsense']
  ])('%s %s is %s', (name, args, full) => {
    expect(fullNameOf(name, args)).toBe(full)
  })
})
