import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../../src/errors.js'
import { COMMAND_TABLE } from '../../../src/routing/command-table.js'
import { AnsweredTokens } from '../../../src/routing/exactly-once/answered-tokens.js'
import { fitnessInBatch, fitnessOf } from '../../../src/routing/exactly-once/fitness.js'
import type { Fitness } from '../../../src/routing/exactly-once/fitness.js'
import { keepForMs } from '../../../src/routing/exactly-once/options.js'
import type { ExactlyOnceSetting } from '../../../src/routing/exactly-once/options.js'
import { ownError, plainErrorText, replyOf } from '../../../src/routing/exactly-once/reply.js'
import { batchRequestOf, requestOf, tooManyWords } from '../../../src/routing/exactly-once/request.js'
import { MOST_WORDS, wrapperText } from '../../../src/routing/exactly-once/wrapper.js'
import { digestOf, sha1, Wrappers } from '../../../src/runtime/exactly-once-hashes.js'
import { checkExactlyOnce } from '../../../src/runtime/exactly-once-options.js'

const KNOWN_SCRIPT = `return redis.call('INCR', KEYS[1])`
const sourceOf = (sha: string): string | undefined => (sha === sha1(KNOWN_SCRIPT) ? KNOWN_SCRIPT : undefined)
const kindOf = (name: string, ...args: string[]): Fitness['kind'] => fitnessOf(name, args, sourceOf).kind

describe('how a command is made once', () => {
  const commands = Object.entries(COMMAND_TABLE).map(([full, flags]) => {
    const [name = '', ...sub] = full.split('|')
    return { full, args: [...sub, 'k', 'k', 'k'], name, flags: flags.split(' ') }
  })
  const isScript = ({ full }: { full: string }): boolean => /^eval(sha)?$/.test(full)

  test('whatever writes is carried or refused, never sent as it is', () => {
    const writes = commands.filter(({ flags }) => flags.includes('write'))
    expect(writes.length).toBeGreaterThan(100)
    expect(writes.filter(({ name, args }) => kindOf(name, ...args) === 'plain').map(({ full }) => full)).toEqual([])
  })

  test('whatever a server takes in no script is not carried', () => {
    const kept = commands.filter((command) => command.flags.includes('noscript') && !isScript(command))
    expect(kept.length).toBeGreaterThan(50)
    expect(kept.filter(({ name, args }) => kindOf(name, ...args) === 'command').map(({ full }) => full)).toEqual([])
  })

  test('whatever only reads is sent as it is', () => {
    const reads = commands.filter(
      ({ flags }) => flags.includes('readonly') && !flags.includes('blocking') && !flags.includes('noscript')
    )
    expect(reads.filter(({ name, args }) => kindOf(name, ...args) !== 'plain').map(({ full }) => full)).toEqual([])
  })

  test.each<[Fitness['kind'], string, ...string[]]>([
    ['command', 'incr', 'n'],
    ['command', 'INCR', 'n'],
    ['command', 'publish', 'news', 'x'],
    ['command', 'set', 'k', 'v', 'NX'],
    ['command', 'json.numincrby', 'k', '$', '1'],
    ['command', 'xreadgroup', 'GROUP', 'g', 'me', 'STREAMS', 's', '>'],
    ['refused', 'xreadgroup', 'GROUP', 'g', 'me', 'BLOCK', '10', 'STREAMS', 's', '>'],
    ['refused', 'blmpop', '1', '1', 'list', 'LEFT'],
    ['refused', 'fcall', 'f', '0'],
    ['refused', 'watch', 'k'],
    ['refused', 'multi'],
    ['refused', 'exec'],
    ['unknown-script', 'evalsha', 'f'.repeat(40), '0'],
    ['plain', 'script', 'LOAD', 'return 1'],
    ['refused', 'config', 'SET', 'maxmemory', '1'],
    ['refused', 'script', 'FLUSH'],
    ['script', 'evalsha', sha1(KNOWN_SCRIPT).toUpperCase(), '1', 'n'],
    ['script', 'eval', 'return 1', '0'],
    ['refused', 'eval', `redis.call('SELECT', 1)`, '0'],
    ['plain', 'eval', '#!lua flags=no-writes\nreturn 1', '0'],
    ['plain', 'eval_ro', 'return 1', '0'],
    ['plain', 'get', 'k'],
    ['plain', 'xread', 'BLOCK', '10', 'STREAMS', 's', '$'],
    ['plain', 'subscribe', 'news'],
    ['plain', 'select', '1'],
    ['plain', 'wait', '1', '10'],
    ['plain', 'config', 'GET', 'maxmemory'],
    ['plain', 'ping']
  ])('%s: %s %s %s', (kind, name, ...args) => {
    expect(kindOf(name, ...args)).toBe(kind)
  })

  test('in a transaction what reads is executed with the rest, if a script may call it', () => {
    expect(fitnessInBatch('get', ['k'], sourceOf).kind).toBe('command')
    expect(fitnessInBatch('incr', ['k'], sourceOf).kind).toBe('command')
    for (const [name, ...args] of [
      ['eval_ro', 'return 1', '0'],
      ['subscribe', 'news'],
      ['select', '1'],
      ['role']
    ] as const)
      expect(fitnessInBatch(name, args, sourceOf).kind).toBe('refused')
  })
})

