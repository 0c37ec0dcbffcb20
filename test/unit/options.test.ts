import fc from 'fast-check'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import type { ResolvedOptions } from '../../src/options.js'
import { unfitCredentials, unfitTls } from '../../src/options/access.js'
import { resolveOptions } from '../../src/options.js'

const given = { name: 'mymaster', sentinels: ['10.0.0.1:26379'] } as const

function resolve(more: object): ResolvedOptions {
  return resolveOptions({ ...given, ...more })
}

/** The message of the error, which must be ours: nothing else may come of a wrong option. */
function refusal(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error).toMatchObject({ code: 'CONFIGURATION', stage: 'options' })
    return (error as Error).message
  }
  throw new Error('it was not refused')
}

describe('defaults', () => {
  it('are all filled in', () => {
    const { routeTo, given: _given, ...resolved } = resolveOptions({ ...given })
    expect(resolved).toEqual({
      name: 'mymaster',
      sentinels: [{ host: '10.0.0.1', port: 26379 }],
      node: { hop: 'node', credentials: {}, tls: undefined },
      sentinel: { hop: 'sentinel', credentials: {}, tls: undefined },
      readFrom: 'replicaPreferred',
      subscribeTo: 'primary',
      consistency: 'readYourWrites',
      maxLagMs: Infinity,
      zones: undefined,
      promotion: 'fast',
      holdWrites: 'odown',
      holdLimitMs: 15_000,
      suspectAfterMs: 100,
      hedge: { minMs: 10, maxMs: 50 },
      deadlineMs: undefined,
      connectDeadlineMs: 10_000,
      maxQueuedCommands: 100_000,
      maxQueuedBytes: 67_108_864,
      mappedAddresses: [],
      maxTransactions: 10,
      pollIntervalMs: 2_000,
      sentinelTimeoutMs: 1_000,
      connectTimeoutMs: 1_000,
      logger: undefined,
      redis: {},
      withoutEffect: []
    })
    const address = { host: '10.0.0.9', port: 6379 }
    expect(routeTo(address, 'primary')).toEqual({ announced: address, reached: address })
  })

  it('hold for options that are given as undefined', () => {
    const names = ['readFrom', 'promotion', 'deadlineMs', 'logger', 'addressMap', 'tls', 'db', 'password', 'unheardOf']
    const undefineds = Object.fromEntries(names.map((name) => [name, undefined]))
    const { given: _a, routeTo: _b, ...resolved } = resolve(undefineds)
    const { given: _c, routeTo: _d, ...plain } = resolve({})
    expect(resolved).toEqual(plain)
  })
})

describe('readOnlyCommands', () => {
  const declared = (...names: unknown[]) => resolve({ readOnlyCommands: names }).readOnlyCommands

  it('takes names that the table does not know, in any case', () => {
    expect(declared('JSON.GET', 'ft.search')).toEqual(new Set(['json.get', 'ft.search']))
    expect(declared('constructor', '__proto__')).toEqual(new Set(['constructor', '__proto__']))
  })

  it('takes known reads, which it changes nothing for', () => {
    expect(declared('get', 'XREAD', 'sort_ro', 'eval_ro')).toBeUndefined()
    expect(declared('get', 'json.get')).toEqual(new Set(['json.get']))
    expect(declared()).toBeUndefined()
    expect(resolve({}).readOnlyCommands).toBeUndefined()
  })

  it('takes what servers flag readonly and has no key, or is flagged by its module', () => {
    expect(declared('keys', 'DBSIZE', 'vsim')).toEqual(new Set(['keys', 'dbsize', 'vsim']))
  })

  it.each([
    ['set', '"set" writes'],
    ['GETEX', '"getex" writes'],
    ['eval', '"eval" writes'],
    ['xgroup', '"xgroup" writes'],
    ['function', '"function" writes'],
    ['publish', '"publish" reads no data'],
    ['config', '"config" reads no data'],
    ['multi', '"multi" is about the connection to the primary'],
    ['client', '"client" is about the connection to the primary'],
    ['hscan', 'the cursors of "hscan" are good at the node that gave them alone'],
    ['SCAN', 'the cursors of "scan" are good at the node that gave them alone'],
    ['touch', '"touch" goes to the primary on purpose'],
    ['object', '"object" goes to the primary on purpose']
  ])('refuses %s: %s', (name, reason) => {
    const message = refusal(() => declared('json.get', name))
    expect(message).toContain(`option "readOnlyCommands" holds "${name}": ${reason}`)
    expect(message).toContain('allowed are commands of modules')
  })

  it.each(['json.get', { 0: 'json.get' }, 1, true])('refuses %j, which is no array', (value) => {
    expect(refusal(() => resolve({ readOnlyCommands: value }))).toMatch(
      /option "readOnlyCommands" is .*; allowed is an array of names/
    )
  })

  it.each(['', 'json get', ' json.get', 1, undefined, null, ['json.get']])('refuses the name %j', (name) => {
    expect(refusal(() => declared(name))).toMatch(/option "readOnlyCommands" holds .*; allowed are names of commands/)
  })
})

