import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LIBRARIES, LIBRARY_NAMES, testFileOf } from '../../../scripts/libraries/catalogue.js'
import { DOCUMENTED } from '../../../scripts/libraries/options.js'
import { fillDocument, hasFailed, runLine, terminalTable } from '../../../scripts/libraries/report.js'
import {
  merged,
  readResults,
  type Result,
  type Results,
  type Run,
  runOf,
  writeResults
} from '../../../scripts/libraries/results.js'

const clean: Result = { name: 'nothing left behind', state: 'passed' }
const good: Result = { name: 'keeps', state: 'passed', faults: ['manual', 'kill'], ms: 9_000.4 }
const bad: Result = { name: 'keeps', state: 'failed', faults: ['manual'], ms: 400, note: 'expected 1\nto be 2' }

const passed = runOf([good], clean)
const failed = runOf([bad], clean)

const environment: Results['environment'] = {
  date: '2026-01-01T00:00:00.000Z',
  server: 'redis-server 7.0.15',
  node: 'v20.0.0',
  packages: { ioredis: '6.0.0' },
  system: 'Linux 6',
  processors: '2 x CPU',
  memoryGiB: 4,
  topology: 'three servers'
}
const results: Results = {
  environment,
  libraries: {
    bullmq: { versions: ['6.7.0'], runs: [passed, passed, failed] },
    'fastify-redis': { versions: ['9.0.0', '5.12.8'], runs: [passed] }
  }
}

describe('a run', () => {
  it('is of the faults and the time of all its tests', () => {
    const { faults, ms } = runOf([good, good], clean)
    expect([faults, ms]).toEqual([['manual', 'kill', 'manual', 'kill'], 18_001])
  })

  it.each<[string, readonly Result[], Result, boolean]>([
    ['all passed', [good], clean, true],
    ['one was skipped and one passed', [good, { name: 'cut off', state: 'skipped', note: 'needs root' }], clean, true],
    ['one failed', [good, bad], clean, false],
    ['all were skipped', [{ name: 'cut off', state: 'skipped' }], clean, false],
    ['none ran', [], clean, false],
    ['a process was left behind', [good], { ...clean, state: 'failed', note: 'process 1' }, false]
  ])('of which %s', (_, ofTests, leftBehind, isGood) => {
    expect(runOf(ofTests, leftBehind).passed).toBe(isGood)
  })

  it('is told in a line, with what did not pass', () => {
    expect(runLine('bullmq', 3, 10, passed)).toBe('bullmq 3/10: passed, 2: 1 kill, 1 manual, 9.0 s')
    expect(runLine('redlock', 1, 1, failed)).toBe(
      'redlock 1/1: FAILED, 1: 1 manual, 0.4 s\n  failed: keeps: expected 1\nto be 2'
    )
  })
})

describe('the results', () => {
  it('are read as they were written, and those of other libraries are kept', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ioredis-sentinel-libraries-'))
    try {
      const path = join(folder, 'made/runs.json')
      writeResults(path, results)
      expect(readResults(path)).toEqual(results)
      const again: Results = { environment, libraries: { bullmq: { versions: ['6.8.0'], runs: [passed] } } }
      expect(merged(readResults(path), again).libraries).toEqual({ ...results.libraries, ...again.libraries })
      writeFileSync(path, '{}')
      expect(() => readResults(path)).toThrow(/runs\.json holds no results of test:libraries/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are of a failure when a run failed, or there was none', () => {
    const of = (...runs: Run[]): Results => ({ environment, libraries: { redlock: { versions: ['5.0.0'], runs } } })
    expect([of(passed), of(passed, failed), of()].map(hasFailed)).toEqual([false, true, true])
  })

  it('are a row for each library, in the terminal and in the document', () => {
    expect(terminalTable(results)).toMatch(/BullMQ +│ 6\.7\.0 +│ 3 +│ 2 +│ 5: 2 kill, 3 manual +│ 9\.0 /)
    const filled = fillDocument('before\n<!-- libraries -->\nold\n<!-- /libraries -->\nafter', results)
    expect(filled).toContain('| [BullMQ](#bullmq) | 6.7.0 | 3 | 2 | 5: 2 kill, 3 manual | 9.0 |')
    expect(filled).toContain(
      '| [@fastify/redis](#fastifyredis) | @fastify/redis 9.0.0, fastify 5.12.8 | 1 | 1 | 2: 1 kill, 1 manual | 9.0 |'
    )
    expect(filled).toMatch(/^before\n[\s\S]*redis-server 7\.0\.15[\s\S]*\nafter$/)
    expect(filled).not.toContain('old')
  })
})

describe('the catalogue', () => {
  it('has every library of which there is an example, each with a test and a section', () => {
    const examples = readdirSync('examples/libraries').filter((file) => file.endsWith('.ts'))
    expect(examples.map((file) => basename(file, '.ts')).sort()).toEqual([...LIBRARY_NAMES].sort())
    expect(LIBRARY_NAMES.map(testFileOf).filter((file) => !existsSync(file))).toEqual([])
  })

  it('is what the document is filled from: npm run test:libraries -- --render', () => {
    const document = readFileSync('docs/libraries.md', 'utf8')
    const kept = readResults(DOCUMENTED)
    expect(Object.keys(kept.libraries)).toEqual(Object.keys(LIBRARIES))
    expect(fillDocument(document, kept)).toBe(document)
  })
})