describe('options', () => {
  test.each<[unknown, RegExp]>([
    ['yes', /exactlyOnce.*is 'yes'; allowed: true, false/],
    [{ tokn: 'x' }, /takes no "tokn".*Did you mean "token"/],
    [{ token: '' }, /token.*a text of 0 characters; allowed is a text of 1 to 256/],
    [{ token: 7 }, /token.*is 7/],
    [{ tokenPrefix: 'x'.repeat(257) }, /tokenPrefix.*257 characters/],
    [{ ttlMs: 999 }, /ttlMs.*is 999; allowed is a whole number of milliseconds from 1000 to 2592000000/],
    [{ ttlMs: 1.5e3 + 0.5 }, /ttlMs.*is 1500.5/],
    [{ ttlMs: 2_592_000_001 }, /ttlMs/],
    [null, /exactlyOnce.*is null/]
  ])('%j is refused', (setting, message) => {
    const check = (): void => {
      checkExactlyOnce(setting as ExactlyOnceSetting)
    }
    expect(check).toThrow(ConfigurationError)
    expect(check).toThrow(message)
  })

  test('a token outlives the call', () => {
    expect(keepForMs(true, 21_000)).toBe(621_000)
    expect(keepForMs({ ttlMs: 3_600_000 }, 21_000)).toBe(3_600_000)
    for (const deadlineMs of [5e9, Infinity]) expect(keepForMs(true, deadlineMs)).toBe(2_592_000_000)
    expect(keepForMs({ ttlMs: 1_000 }, 21_000)).toBe(81_000)
    expect(keepForMs(true, 20_000.5)).toBe(620_001)
    expect(keepForMs(true, Infinity)).toBe(30 * 86_400_000)
    expect(keepForMs({ ttlMs: 1_000 }, Infinity)).toBe(30 * 86_400_000)
  })
})

describe('what is asked of the wrapper', () => {
  const incr = { name: 'incr', args: ['n'] }
  const script = {
    name: 'evalsha',
    args: ['sha', '1', 'key', 'a', 'b'],
    script: { source: KNOWN_SCRIPT, sha: sha1(KNOWN_SCRIPT) }
  }

  test('a command as it is, a script by its place', () => {
    expect(requestOf(incr)).toEqual({ kind: 'command', sources: [], words: ['incr', 'n'] })
    const words = ['1', '1', '2', sha1(KNOWN_SCRIPT), 'key', 'a', 'b']
    expect(requestOf(script)).toEqual({ kind: 'script', sources: [KNOWN_SCRIPT], words })
    expect(batchRequestOf([incr, script, script])).toEqual({
      kind: 'batch',
      sources: [KNOWN_SCRIPT],
      words: ['0', '2', 'incr', 'n', ...words, ...words]
    })
  })

  test('the same scripts make the same text, so that a server compiles it once', () => {
    const wrappers = new Wrappers()
    const first = wrappers.get('script', [KNOWN_SCRIPT])
    expect(first.sha).toBe(sha1(first.text))
    expect(wrappers.get('script', [KNOWN_SCRIPT])).toBe(first)
    expect(wrappers.get('batch', [KNOWN_SCRIPT]).sha).not.toBe(first.sha)
    for (let at = 0; at < 1_001; at++) wrappers.get('script', [`return ${at}`])
    expect(wrappers.get('script', [KNOWN_SCRIPT])).toEqual(first)
  })

  test('a script begins on its own first line, behind its flags', () => {
    const text = wrapperText('script', ['#!lua flags=allow-oom\nreturn 1'])
    expect(text.split('\n').slice(0, 2)).toEqual([
      '#!lua flags=allow-oom',
      'local script1 = function(KEYS, ARGV, ...) return 1'
    ])
    expect(wrapperText('batch', ['#!lua\nreturn 1']).startsWith('local script1')).toBe(true)
  })

  test('the digest tells calls apart', () => {
    const digest = digestOf('one', [incr])
    expect(digest).toHaveLength(16)
    expect(digestOf('one', [{ name: 'INCR', args: [Buffer.from('n')] }])).toBe(digest)
    const others = [
      digestOf('batch', [incr]),
      digestOf('one', [{ name: 'decr', args: ['n'] }]),
      digestOf('one', [{ name: 'incr', args: ['m'] }]),
      digestOf('one', [{ name: 'incr', args: ['n', ''] }]),
      digestOf('batch', [incr, incr]),
      digestOf('one', [script]),
      digestOf('one', [{ ...script, script: { source: 'return 1', sha: sha1('return 1') } }])
    ]
    expect(new Set([digest, ...others]).size).toBe(others.length + 1)
    // By its SHA1 or by its text, a script is the same.
    expect(digestOf('one', [{ ...script, name: 'eval', args: [KNOWN_SCRIPT, ...script.args.slice(1)] }])).toBe(
      digestOf('one', [script])
    )
  })

  test('more words than Lua can pass on are refused, of a script there may be any number', () => {
    const words = Array.from({ length: MOST_WORDS }, String)
    expect(tooManyWords({ name: 'rpush', args: words.slice(1) })).toBeUndefined()
    expect(tooManyWords({ name: 'rpush', args: words })).toMatch(/7901 words.*at most 7900/)
    expect(tooManyWords({ name: 'eval', args: words, script: { source: 'return 1', sha: '' } })).toBeUndefined()
  })
})