describe('sentinels', () => {
  it('takes every form, and each sentinel once', () => {
    const sentinels = [
      'a',
      'b:1',
      '[::1]',
      '[::2]:2',
      { host: 'c' },
      { host: '::3', port: 3 },
      'a:26379',
      { host: 'a' }
    ]
    expect(resolve({ sentinels }).sentinels).toEqual([
      { host: 'a', port: 26379 },
      { host: 'b', port: 1 },
      { host: '::1', port: 26379 },
      { host: '::2', port: 2 },
      { host: 'c', port: 26379 },
      { host: '::3', port: 3 }
    ])
  })

  it.each([
    [{ sentinels: undefined }, 'option "sentinels" is undefined; give at least one, for example ["10.0.0.1:26379"]'],
    [{ sentinels: [] }, 'option "sentinels" is []; give at least one'],
    [{ sentinels: 'a:1' }, 'option "sentinels" is "a:1"; give at least one'],
    [{ sentinels: ['a', ''] }, 'option "sentinels[1]": "" has no host'],
    [{ sentinels: ['a:99999'] }, 'option "sentinels[0]": "a:99999" has port "99999"; a port is a whole number from 1'],
    [
      { sentinels: ['::1'] },
      'option "sentinels[0]": "::1" is not host:port (an IPv6 address needs brackets: [::1]:26379)'
    ],
    [{ sentinels: [null] }, 'option "sentinels[0]" is null'],
    [{ sentinels: [7] }, 'option "sentinels[0]" is 7'],
    [
      { sentinels: [{ host: 'a', port: 1, family: 6 }] },
      'option "sentinels[0]" has "family"; allowed are host and port: "family" is an option of the client'
    ],
    [
      { sentinels: [{}] },
      'option "sentinels[0]" is an object, its host undefined; an address is "host:port" or { host, port }'
    ],
    [{ sentinels: [{ host: '' }] }, 'its host ""'],
    [{ sentinels: [{ host: '[::1]' }] }, 'without brackets'],
    [
      { sentinels: [{ host: 'a', port: 0 }] },
      'option "sentinels[0].port" is 0; a port is a whole number from 1 to 65535'
    ],
    [{ sentinels: [{ host: 'a', port: '1x' }] }, 'option "sentinels[0].port" is "1x"']
  ])('refuses %j', (wrong, message) => {
    expect(refusal(() => resolve(wrong))).toContain(message)
  })
})

const DURATIONS = [
  ['holdLimitMs', 0],
  ['suspectAfterMs', 1],
  ['deadlineMs', 1],
  ['connectDeadlineMs', 1],
  ['pollIntervalMs', 50],
  ['sentinelTimeoutMs', 10],
  ['connectTimeout', 1],
  ['commandTimeout', 0],
  ['blockingTimeout', 0],
  ['blockingTimeoutGrace', 0],
  ['socketTimeout', 0],
  ['keepAlive', 0]
] as const
const FLAGS = [
  'noDelay',
  'disableClientInfo',
  'autoResubscribe',
  'enableReadyCheck',
  'enableOfflineQueue',
  'lazyConnect',
  'stringNumbers',
  'enableAutoPipelining',
  'monitor',
  'showFriendlyErrorStack'
]

