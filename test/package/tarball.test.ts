import { build } from 'esbuild'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeBlocks } from './markdown.js'
import { PackageUnderTest, type Project, tool } from './package-under-test.js'

let pack: PackageUnderTest
beforeAll(async () => {
  pack = await PackageUnderTest.make()
})
afterAll(() => pack.remove())

describe('the tarball', () => {
  it('holds the build, the licence and the documents, and nothing else', () => {
    expect(pack.files).toEqual(
      expect.arrayContaining([
        'CHANGELOG.md',
        'LICENSE',
        'dist/cli.js',
        'dist/index.cjs',
        'dist/index.js',
        'package.json'
      ])
    )
    const others = pack.files.filter(
      (file) => !/^(dist\/|package\.json$|LICENSE$|README\.md$|CHANGELOG\.md$)/.test(file)
    )
    expect(others).toEqual([])
  })

  it('has nothing that publint warns of', async () => {
    const tarball = Uint8Array.from(await readFile(pack.tarball)).buffer
    const { messages, pkg } = await publint({ pack: { tarball }, level: 'warning', strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  // The strict profile: node10, node16 and bundler resolution, and no rule is ignored.
  it('has types that are right for every kind of resolution (attw)', async () => {
    const { code, output } = await tool(
      '@arethetypeswrong/cli/dist/index.js',
      ...[pack.tarball, '--profile', 'strict', '--no-definitely-typed', '--no-color', '--no-emoji']
    )
    expect(code, output).toBe(0)
  })
})

describe('installed in an empty project', () => {
  it.each([
    ['esm', { type: 'module' }, 'round-trip.mjs', 'hello from ESM'],
    ['cjs', {}, 'round-trip.cjs', 'hello from CJS']
  ])('of %s, a plain .js file writes to and reads from a real topology', async (name, packageJson, file, value) => {
    const project = await pack.project(name, packageJson)
    await project.copy(file, 'index.js')
    const { code, stdout, output } = await project.node('index.js')
    expect(code, output).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ value, isRedis: true })
  })
})

describe('installed where both kinds of module meet', () => {
  let project: Project
  beforeAll(async () => {
    project = await pack.project('both', {}, 'prom-client', '@opentelemetry/api')
  })

  it('exports the same names by import and by require', async () => {
    await project.copy('exports.mjs')
    const { code, stdout, output } = await project.node('exports.mjs')
    expect(code, output).toBe(0)
    const entries = JSON.parse(stdout) as Record<string, { esm: string[]; cjs: string[] }>
    expect(entries['ioredis-sentinel']?.esm).toContain('SentinelRedis')
    expect(entries['ioredis-sentinel/testkit']?.esm).toContain('startTopology')
    expect(entries['ioredis-sentinel/prometheus']?.esm).toEqual(['collectMetrics'])
    expect(entries['ioredis-sentinel/opentelemetry']?.esm).toEqual(['instrument'])
    for (const { esm, cjs } of Object.values(entries)) expect(esm).toEqual(cjs)
  })

  it.each(['as it is', 'bundled and minified with a program'])(
    'calls its classes what they are exported as, %s',
    async (how) => {
      await project.copy('class-names.mjs')
      if (how !== 'as it is') {
        await build({
          entryPoints: [project.path('class-names.mjs')],
          outfile: project.path('class-names.cjs'),
          bundle: true,
          minify: true,
          platform: 'node',
          format: 'cjs'
        })
      }
      const { code, stdout, output } = await project.node(`class-names.${how === 'as it is' ? 'mjs' : 'cjs'}`)
      expect(code, output).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        ...(how === 'as it is' && { renamed: [] }),
        error: 'DeadlineError: late',
        client: 'SentinelRedis',
        ...(how === 'as it is' && { subclass: 'LateError' })
      })
    }
  )

  it('knows its errors across the ESM and the CJS copy', async () => {
    await project.copy('two-copies.mjs')
    const { code, stdout, output } = await project.node('two-copies.mjs')
    expect(code, output).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      sameClass: false,
      cjsInEsm: [true, true],
      esmInCjs: [true, true],
      otherClass: [false, false]
    })
  })

  it('has a command line that explains itself', async () => {
    const { code, stdout, output } = await project.bin('ioredis-sentinel', '--help')
    expect(code, output).toBe(0)
    expect(stdout).toMatch(/usage: ioredis-sentinel/i)
  })
})

describe('installed where no bundler is', () => {
  it('serves all that the dashboard consists of', async () => {
    const project = await pack.project('dashboard', {})
    await project.copy('dashboard.mjs')
    const { code, stdout, output } = await project.node('dashboard.mjs')
    expect(code, output).toBe(0)
    expect(JSON.parse(stdout)).toEqual(Array.from({ length: 3 }, () => [200, true]))
  })
})

describe('installed in an empty TypeScript project', () => {
  const examples = codeBlocks(readFileSync(new URL('../../README.md', import.meta.url), 'utf8'), 'ts')
  const names = (extension: string): string[] => examples.map((_, index) => `readme-${index}.${extension}`)

  let project: Project
  beforeAll(async () => {
    project = await pack.project('typescript', { type: 'module' }, '@types/node')
    await Promise.all([
      ...['ts', 'mts', 'cts'].map((extension) => project.copy('types.ts', `types.${extension}`)),
      project.copy('types-required.cts'),
      ...['ts', 'mts'].flatMap((extension) =>
        names(extension).map((name, index) => project.write(name, examples[index] ?? ''))
      )
    ])
  })

  it.each(['nodenext', 'node16'])(
    'type-checks, and so do the examples of the README, with module and moduleResolution %s, as ESM and as CommonJS',
    async (module) => {
      expect(examples.length).toBeGreaterThan(1)
      const { code, output } = await project.typeCheck(
        { module, moduleResolution: module, verbatimModuleSyntax: true },
        ['types.ts', 'types.mts', 'types-required.cts', ...names('ts'), ...names('mts')]
      )
      expect(code, output).toBe(0)
    }
  )

  it('type-checks as CommonJS that is written as ESM', async () => {
    const { code, output } = await project.typeCheck({ module: 'nodenext' }, ['types.cts'])
    expect(code, output).toBe(0)
  })

  it('type-checks, and so do the examples of the README, as a bundler resolves it', async () => {
    const { code, output } = await project.typeCheck(
      { module: 'esnext', moduleResolution: 'bundler', verbatimModuleSyntax: true },
      ['types.ts', ...names('ts')]
    )
    expect(code, output).toBe(0)
  })

  it('is told of a wrong option', async () => {
    await project.write('wrong.ts', (examples[0] ?? '').replace('sentinels:', 'sentinel:'))
    const { code, output } = await project.typeCheck({ module: 'nodenext' }, ['wrong.ts'])
    expect(code).not.toBe(0)
    expect(output).toContain(`'sentinel' does not exist in type 'SentinelRedisOptions'`)
  })
})
