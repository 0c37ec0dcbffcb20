import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as library from 'ioredis-sentinel'
import { FAULTS, type LocalTopology, startTopology } from 'ioredis-sentinel/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEADLINE_MARGIN_MS, resolveOptions, type SentinelRedisOptions } from '../../src/options.js'
import { declaredMembers, optionNames, problemsIn } from './compiler.js'
import { anchors, codeBlocks, links, quoted, section, table } from './markdown.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const README = read('README.md')
const { scripts, version } = JSON.parse(read('package.json')) as { scripts: object; version: string }

const LEAST: SentinelRedisOptions = { name: 'mymaster', sentinels: ['127.0.0.1:1'] }
const NO_OPTION = 'zzzzzzzzzzzzzzzz'
const ACCEPTED = 'nothing was refused'

/** What resolving these options is refused with. */
function refusal(options: object | string): string {
  try {
    resolveOptions(typeof options === 'string' ? options : { ...LEAST, ...options })
  } catch (error) {
    return (error as Error).message
  }
  return ACCEPTED
}

const allowedIn = (message: string): string[] => (/allowed: (.*)$/i.exec(message)?.[1] ?? '').split(', ')
const firsts = (rows: readonly string[][]): string[] => rows.flatMap(([cell = '']) => quoted(cell))

describe('the options', () => {
  const text = read('docs/options.md')
  const own = table(text, 'option', 'type', 'default')
  const kept = table(text.slice(text.indexOf('that keep their meaning')), 'option', 'type', 'default')
  const refused = table(text, 'ioredis option', 'instead')
  const [, idle = ''] = /\*\*Taken without effect\*\*([\s\S]*?)\n\n/.exec(text) ?? []
  const warnedOf = idle.replace('(unless `null`)', '')
  const taken = allowedIn(refusal({ [NO_OPTION]: 1 }))

  it('of this library are all there, and no other', () => {
    expect(firsts(own).sort()).toEqual(declaredMembers('src/options.ts', 'SentinelRedisOptions').sort())
  })

  it.each(own.map(([name = '', , standard = '']) => ({ name: quoted(name)[0] ?? '', standard })))(
    '$name: $standard',
    ({ name, standard }) => {
      const resolved = resolveOptions(LEAST)
      const { hedge } = resolved
      const value = {
        ...(resolved as unknown as Readonly<Record<string, unknown>>),
        hedge: hedge !== undefined,
        hedgeMinMs: hedge?.minMs,
        hedgeMaxMs: hedge?.maxMs
      }[name]
      const address = { host: 'a', port: 1 }
      if (standard === 'required') expect(refusal({ [name]: undefined })).toMatch(`option "${name}" is undefined`)
      else if (name === 'deadlineMs')
        expect([value, standard]).toEqual([undefined, `down-after + ${DEADLINE_MARGIN_MS}`])
      else if (name === 'addressMap')
        expect([resolved.routeTo(address, 'replica').reached, standard]).toEqual([address, 'none'])
      else if (quoted(standard)[0] === 'Infinity') expect(value).toBe(Infinity)
      else expect(value).toEqual(standard === 'none' ? undefined : JSON.parse(quoted(standard)[0] ?? ''))
    }
  )

  it('of ioredis that keep their meaning have the defaults that are said', () => {
    const resolved = resolveOptions(LEAST)
    const client = new library.SentinelRedis({ ...LEAST, lazyConnect: true })
    client.disconnect()
    const effective: Readonly<Record<string, unknown>> = {
      ...client.options,
      connectTimeout: resolved.connectTimeoutMs,
      lazyConnect: resolved.redis.lazyConnect ?? false,
      family: resolved.redis.family
    }
    for (const [cell = '', , standards = ''] of kept) {
      const listed = standards.split(', ')
      quoted(cell).forEach((name, index) => {
        const standard = listed[index] ?? listed[0] ?? ''
        const value = standard === 'none' ? undefined : (JSON.parse(quoted(standard)[0] ?? '') as unknown)
        expect([name, effective[name] ?? undefined]).toEqual([name, value])
      })
    }
  })

  it('are all that is taken', () => {
    const named = [...firsts(own), ...firsts(kept), ...quoted(warnedOf)]
    expect(named.sort()).toEqual([...taken].sort())
  })

  it('without effect are those that the log names', () => {
    const isIdle = (name: string): boolean =>
      [1, true].some(
        (value) =>
          refusal({ [name]: value }) === ACCEPTED &&
          resolveOptions({ ...LEAST, [name]: value }).withoutEffect.length > 0
      )
    const idleOnes = taken.filter(isIdle)
    expect(quoted(warnedOf).sort()).toEqual(idleOnes.sort())
  })

  it('of ioredis that are refused are all named, with what to use instead', () => {
    const [all = []] = optionNames(`import('ioredis').RedisOptions`)
    const others = all.filter((name) => !taken.includes(name))
    expect(firsts(refused).sort()).toEqual(others.sort())
    for (const [cell = '', instead = ''] of refused) {
      expect(taken).toEqual(expect.arrayContaining(quoted(instead)))
      const message = instead === 'unknown here' ? /^unknown option/ : /is not taken by SentinelRedis/
      for (const name of quoted(cell)) expect(refusal({ [name]: 'x' })).toMatch(message)
    }
  })

  it('of a URL, and of with(), are all there', () => {
    const ofUrl = /A URL's query takes ([\s\S]*?)\.\n/.exec(text)?.[1] ?? ''
    expect(quoted(ofUrl).sort()).toEqual(allowedIn(refusal(`redis+sentinel://a/mymaster?${NO_OPTION}=1`)).sort())
    const ofWith = /^`with\(\{ … \}\)` gives[^\n]*\n\n([\s\S]*?)\n\n/m.exec(text)?.[1] ?? ''
    expect([...ofWith.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name).sort()).toEqual(
      declaredMembers('src/runtime/call.ts', 'CallOptions').sort()
    )
  })
})