describe('a wrong value', () => {
  it.each(DURATIONS)('%s, a number of milliseconds from %i', (name, least) => {
    const allowed = `; allowed is a number of milliseconds from ${least} to 2147483647`
    for (const [value, shown] of [
      [least - 1, String(least - 1)],
      [NaN, 'NaN'],
      [-Infinity, '-Infinity'],
      [2 ** 31, '2147483648'],
      ['100', '"100"'],
      [true, 'true'],
      [10n, '10'],
      [{}, 'an object']
    ] as const) {
      expect(refusal(() => resolve({ [name]: value }))).toContain(`option "${name}" is ${shown}${allowed}`)
    }
    expect(() => resolve({ [name]: least })).not.toThrow()
    expect(() => resolve({ [name]: 2 ** 31 - 1 })).not.toThrow()
  })

  it('Infinity is a deadline, and nothing that a timer waits for', () => {
    expect(resolve({ deadlineMs: Infinity }).deadlineMs).toBe(Infinity)
    expect(refusal(() => resolve({ deadlineMs: -1 }))).toContain('from 1 to 2147483647, or Infinity')
    expect(refusal(() => resolve({ holdLimitMs: Infinity }))).toContain('option "holdLimitMs" is Infinity')
  })

  it('maxLagMs: what can be told, or no limit', () => {
    expect(resolve({ maxLagMs: Infinity }).maxLagMs).toBe(Infinity)
    expect(resolve({ maxLagMs: 100 }).maxLagMs).toBe(100)
    for (const [value, shown] of [
      [99, '99'],
      ['500', '"500"'],
      [NaN, 'NaN']
    ] as const)
      expect(refusal(() => resolve({ maxLagMs: value }))).toBe(
        `option "maxLagMs" is ${shown}; allowed is a number of milliseconds from 100 to 2147483647, or Infinity`
      )
  })

  it.each(['maxQueuedCommands', 'maxQueuedBytes'])('%s, a count', (name) => {
    for (const value of [-1, 1.5, NaN, '7', null]) {
      expect(refusal(() => resolve({ [name]: value }))).toMatch(
        new RegExp(`option "${name}" is .*; allowed is a whole number from 0, or Infinity`)
      )
    }
    expect(resolve({ [name]: Infinity })).toMatchObject({ [name]: Infinity })
    expect(resolve({ [name]: 0 })).toMatchObject({ [name]: 0 })
  })

  it.each(FLAGS)('%s, a flag', (name) => {
    for (const [value, shown] of [
      ['yes', '"yes"'],
      ['false', '"false"'],
      [0, '0']
    ] as const) {
      expect(refusal(() => resolve({ [name]: value }))).toBe(`option "${name}" is ${shown}; allowed: true, false`)
    }
    expect(resolve({ [name]: false }).redis).toEqual({ [name]: false })
  })

  it.each(['keyPrefix', 'connectionName', 'clientInfoTag'])('%s, a text', (name) => {
    expect(refusal(() => resolve({ [name]: 7 }))).toBe(`option "${name}" is 7; allowed is a string`)
    expect(resolve({ [name]: 'x' }).redis).toEqual({ [name]: 'x' })
  })

  it.each(['username', 'password', 'sentinelUsername', 'sentinelPassword'])(
    '%s, a text that is not repeated',
    (name) => {
      expect(refusal(() => resolve({ [name]: 424_242 }))).toBe(
        `option "${name}" is of type number; allowed is a string`
      )
    }
  )

  it.each([
    [{ name: undefined }, 'option "name" is undefined; it is the group\'s name in "sentinel monitor <name> …"'],
    [{ name: '' }, 'option "name" is ""'],
    [{ name: 'my master' }, 'option "name" is "my master"'],
    [{ name: 7 }, 'option "name" is 7'],
    [{ promotion: 'faster' }, 'option "promotion" is "faster"; allowed: fast, confirmed, strict. Did you mean "fast"?'],
    [{ promotion: 1 }, 'option "promotion" is 1; allowed: fast, confirmed, strict'],
    [
      { subscribeTo: 'replicapreferred' },
      'option "subscribeTo" is "replicapreferred"; allowed: primary, replica, replicaPreferred. Did you mean "replicaPreferred"?'
    ],
    [{ replyMapping: 7 }, 'option "replyMapping" is 7; allowed: legacy, resp3'],
    [{ replyMapping: 'RESP3' }, 'option "replyMapping" is "RESP3"; allowed: legacy, resp3. Did you mean "resp3"?'],
    [
      { replyMapping: 'resp3', protocol: 2 },
      'option "protocol" is 2: the "resp3" replyMapping is only supported with protocol 3, which is the default'
    ],
    [{ subscribeTo: true }, 'option "subscribeTo" is true; allowed: primary, replica, replicaPreferred'],
    [{ holdWrites: 'always' }, 'option "holdWrites" is "always"; allowed: odown, failover, never'],
    [{ consistency: 'strong' }, 'option "consistency" is "strong"; allowed: readYourWrites, eventual'],
    [
      { readFrom: 'replicas' },
      'option "readFrom" is "replicas"; allowed: replicaPreferred, primary, primaryPreferred, replica, nearest, any, or a function (topology, command) => candidates. Did you mean "replica"?'
    ],
    [{ readFrom: null }, 'option "readFrom" is null; allowed: replicaPreferred'],
    [
      { tls: 'yes' },
      'option "tls" is "yes"; allowed is true, options of node:tls such as { ca, servername }, or a function'
    ],
    [{ sentinelTls: 1 }, 'option "sentinelTls" is 1; allowed is true, options of node:tls'],
    [{ db: -1 }, 'option "db" is -1; allowed is a whole number from 0'],
    [{ db: 'one' }, 'option "db" is "one"; allowed is a whole number from 0'],
    [{ db: 1.5 }, 'option "db" is 1.5; allowed is a whole number from 0'],
    [{ family: 5 }, 'option "family" is 5; allowed: 0, 4, 6'],
    [{ protocol: 1 }, 'option "protocol" is 1; allowed: 2, 3'],
    [{ zone: '' }, 'option "zone" is ""; allowed is a string that is not empty, for example "eu-1a"'],
    [{ zone: 1 }, 'option "zone" is 1; allowed is a string that is not empty'],
    [{ zones: { 'a:1': 'x' } }, 'option "zone", where this client is, is missing; give both'],
    [{ zone: 'x', zones: 'a:1' }, 'option "zones" is "a:1"; allowed is an object such as'],
    [{ zone: 'x', zones: ['a:1'] }, 'option "zones" is an array; allowed is an object such as'],
    [{ zone: 'x', zones: { a: 'x' } }, 'option "zones" has the node "a", without a port; allowed is "host:port"'],
    [{ zone: 'x', zones: { 'a:x': 'x' } }, 'option "zones" has the node "a:x": "a:x" has port "x"'],
    [{ zone: 'x', zones: { 'a:1': 7 } }, 'option "zones["a:1"]" is 7; allowed is a string that is not empty'],
    [{ logger: console }, 'option "logger" is an object; allowed is a pino logger, which has child()'],
    [{ addressMap: 'a' }, 'option "addressMap" is "a"; allowed is an object'],
    [{ addressMap: null }, 'option "addressMap" is null; allowed is an object'],
    [
      { addressMap: { '10.0.0.1': '1.1.1.1:1' } },
      'option "addressMap" has "10.0.0.1", without a port; allowed is "host:port"'
    ],
    [{ addressMap: { 'a:1': 'b' } }, 'option "addressMap["a:1"]" has "b", without a port'],
    [{ addressMap: { 'a:1': { host: 'b' } } }, 'option "addressMap["a:1"]" has an object, without a port'],
    [{ addressMap: { 'a:1': null } }, 'option "addressMap["a:1"]" has null, without a port'],
    [{ addressMap: { 'a:1': 'b:0' } }, 'option "addressMap["a:1"]": "b:0" has port "0"'],
    [{ addressMap: { 'a:x': 'b:1' } }, 'option "addressMap": "a:x" has port "x"'],
    [{ addressMap: ['a:1'] }, 'option "addressMap" is an array; allowed is an object'],
    [
      { addressMap: { primary: {}, replicas: {} } },
      'option "addressMap" has the role "replicas" beside primary; allowed: sentinel, primary, replica. Did you mean "replica"?'
    ],
    [{ addressMap: { primary: 'b:1' } }, 'option "addressMap.primary" is "b:1"; allowed is an object'],
    [{ addressMap: { primary: { 'a:1': 'b' } } }, 'option "addressMap.primary["a:1"]" has "b", without a port']
  ])('%j', (wrong, message) => {
    expect(refusal(() => resolve(wrong))).toContain(message)
  })

  it.each([undefined, null, 7, true, () => ({})])('no options at all: %s', (first) => {
    expect(refusal(() => resolveOptions(first as unknown as string))).toMatch(
      /SentinelRedis takes options or a URL; given: /
    )
  })
})

