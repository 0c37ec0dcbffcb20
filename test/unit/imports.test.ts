import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importCycles } from './imports/cycles.js'
import { contains, type LayerRules, upwardImports } from './imports/layers.js'
import { impurities } from './imports/purity.js'
import { parseSource } from './imports/source-tree.js'
import { type Allowance, unusedAllowances, wireWords } from './imports/wire-words.js'

const RULES: LayerRules = {
  layers: [
    'index.ts',
    'sentinel-redis.ts',
    'runtime/',
    'observe/',
    'options.ts',
    'options/',
    'connection-url.ts',
    'nearest.ts',
    'events.ts',
    'routing/',
    'topology/',
    'errors.ts',
    'time-origin.ts',
    'protocol/'
  ],
  beside: {
    // How an address is written is no part of the API, and is to be the same everywhere.
    'metrics/': { from: ['index.ts', 'protocol/address.ts'] },
    'prometheus/': { from: ['index.ts', 'metrics/'] },
    'opentelemetry/': { from: ['index.ts', 'metrics/', '../package.json'] },
    'cli/': { from: ['index.ts', 'testkit/index.ts', 'time-origin.ts', '../package.json'] },
    'testkit/': { from: ['errors.ts', 'time-origin.ts', 'protocol/'], typesOf: ['topology/'] }
  }
}

const PURE = [
  'options.ts',
  'options/',
  'connection-url.ts',
  'nearest.ts',
  'errors.ts',
  'routing/',
  'topology/',
  'protocol/'
]

const ALLOWED_WORDS: readonly Allowance[] = [
  {
    where: '',
    words: /^mymaster$/,
    reason: 'the name that sentinel.conf ships with, so everybody calls their group so'
  },
  {
    where: 'topology/',
    words: /^[+-][a-z-]+$/,
    reason: 'names of sentinel events, of the union that protocol/ declares'
  },
  { where: 'topology/topology.ts', words: /^slave$/, reason: 'an example of a flag as sentinels give it' },
  { where: 'routing/command-table.ts', words: /^slave(s|of)$/, reason: 'generated: names of commands' },
  {
    where: 'options/ioredis.ts',
    words: /^preferredSlaves$/,
    reason: "ioredis's option, recognised in order to name ours"
  },
  { where: 'runtime/', words: /^(GET-)?MASTERS?(-ADDR-BY-NAME)?$/, reason: 'subcommands of SENTINEL' },
  { where: 'routing/', words: /^MASTERDOWN$/, reason: "an error reply's first word" },
  { where: 'runtime/', words: /^MASTERDOWN$/, reason: "an error reply's first word" },
  { where: 'runtime/', words: /^sentinelSendSlaveOf$/, reason: "a function in the server's source" },
  { where: 'cli/report/', words: /^[+-][a-z-]+$/, reason: 'names of sentinel events' },
  { where: 'cli/status/', words: /^(master|slave|master_repl_offset)$/, reason: 'fields of INFO, flags of SENTINEL' },
  {
    where: 'cli/doctor/',
    words:
      /^\+?(master(auth|user|_(host|port|link_status|link_down_since_seconds|repl_offset))?|slave(_priority|of)?|(GET-)?MASTER(-ADDR-BY-NAME)?)$/,
    reason: 'fields of INFO, directives, commands and flags, as they are read and as people have to type them'
  },
  { where: 'cli/dashboard/', words: /^(master|slave)_repl_offset$/, reason: 'fields of INFO' },
  { where: 'cli/report/', words: /^[+-][a-z-]+$/, reason: 'names of sentinel events' },
  { where: 'testkit/fake-sentinel/', words: /./, reason: 'it is a sentinel: all that it says is the wire' },
  { where: 'testkit/', words: /^masterauth$/, reason: 'a directive of redis.conf' },
  { where: 'testkit/', words: /^(GET-)?MASTERS?(-ADDR-BY-NAME)?$/, reason: 'subcommands of SENTINEL' },
  { where: 'testkit/', words: /^(master|slave|master-link-status)$/, reason: 'what ROLE and SENTINEL REPLICAS answer' },
  { where: 'testkit/', words: /^NOGOODSLAVE$/, reason: "an error reply's first word" }
]

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/'))
  .map((path) => parseSource(path, readFileSync(`${SRC}${path}`, 'utf8')))
const outsideProtocol = files.filter(({ path }) => !contains('protocol/', path))

describe('src', () => {
  it('was read', () => {
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['errors.ts', 'topology/topology.ts']))
  })

  it('has no import cycle', () => {
    expect(importCycles(files)).toEqual([])
  })

  it('imports only downward', () => {
    expect(upwardImports(files, RULES)).toEqual([])
  })

  it('keeps clocks, timers, sockets and loggers out of the pure folders', () => {
    const pure = files.filter(({ path }) => PURE.some((room) => contains(room, path)))
    expect(pure.flatMap(impurities)).toEqual([])
  })

  it('says primary and replica everywhere but on the wire', () => {
    expect(wireWords(outsideProtocol, ALLOWED_WORDS)).toEqual([])
  })

  it('allows no wire word that is not there', () => {
    expect(unusedAllowances(outsideProtocol, ALLOWED_WORDS)).toEqual([])
  })
})

