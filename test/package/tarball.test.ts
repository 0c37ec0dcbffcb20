import { readFile } from 'node:fs/promises'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PackageUnderTest } from './package-under-test.js'

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
    const { code, output } = await pack.tool(
      '@arethetypeswrong/cli/dist/index.js',
      ...[pack.tarball, '--profile', 'strict', '--no-definitely-typed', '--no-color', '--no-emoji']
    )
    expect(code, output).toBe(0)
  })
})

describe('installed in an empty folder', () => {
  it('exports the same names by import and by require', async () => {
    const { code, stdout, output } = await pack.node('exports.mjs')
    expect(code, output).toBe(0)
    const entries = JSON.parse(stdout) as Record<string, { esm: string[]; cjs: string[] }>
    expect(entries['ioredis-sentinel']?.esm).toContain('SentinelRedis')
    expect(entries['ioredis-sentinel/testkit']?.esm).toContain('startTopology')
    for (const { esm, cjs } of Object.values(entries)) expect(esm).toEqual(cjs)
  })

  it.each([
    ['round-trip.mjs', 'hello from ESM'],
    ['round-trip.cjs', 'hello from CJS']
  ])('%s writes to and reads from a real topology', async (file, value) => {
    const { code, stdout, output } = await pack.node(file)
    expect(code, output).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ value, isRedis: true })
  })

  it('knows its errors across the ESM and the CJS copy', async () => {
    const { code, stdout, output } = await pack.node('two-copies.mjs')
    expect(code, output).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      sameClass: false,
      cjsInEsm: [true, true],
      esmInCjs: [true, true],
      otherClass: [false, false]
    })
  })

  it.each([
    ['types.mts', 'nodenext'],
    ['types.cts', 'nodenext'],
    ['types-bundled.ts', 'bundler']
  ] as const)('type-checks %s with %s, libraries included', async (file, module) => {
    const { code, output } = await pack.typeCheck(file, module)
    expect(code, output).toBe(0)
  })

  it('has a command line that explains itself', async () => {
    const { code, stdout, output } = await pack.bin('ioredis-sentinel', '--help')
    expect(code, output).toBe(0)
    expect(stdout).toMatch(/usage: ioredis-sentinel/i)
  })
})