describe('an unknown name', () => {
  it.each([
    ['readfrom', 'readFrom'],
    ['promotoin', 'promotion'],
    ['sentinel', 'sentinels'],
    ['deadline', 'deadlineMs'],
    ['lazyconnect', 'lazyConnect'],
    ['passwrod', 'password']
  ])('%s: did you mean %s?', (wrong, nearest) => {
    expect(refusal(() => resolve({ [wrong]: 1 }))).toBe(`unknown option "${wrong}"; did you mean "${nearest}"?`)
  })

  it.each(['somethingElseAltogether', '__proto', 'constructor', 'toString'])('%s', (wrong) => {
    expect(refusal(() => resolve({ [wrong]: 1 }))).toContain(`unknown option "${wrong}"; `)
  })

  it('lists what is allowed when nothing is near', () => {
    expect(refusal(() => resolve({ somethingElseAltogether: 1 }))).toMatch(
      /; allowed: name, sentinels, .*, lazyConnect/
    )
  })
})

describe("ioredis's own options", () => {
  it.each([
    ['host', 'sentinels: ["host:26379"]'],
    ['port', 'sentinels: ["host:26379"]'],
    ['path', 'sentinels: ["host:26379"]'],
    ['role', 'readFrom: "replica"'],
    ['preferredSlaves', 'readFrom with a function'],
    ['natMap', 'addressMap'],
    ['sentinelTLS', 'sentinelTls'],
    ['enableTLSForSentinelMode', 'sentinelTls'],
    ['failoverDetector', 'leave it out'],
    ['updateSentinels', 'leave it out'],
    ['sentinelMaxConnections', 'leave it out'],
    ['sentinelRetryStrategy', 'leave it out'],
    ['sentinelReconnectStrategy', 'leave it out'],
    ['sentinelCommandTimeout', 'sentinelTimeoutMs'],
    ['readOnly', 'readFrom'],
    ['Connector', 'leave it out'],
    ['himportFieldsets', 'HIMPORT PREPARE']
  ])('%s: what to write instead', (name, instead) => {
    const message = refusal(() => resolve({ [name]: 'x' }))
    expect(message).toContain(`option "${name}" is not taken by SentinelRedis: `)
    expect(message).toContain(instead)
  })

  it('are all known: taken, or told what to write instead', () => {
    const redis = new Redis({ lazyConnect: true })
    const names = Object.keys(redis.options)
    redis.disconnect()
    expect(names.length).toBeGreaterThan(30)
    const unknown = names.filter((name) => {
      try {
        resolve({ [name]: null })
        return false
      } catch (error) {
        return (error as Error).message.startsWith('unknown option')
      }
    })
    expect(unknown).toEqual([])
  })

  it('are handed on, but for those that would retry beside us, which are named', () => {
    const kept = { db: 3, keyPrefix: 'p:', lazyConnect: true, maxRetriesPerRequest: null, scripts: {} }
    const without = {
      retryStrategy: () => 1,
      reconnectOnError: () => true,
      autoResendUnfulfilledCommands: true,
      disconnectTimeout: 5,
      maxLoadingRetryTime: 6
    }
    const resolved = resolve({ ...kept, ...without })
    expect(resolved.redis).toEqual({ ...kept, disconnectTimeout: 5, maxLoadingRetryTime: 6 })
    expect(resolved.withoutEffect).toEqual(Object.keys(without).sort((a, b) => order(a) - order(b)))
  })

  it('null is nothing, as ioredis says it', () => {
    const nulls = { username: null, password: null, connectionName: null, retryStrategy: null, keyPrefix: null }
    expect(resolve(nulls).redis).toEqual({})
  })

  it('a db in digits is a number', () => {
    expect(resolve({ db: '12' }).redis).toEqual({ db: 12 })
  })

  it('tls: true is TLS without more, false is none', () => {
    expect(resolve({ tls: true, sentinelTls: false })).toMatchObject({
      node: { tls: {} },
      sentinel: { tls: undefined }
    })
    expect(resolve({ tls: { servername: 'x' } }).node.tls).toEqual({ servername: 'x' })
  })

  it('user, password and TLS are not handed on: connections come to ioredis greeted', () => {
    const resolved = resolve({
      username: 'app',
      password: 'pw',
      tls: true,
      sentinelUsername: 's',
      sentinelPassword: 'spw'
    })
    expect(resolved.redis).toEqual({})
    expect(resolved.node.credentials).toEqual({ username: 'app', password: 'pw' })
    expect(resolved.sentinel.credentials).toEqual({ username: 's', password: 'spw' })
  })
})