describe('the rule against cycles', () => {
  it('finds one over three files, and a type-only one', () => {
    const cycle = importCycles([
      parseSource('topology/a.ts', `import { b } from './b.js'`),
      parseSource('topology/b.ts', `export { c } from './c.js'`),
      parseSource('topology/c.ts', `import type { A } from './a.js'`)
    ])
    expect(cycle).toEqual(['topology/a.ts -> topology/b.ts -> topology/c.ts -> topology/a.ts'])
  })

  it('takes two ways to one file for no cycle', () => {
    const diamond = importCycles([
      parseSource('a.ts', `import './b.js'; import './c.js'`),
      parseSource('b.ts', `import './d.js'`),
      parseSource('c.ts', `import './d.js'`),
      parseSource('d.ts', '')
    ])
    expect(diamond).toEqual([])
  })
})

describe('the rule for layers', () => {
  const violations = (path: string, text: string) => upwardImports([parseSource(path, text)], RULES)

  it.each([
    ['topology/x.ts', `import { route } from '../routing/intent.js'`],
    ['protocol/x.ts', `import type { SentinelError } from '../errors.js'`],
    ['errors.ts', `export * from './topology/topology.js'`],
    ['routing/x.ts', `type Options = import('../options.js').ResolvedOptions`],
    ['runtime/x.ts', `const { SentinelRedis } = await import('../sentinel-redis.js')`],
    ['runtime/x.ts', `import { startTopology } from '../testkit/index.js'`],
    ['cli/x.ts', `import { reduce } from '../topology/reduce.js'`],
    ['cli/x.ts', `import { wait } from '../testkit/wait-until.js'`],
    ['testkit/x.ts', `import { emptyTopology } from '../topology/topology.js'`],
    ['testkit/x.ts', `import { SentinelRedis } from 'ioredis-sentinel'`]
  ])('refuses in %s: %s', (path, text) => {
    expect(violations(path, text)).toHaveLength(1)
  })

  it.each([
    ['index.ts', `export { SentinelRedis } from './sentinel-redis.js'`],
    ['sentinel-redis.ts', `import { Watcher } from './runtime/watcher.js'`],
    ['routing/x.ts', `import type { Topology } from '../topology/topology.js'`],
    [
      'cli/x.ts',
      `import { SentinelRedis } from 'ioredis-sentinel'; import { startTopology } from '../testkit/index.js'`
    ],
    ['testkit/x.ts', `import type { Topology } from '../topology/topology.js'; import { parse } from './resp.js'`]
  ])('allows in %s: %s', (path, text) => {
    expect(violations(path, text)).toEqual([])
  })

  it('refuses a file that has no place', () => {
    expect(violations('helpers/x.ts', '')).toEqual(['helpers/x.ts belongs to no layer'])
  })
})

describe('the rule for pure folders', () => {
  it.each([
    [`import { connect } from 'node:net'`],
    [`import { readFileSync } from 'fs'`],
    [`import { Redis } from 'ioredis'`],
    [`import { pino } from 'pino'`],
    [`const at = Date.now()`],
    [`const at = new Date()`],
    [`const jitter = Math.random()`],
    [`const at = performance.now()`],
    [`setTimeout(() => undefined, 1)`],
    [`const { setInterval: repeat } = globalThis; setInterval(repeat)`],
    [`if (process.env.DEBUG) {}`],
    [`const out = { console }`]
  ])('refuses %s', (text) => {
    expect(impurities(parseSource('topology/x.ts', text))).toHaveLength(1)
  })

  it.each([
    [`import type { RedisOptions } from 'ioredis'`],
    [`import { Buffer } from 'node:buffer'`],
    [`const at = new Date(0)`],
    [`clock.setTimeout(timer.performance)`],
    [`interface Clock { setTimeout(): void; readonly process: string }`],
    [`// console, Date.now() and process in a comment`]
  ])('allows %s', (text) => {
    expect(impurities(parseSource('topology/x.ts', text))).toEqual([])
  })
})

describe('the rule for words', () => {
  const allowances: readonly Allowance[] = [{ where: 'testkit/', words: /^masterauth$/, reason: 'for this test' }]
  const words = (path: string, text: string) => wireWords([parseSource(path, text)], allowances)

  it('finds them in names, strings and comments', () => {
    const text = `const oldMasterHost = 1\nconst role = 'SLAVE'\n// its masters\nconst t = \`\${role}-master\``
    expect(words('runtime/x.ts', text)).toEqual([
      'runtime/x.ts:1 oldMasterHost',
      'runtime/x.ts:2 SLAVE',
      'runtime/x.ts:3 masters',
      'runtime/x.ts:4 -master'
    ])
  })

  it('lets an allowed word stand only where it is allowed, and only whole', () => {
    expect(words('testkit/x.ts', `['masterauth', 'masterauth2']`)).toEqual(['testkit/x.ts:1 masterauth2'])
    expect(words('runtime/x.ts', `['masterauth']`)).toEqual(['runtime/x.ts:1 masterauth'])
  })

  it('finds an allowance that nothing needs', () => {
    expect(unusedAllowances([parseSource('testkit/x.ts', '')], allowances)).toEqual(['testkit/ /^masterauth$/'])
  })
})
