import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SentinelRedis } from 'ioredis-sentinel'
import { startTopology } from 'ioredis-sentinel/testkit'
import { describe, expect, it } from 'vitest'
import { resolveOptions, type SentinelRedisOptions } from '../../src/options.js'
import { declaredMembers, optionNames } from './compiler.js'
import { codeBlocks, quoted, section, table } from './markdown.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const GUIDE = readFileSync(join(ROOT, 'docs/migration.md'), 'utf8')
const LEAST: SentinelRedisOptions = { name: 'mymaster', sentinels: ['127.0.0.1:1'] }

const NODE = `NonNullable<import('redis').RedisSentinelOptions['nodeClientOptions']>`
const [IOREDIS, SENTINEL, CLIENT, SOCKET] = optionNames(
  `import('ioredis').RedisOptions`,
  `import('redis').RedisSentinelOptions`,
  NODE,
  `NonNullable<${NODE}['socket']>`
) as [string[], string[], string[], string[]]
const OWN = declaredMembers('src/options.ts', 'SentinelRedisOptions')
const EVENTS = declaredMembers('src/events.ts', 'SentinelRedisEvents')
/** Options that this library takes: its own, and those of ioredis that it does not refuse. */
const TAKEN = [...OWN, ...IOREDIS.filter((name) => !/is not taken|unknown option/.test(refusal(name)))]

/** What an option of this name is refused with, whatever its value. */
function refusal(name: string): string {
  try {
    resolveOptions({ ...LEAST, [name]: {} })
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

/** The first cell of each row, in words; what is written `a.b` is `b` of `a`. */
function named(rows: readonly string[][]): string[] {
  return rows.flatMap(([cell = '']) => quoted(cell))
}

describe('the guide from ioredis', () => {
  const rows = table(section(GUIDE, 'From ioredis'), 'ioredis', 'here', 'what to know')

  it('names every option that ioredis has, and no other', () => {
    expect(named(rows).sort()).toEqual(IOREDIS.toSorted())
  })

  it.each(rows.flatMap(([cell = '', here = '']) => quoted(cell).map((name) => ({ name, here }))))(
    '$name: $here',
    ({ name, here }) => {
      const message = refusal(name)
      const isRefused = /is not taken by SentinelRedis|unknown option/.test(message)
      expect(isRefused).toBe(!['kept', 'without effect'].includes(here))
      if (isRefused) return expect(TAKEN).toEqual(expect.arrayContaining(quoted(here)))
      const isIdle = [1, true].some((value) => {
        try {
          return resolveOptions({ ...LEAST, [name]: value }).withoutEffect.length > 0
        } catch {
          return false
        }
      })
      expect(isIdle).toBe(here === 'without effect')
    }
  )
})

describe('the guide from node-redis', () => {
  const text = section(GUIDE, 'From node-redis')
  const [own, nodes] = [text, text.slice(text.indexOf('Of `nodeClientOptions`'))].map((part) =>
    table(part.slice(part.indexOf('| node-redis | here | what')), 'node-redis', 'here', 'what to know')
  ) as [string[][], string[][]]

  it('names every option of createSentinel(), and no other', () => {
    expect(named(own).sort()).toEqual(SENTINEL.toSorted())
  })

  it('names every option of its clients, and no other', () => {
    const names = named(nodes).filter((name) => !name.includes('.'))
    expect(names.sort()).toEqual(CLIENT.toSorted())
  })

  it('names options of its sockets that there are', () => {
    const names = named(nodes).flatMap((name) => /^socket\.(\w+)$/.exec(name)?.[1] ?? [])
    expect(SOCKET).toEqual(expect.arrayContaining(names))
    expect(names).toEqual(expect.arrayContaining(['connectTimeout', 'reconnectStrategy', 'socketTimeout', 'tls']))
  })

  it('has two programs that do the same', async () => {
    await using topology = await startTopology({ password: 'secret', sentinelPassword: 'watch' })
    const user = ['ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all']
    await Promise.all(topology.nodes.map((node) => node.command(...user)))
    const addresses = topology.sentinelAddresses
    const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-migration-'))
    try {
      const programs = codeBlocks(text, 'ts').map((code) =>
        code
          // From elsewhere it would not be found.
          .replace(`from 'redis'`, `from '${import.meta.resolve('redis')}'`)
          .replace(/10\.0\.0\.(\d):26379/g, (_, n: string) => `${addresses[+n - 1]?.host}:${addresses[+n - 1]?.port}`)
          .replace(/'10\.0\.0\.(\d)', port: 26379/g, (_, n: string) => {
            return `'${addresses[+n - 1]?.host}', port: ${addresses[+n - 1]?.port}`
          })
      )
      expect(programs).toHaveLength(2)
      for (const [index, program] of programs.entries()) {
        const file = join(folder, `program-${index}.mts`)
        writeFileSync(file, program)
        const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], { cwd: ROOT })
        expect([stdout, stderr]).toEqual(['Ada 2\n', ''])
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('gives counterparts that there are', () => {
    for (const [, here = ''] of [...own, ...nodes]) expect(TAKEN).toEqual(expect.arrayContaining(quoted(here)))
  })
})

describe('the guide from older packages', () => {
  it('gives counterparts that there are', () => {
    const text = section(GUIDE, 'From redis-sentinel and redis-sentinel-client')
    const there = [...TAKEN, ...EVENTS, 'topology', 'call']
    expect('topology' in SentinelRedis.prototype && 'call' in SentinelRedis.prototype).toBe(true)
    for (const head of ['redis-sentinel', 'redis-sentinel-client', 'node_redis 0.x'])
      for (const [, here = ''] of table(text, head, 'here', 'what to know'))
        expect(there).toEqual(expect.arrayContaining(quoted(here)))
  })
})