describe('functions for access', () => {
  it('are taken for both hops', () => {
    const [credentials, tls] = [() => ({ password: 'pw' }), () => ({})]
    const resolved = resolve({ credentials, sentinelCredentials: credentials, tls, sentinelTls: tls })
    expect(resolved.node).toEqual({ hop: 'node', credentials, tls })
    expect(resolved.sentinel).toEqual({ hop: 'sentinel', credentials, tls })
  })

  it.each([
    [
      { credentials: { password: 'pw' } },
      'option "credentials" is of type object; allowed is a function that gives { username, password }'
    ],
    [{ sentinelCredentials: 'pw-424242' }, 'option "sentinelCredentials" is of type string; allowed is a function'],
    [{ credentials: () => ({}), password: 'pw' }, 'option "credentials" is given beside "password": give one of them'],
    [
      { sentinelCredentials: () => ({}), sentinelUsername: 'u' },
      'option "sentinelCredentials" is given beside "sentinelUsername": give one of them'
    ]
  ])('%o is refused', (options, message) => {
    expect(refusal(() => resolve(options))).toContain(message)
    expect(refusal(() => resolve(options))).not.toContain('424242')
  })

  it.each([
    [undefined, 'gave undefined; it should give { username, password }'],
    ['secret', 'gave a string; it should give { username, password }'],
    [{ username: 'app' }, 'gave a password that is undefined; it should be a string'],
    [{ password: 'secret', username: 7 }, 'gave a username that is a number; it should be a string, or left out'],
    [{ password: 'secret', refreshAfterMs: 0 }, 'gave a refreshAfterMs that is no number of milliseconds from 1'],
    [{ password: 'secret', refreshAfterMs: '60000' }, 'gave a refreshAfterMs that is no number of milliseconds from 1'],
    [{ password: '' }, undefined],
    [{ password: 'secret', username: null, refreshAfterMs: Infinity }, undefined],
    [{ password: 'secret', username: 'app', refreshAfterMs: 1 }, undefined]
  ])('what one of credentials gives: %o', (value, unfit) => {
    expect(unfitCredentials(value)).toBe(unfit)
  })

  it.each([
    [undefined, 'gave undefined; it should give options of node:tls'],
    [true, 'gave a boolean; it should give options of node:tls'],
    [{}, undefined]
  ])('what one of tls gives: %o', (value, unfit) => {
    expect(unfitTls(value)).toBe(unfit)
  })
})

