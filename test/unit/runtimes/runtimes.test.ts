import { describe, expect, it } from 'vitest'
import { RUNTIME_NAMES, versionIn } from '../../../scripts/runtimes/catalogue.js'
import { parseOptions } from '../../../scripts/runtimes/options.js'
import { endOf, parseLine } from '../../../scripts/runtimes/run-runtime.js'

describe('what a runtime says', () => {
  it.each([
    ['v20.20.2\n', '20.20.2'],
    ['1.4.5\n', '1.4.5'],
    ['deno 2.9.6 (stable, release, x86_64-unknown-linux-gnu)\nv8 1.2.3\n', '2.9.6'],
    ['', 'unknown']
  ])('of its version: %j', (text, version) => {
    expect(versionIn(text)).toBe(version)
  })

  it.each([
    ['{"ready":true}', 'ready'],
    ['{"step":"closes","ok":true,"told":""}', { step: 'closes', ok: true, told: '' }],
    ['{"step":"closes","ok":false,"told":"Error: no"}', { step: 'closes', ok: false, told: 'Error: no' }],
    ['{"warning":"x"}', undefined],
    ['Download https://registry', undefined]
  ])('in a line: %s', (line, parsed) => {
    expect(parseLine(line)).toEqual(parsed)
  })

  it.each([
    [0, null, '', true, ''],
    [0, null, 'a warning\n', false, 'a warning'],
    [1, null, '', false, 'exit code 1'],
    [null, 'SIGKILL', '', false, 'it was still there after 90 s']
  ] as const)('at its end: exit code %s, signal %s, output %j', (code, signal, said, ok, told) => {
    expect(endOf(code, signal, said)).toEqual({ step: 'ends by itself', ok, told })
  })
})

describe('the command line of the runtimes', () => {
  it('asks for all, or for a choice', () => {
    expect(parseOptions([])).toEqual({ ok: true, options: { runtimes: RUNTIME_NAMES } })
    expect(parseOptions(['--runtimes', 'deno,bun'])).toEqual({ ok: true, options: { runtimes: ['bun', 'deno'] } })
  })

  it('refuses what there is not', () => {
    let said = ''
    expect(parseOptions(['--runtimes', 'workerd'], (text) => (said += text))).toEqual({ ok: false, exitCode: 2 })
    expect(said).toContain('"workerd" is not known; allowed are node, bun, deno, all.')
  })
})