describe('the documents name', () => {
  it('every event', () => {
    const rows = table(read('docs/events.md'), 'event', 'argument')
    expect(firsts(rows).sort()).toEqual(declaredMembers('src/events.ts', 'SentinelRedisEvents').sort())
  })

  it('every error code, with its class', () => {
    const rows = table(read('docs/errors.md'), 'code', 'class').map((cells) => cells.slice(0, 2).flatMap(quoted))
    expect(rows.map(([code]) => code).sort()).toEqual(declaredMembers('src/errors.ts', 'SentinelErrorCode').sort())
    const classes = library as unknown as Readonly<Record<string, { readonly code?: string }>>
    for (const [code, name = ''] of rows) expect([name, classes[name]?.code]).toEqual([name, code])
  })

  it('every fault of the demo, and no other', () => {
    expect(firsts(table(section(README, 'Try it'), 'fault', 'what is done')).sort()).toEqual(Object.keys(FAULTS).sort())
    const used = [...README.matchAll(/--fault ([a-z-]+)/g)].map(([, fault]) => fault)
    expect([...Object.keys(FAULTS), 'all']).toEqual(expect.arrayContaining(used))
  })

  it('npm scripts, programs and a version that exist', () => {
    const used = [...README.matchAll(/npm (?:run )?(demo|test|build|lint|format|typecheck)\b/g)].map(([, name]) => name)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(used))
    expect(used).toEqual(expect.arrayContaining(['demo', 'test']))
    for (const [, path = ''] of README.matchAll(/npx tsx (\S+)/g)) expect(existsSync(join(ROOT, path)), path).toBe(true)
    expect(/ioredis-sentinel-([\d.]+)\.tgz/.exec(README)?.[1]).toBe(version)
  })
})

describe('links', () => {
  const documents = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)

  it.each(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...documents])(
    'of %s lead to files, and to headings in them',
    (path) => {
      const relative = links(read(path)).filter((target) => !/^https?:/.test(target))
      expect(relative.filter((target) => !leads(path, target))).toEqual([])
    }
  )

  function leads(from: string, target: string): boolean {
    const [file = '', heading] = target.split('#')
    const path = file === '' ? join(ROOT, from) : resolve(dirname(join(ROOT, from)), file)
    if (!existsSync(path) || heading === undefined) return existsSync(path)
    return statSync(path).isFile() && anchors(readFileSync(path, 'utf8')).includes(heading)
  }
})

describe('the examples', () => {
  const examples = codeBlocks(README, 'ts')
  const [failover = ''] = codeBlocks(read('docs/architecture.md'), 'ts')
  const [command = ''] = codeBlocks(section(README, 'Command line'), 'sh')
  /** What each example of the README prints, among other things. */
  const PRINTED: readonly RegExp[] = [/^hello$/m, /^PONG$/m, /^OK$/m]

  let topology: LocalTopology
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-readme-'))
    topology = await startTopology({ replicas: 2, sentinels: 3 })
    const user = ['ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all']
    await Promise.all(topology.nodes.map((node) => node.command(...user)))
  })
  afterAll(async () => {
    await topology.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** With the addresses of the sentinels that are there. */
  const placed = (text: string): string =>
    text.replace(/10\.0\.0\.(\d):26379/g, (_, number: string) => {
      const sentinel = topology.sentinels[Number(number) - 1]
      if (sentinel === undefined) throw new Error(`the topology has no sentinel ${number}`)
      return `${sentinel.address.host}:${sentinel.address.port}`
    })

  const run = (...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((done) => {
      const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }
      const all = ['--import', 'tsx', ...args]
      execFile(process.execPath, all, { cwd: ROOT, env, timeout: 60_000 }, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr })
      })
    })

  const runExample = (name: string, code: string): ReturnType<typeof run> => {
    const file = join(folder, `${name}.mts`)
    writeFileSync(file, placed(code))
    return run(file)
  }

  it('are right for the compiler', () => {
    expect(examples).toHaveLength(PRINTED.length)
    expect(problemsIn([...examples, failover])).toEqual([])
    expect(problemsIn([examples[0]?.replace('sentinels:', 'sentinel:') ?? ''])).not.toEqual([])
  })

  it.each(PRINTED.map((printed, index) => ({ printed, index })))(
    'of the README run against a real topology and end by themselves: $printed',
    async ({ printed, index }) => {
      const { code, stdout, stderr } = await runExample(`readme-${index}`, examples[index] ?? '')
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(printed)
    }
  )

  it('of the architecture tells a failover from beginning to end', async () => {
    const { code, stdout, stderr } = await runExample('failover', failover)
    expect([code, stderr]).toEqual([0, ''])
    const steps = [
      '+sdown',
      '+odown',
      '+try-failover',
      '+selected-slave',
      'role primary',
      'moved',
      'connected',
      'release'
    ]
    for (const step of steps) expect(stdout).toContain(` ${step}`)
  })

  it('of the command line finds a healthy group', async () => {
    const [program, name, ...args] = placed(command).trim().split(/\s+/)
    expect([program, name]).toEqual(['npx', 'ioredis-sentinel'])
    const { code, stdout, stderr } = await run('src/cli/main.ts', ...args)
    expect(code, `${stdout}${stderr}`).toBe(0)
  })
})