describe('addressMap', () => {
  const inside = { host: '172.17.0.2', port: 6379 }

  it('an object maps announced addresses, and leaves others as they are', () => {
    const { routeTo } = resolve({
      addressMap: { '172.17.0.2:6379': 'localhost:7001', '[fd00::2]:6379': { host: '127.0.0.1', port: 7002 } }
    })
    expect(routeTo(inside, 'primary').reached).toEqual({ host: 'localhost', port: 7001 })
    expect(routeTo({ host: 'fd00::2', port: 6379 }, 'replica').reached).toEqual({ host: '127.0.0.1', port: 7002 })
    expect(routeTo({ host: '172.17.0.2', port: 6380 }, 'primary').reached).toEqual({ host: '172.17.0.2', port: 6380 })
  })

  it('a function is told the kind, and may pass', () => {
    const { routeTo } = resolve({
      addressMap: (address: typeof inside, kind: string) =>
        kind === 'sentinel' ? { ...address, host: 'gateway' } : undefined
    })
    expect(routeTo(inside, 'sentinel').reached).toEqual({ host: 'gateway', port: 6379 })
    expect(routeTo(inside, 'replica').reached).toEqual(inside)
  })

  it('an object for each role maps what it says for that role', () => {
    const { routeTo, mappedAddresses } = resolve({
      addressMap: { primary: { '172.17.0.2:6379': 'writes:1' }, replica: { '172.17.0.2:6379': 'reads:2' } }
    })
    const reached = (['sentinel', 'primary', 'replica'] as const).map((kind) => routeTo(inside, kind).reached)
    expect(reached).toEqual([inside, { host: 'writes', port: 1 }, { host: 'reads', port: 2 }])
    expect(mappedAddresses).toEqual(['172.17.0.2:6379'])
  })

  it('what is mapped to may be an object with more in it', () => {
    const given = { host: 'gateway', port: 1, family: 4 }
    const byFunction = resolve({ addressMap: () => given })
    const byTable = resolve({ addressMap: { '172.17.0.2:6379': given } })
    for (const { routeTo } of [byFunction, byTable])
      expect(routeTo(inside, 'primary').reached).toEqual({ host: 'gateway', port: 1 })
  })

  it('a function may give a text', () => {
    const { routeTo } = resolve({ addressMap: () => '[fd00::1]:7' })
    expect(routeTo(inside, 'primary').reached).toEqual({ host: 'fd00::1', port: 7 })
  })

  const asked = 'addressMap({ host: "172.17.0.2", port: 6379 }, "replica")'
  it.each<[unknown, string]>([
    [7, `${asked} gave 7; allowed is { host, port }, "host:port", or undefined`],
    ['gateway', `${asked} gave "gateway"; allowed is`],
    [{ host: 'gateway' }, `${asked} gave an object; allowed is`],
    [{ host: '', port: 1 }, `${asked} gave an object; allowed is`],
    [{ host: 'gateway', port: 0 }, `${asked} gave an object; allowed is`],
    [Promise.resolve('gateway:1'), `${asked} gave a promise; it is asked at once, so it cannot be async`]
  ])('a function that gives %s is told so', (given, message) => {
    const { routeTo } = resolve({ addressMap: () => given })
    expect(() => routeTo(inside, 'replica')).toThrow(message)
  })

  it('a function that throws is told so', () => {
    const { routeTo } = resolve({
      addressMap: () => {
        throw new Error('no such pod')
      }
    })
    expect(() => routeTo(inside, 'replica')).toThrow(`${asked} threw: no such pod`)
  })
})