describe('what the wrapper answers', () => {
  const legacy = { stringNumbers: false, doubles: 'bytes', native: false } as const
  const native = { stringNumbers: false, doubles: 'number', native: true } as const
  const text = (value: string): Buffer => Buffer.from(value)

  test('whole numbers beyond 2^53 come as text', () => {
    const step = { name: 'HINCRBY', args: ['h', 'f', '1'] }
    expect(replyOf(step, text('9223372036854775807'), legacy)).toBe(9223372036854775807)
    expect(replyOf(step, text('-9223372036854775807'), { ...legacy, stringNumbers: true })).toBe('-9223372036854775807')
    expect(replyOf({ name: 'get', args: ['k'] }, text('9223372036854775807'), legacy)).toEqual(
      text('9223372036854775807')
    )
  })

  test('what only RESP3 tells apart', () => {
    const asked = (name: string, args: string[], reply: unknown): unknown => replyOf({ name, args }, reply, native)
    expect(asked('zincrby', ['z', '1', 'm'], text('1.5'))).toBe(1.5)
    expect(asked('zadd', ['z', 'INCR', '1', 'm'], text('-inf'))).toBe(-Infinity)
    expect(asked('zpopmin', ['z'], [text('m'), text('1')])).toEqual([text('m'), 1])
    expect(asked('zpopmin', ['z', '2'], [text('m'), text('1')])).toEqual([[text('m'), 1]])
    expect(asked('hgetall', ['h'], [text('f'), text('v')])).toEqual({ f: text('v') })
    expect(asked('zmscore', ['z', 'a', 'b'], [null, text('2')])).toEqual([null, 2])
    expect(asked('xreadgroup', [], [[text('s'), []]])).toEqual({ s: [] })
    expect(asked('xreadgroup', [], null)).toBeNull()
    expect(replyOf({ name: 'zincrby', args: [] }, text('1.5'), legacy)).toEqual(text('1.5'))
  })

  test('errors in the words that a server has outside of scripts; its own are told from them', () => {
    const incr = { name: 'INCR', args: [] }
    // Redis, and Valkey.
    for (const called of ['Redis command', 'command'])
      expect(plainErrorText(incr, `ERR Wrong number of args calling ${called} from script`)).toBe(
        "ERR wrong number of arguments for 'incr' command"
      )
    expect(plainErrorText(incr, 'WRONGTYPE x')).toBe('WRONGTYPE x')
    expect(ownError('ONCEOTHER the token')).toBe('other-call')
    expect(ownError('ONCENOREPLY executed')).toBe('no-reply')
    expect(ownError('ERR ONCEOTHER')).toBeUndefined()
  })
})

test('answered tokens are handed out once, a few at a time, each in its database', () => {
  const tokens = new AnsweredTokens()
  for (let at = 0; at < 20; at++) tokens.add(0, `t${at}`)
  tokens.add(1, 'elsewhere')
  expect(tokens.take(0)).toHaveLength(16)
  expect(tokens.take(0)).toEqual(['t16', 't17', 't18', 't19'])
  expect(tokens.take(0)).toEqual([])
  expect(tokens.take(1)).toEqual(['elsewhere'])
  for (let at = 0; at < 10_050; at++) tokens.add(2, at)
  let taken = 0
  for (let some = tokens.take(2); some.length > 0; some = tokens.take(2)) taken += some.length
  expect(taken).toBe(10_000)
})