describe('zones', () => {
  const node = { host: 'fd00::2', port: 6379 }

  it('are none without a zone, and told by the nodes without more', () => {
    expect(resolve({}).zones).toBeUndefined()
    expect(resolve({ zone: 'a' }).zones).toEqual({ own: 'a', of: undefined })
  })

  it('are looked up by announced address', () => {
    const { zones } = resolve({ zone: 'a', zones: { '[fd00::2]:6379': 'b' } })
    expect(zones?.of?.(node)).toBe('b')
    expect(zones?.of?.({ ...node, port: 1 })).toBeUndefined()
  })

  it('are told by a function; when it throws, or gives anything else, it does not know', () => {
    const of = (make: () => unknown): unknown => resolve({ zone: 'a', zones: make }).zones?.of?.(node)
    expect(of(() => 'b')).toBe('b')
    expect(of(() => undefined)).toBeUndefined()
    expect(of(() => 7)).toBeUndefined()
    expect(
      of(() => {
        throw new Error('no idea')
      })
    ).toBeUndefined()
  })
})

describe('options beside a URL', () => {
  it('win over it, unless they are undefined', () => {
    const url = 'redis+sentinel://:secret@a:1/mymaster?readFrom=primary'
    expect(resolveOptions(url, { readFrom: 'any', password: undefined, deadlineMs: 5 })).toMatchObject({
      readFrom: 'any',
      deadlineMs: 5,
      node: { credentials: { password: 'secret' } }
    })
  })

  it('of user and password a function wins over both', () => {
    const url = 'redis+sentinel://app:secret@a:1/mymaster?sentinelUsername=watch&sentinelPassword=secret'
    const credentials = () => ({ password: 'pw' })
    const { node, sentinel } = resolveOptions(url, { credentials, sentinelCredentials: credentials })
    expect([node.credentials, sentinel.credentials]).toEqual([credentials, credentials])
    expect(resolveOptions(url, { credentials }).sentinel.credentials).toEqual({ username: 'watch', password: 'secret' })
  })
})

describe('a password', () => {
  const secret = fc.stringMatching(/^[!-~]{6,20}$/).map((text) => `Sesame${text}`)
  const places: readonly ((password: string) => unknown)[] = [
    (password) => resolve({ password: [password] }),
    (password) => resolve({ password, tsl: true }),
    (password) => resolve({ sentinelPassword: { value: password } }),
    (password) => resolve({ sentinels: [`user:${password}@a:1`] }),
    (password) => resolve({ sentinels: `redis://:${password}@a:1` }),
    (password) => resolve({ sentinels: { host: 'a', password } }),
    (password) => resolve({ sentinels: [{ port: 1, password }] }),
    (password) => resolve({ addressMap: { 'a:1': { password } } }),
    (password) => resolve({ tls: [password], db: -1 }),
    (password) => resolveOptions(`redis://:${encodeURIComponent(password)}@a:1`),
    (password) => resolveOptions(`:${encodeURIComponent(password)}@a:1/mymaster`),
    (password) => resolveOptions(`redis+sentinel://:${password}@a:1/`),
    (password) => resolveOptions(`redis+sentinel://:${encodeURIComponent(password)}@a:0/mymaster`),
    (password) => resolveOptions(`redis+sentinel://user:${password}@a:1/mymaster/0/1`),
    (password) => resolveOptions(`redis+sentinel://a:1/mymaster?password=${password}`),
    (password) => resolveOptions(`redis+sentinel://a:1/mymaster?sentinelPasword=${password}`),
    (password) => resolveOptions('redis+sentinel://a:x/mymaster', { password }),
    (password) => resolveOptions(`redis+sentinel://user:1/${password}@a:1/mymaster/0/1`),
    (password) => resolveOptions(`redis+sentinel://user:1/2?${password}@a:1/mymaster`),
    (password) => resolveOptions(`redis+sentinel://user:1@2/3?${password}@a:1/mymaster`),
    (password) => resolveOptions(`redis+sentinel://user:1@2/${password}@a:1/mymaster/0/1`)
  ]

  it.each(places.map((make, index) => [index, make] as const))('is in no error (%i)', (_, make) => {
    fc.assert(
      fc.property(secret, (password) => {
        try {
          make(password)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError)
          expect(String((error as Error).stack)).not.toContain('Sesame')
        }
      }),
      { numRuns: 400 }
    )
  })
})

/** Where ioredis's option stands among those without effect. */
function order(name: string): number {
  return ['retryStrategy', 'autoResendUnfulfilledCommands', 'reconnectOnError', 'disconnectTimeout'].indexOf(name) >>> 0
}
