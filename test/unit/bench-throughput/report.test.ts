import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillDocument } from '../../../bench/throughput/document.js'
import { judgeGoals } from '../../../bench/throughput/goals.js'
import { reportPage } from '../../../bench/throughput/page.js'
import type { Report } from '../../../bench/throughput/report-files.js'
import { readReport, writeReport } from '../../../bench/throughput/report-files.js'
import { middle, ratio } from '../../../bench/throughput/results.js'
import { terminalTable } from '../../../bench/throughput/tables.js'

const closed = (client: 'ours' | 'ioredis', round: number, perSecond: number, cpuUs: number, depth: 1 | 64 = 64) =>
  ({ round, slice: 0, client, workload: 'set', depth, perSecond, cpuUs }) as const

const paced = (client: 'ours' | 'ioredis', slice: number, p99Us: number) =>
  ({ round: 0, slice, client, workload: 'set', perSecond: 2_000, p50Us: 100, p99Us }) as const

const REPORT: Report = {
  environment: {
    date: '2026-01-02T03:04:05.000Z',
    server: 'redis-server 7.0.15',
    node: 'v20.0.0',
    packages: { ioredis: '6.0.0' },
    system: 'Linux',
    processors: '2 x some',
    memoryGiB: 8,
    topology: 'small',
    placement: 'somewhere'
  },
  settings: {
    command: 'npm run bench:throughput',
    rounds: 3,
    ms: 700,
    clients: ['ours', 'ioredis'],
    workloads: ['set']
  },
  runs: {
    // The machine was four times slower in the second round, for both.
    closed: [
      closed('ours', 0, 200_000, 4),
      closed('ioredis', 0, 100_000, 10),
      closed('ours', 1, 60_000, 16),
      closed('ioredis', 1, 25_000, 40),
      closed('ours', 2, 180_000, 5),
      closed('ioredis', 2, 100_000, 10)
    ],
    paced: [],
    allocation: [{ round: 0, client: 'ours', workload: 'set', bytes: 900 }]
  }
}

describe('figures', () => {
  it('are compared round by round, before the median is taken', () => {
    const perSecond = (run: { readonly perSecond: number }): number => run.perSecond
    expect(ratio(REPORT.runs.closed, 'ours', 'ioredis', perSecond)).toBe(2)
    expect(middle(REPORT.runs.closed, 'ours', perSecond)).toBe(180_000)
    expect(ratio(REPORT.runs.closed, 'ours', 'node-redis', perSecond)).toBeNaN()
  })

  it('are held against the goals, where they were measured', () => {
    expect(judgeGoals(REPORT.runs)).toEqual([
      {
        what: 'SET, 64 in flight: CPU a call',
        limit: 'at most 0.5 x ioredis',
        measured: '0.40 (0.40 to 0.50)',
        met: true
      },
      {
        what: 'SET, 64 in flight: calls a second',
        limit: 'at least 1.25 x ioredis',
        measured: '2.00 (1.80 to 2.40)',
        met: true
      }
    ])
  })

  it('of slices are compared slice by slice, and above only when that is certain', () => {
    const p99 = (ours: readonly number[]): string[] => {
      const slices = ours.flatMap((value, slice) => [paced('ours', slice, value), paced('ioredis', slice, 1_000)])
      return judgeGoals({ closed: [], allocation: [], paced: slices }).map(({ measured, met }) => `${measured} ${met}`)
    }
    expect(p99([900, 1_300, 1_100, 1_200])).toEqual(['1.15 (0.90 to 1.30) true'])
    expect(p99([1_010, 1_300, 1_100, 1_200])).toEqual(['1.15 (1.01 to 1.30) false'])
    expect(p99([500, 600, 1_200, ...Array<number>(17).fill(1_100)])).toEqual(['1.10 false'])
  })

  it('of one call at a time are below only when that is certain, too', () => {
    const speed = (ours: readonly number[]): string[] => {
      const runs = ours.flatMap((value, round) => [
        closed('ours', round, value, 1, 1),
        closed('ioredis', round, 100, 1, 1)
      ])
      const goals = judgeGoals({ closed: runs, allocation: [], paced: [] })
      return goals
        .filter(({ what }) => /calls/.test(what))
        .map(({ limit, measured, met }) => `${limit}: ${measured} ${met}`)
    }
    expect(speed([90, 97, 97, 105])).toEqual(["not below ioredis's: 0.97 (0.90 to 1.05) true"])
    expect(speed([90, 97, 97, 99])).toEqual(["not below ioredis's: 0.97 (0.90 to 0.99) false"])
  })

  it('fill the document, the page and a table', () => {
    const document = fillDocument('<!-- workloads --><!-- /workloads --> <!-- garbage --><!-- /garbage -->', REPORT)
    expect(document).toContain('| **ioredis-sentinel** | – | – | – | – | 180,000 (2.00 x) | 5.0 (0.40 x) | – | – |')
    expect(document).toContain('| ioredis | – | – | – | – | 100,000 | 10.0 | – | – |')
    expect(document).toContain('| **ioredis-sentinel** | 900 |')
    expect(reportPage(REPORT)).toContain('180,000 (2.00 x)')
    expect(terminalTable(REPORT)).toContain('at least 1.25 x')
  })

  it('have their places in the document of this repository', () => {
    const document = readFileSync('docs/performance.md', 'utf8')
    const filled = fillDocument(document, REPORT)
    for (const part of ['2.00 x', 'small', 'bytes a call, SET', 'SET of 32 bytes']) expect(filled).toContain(part)
  })
})

describe('results', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'throughput-'))
  })
  afterAll(() => {
    rmSync(directory, { recursive: true })
  })

  it('are read as they were written', () => {
    writeReport(REPORT, directory)
    expect(readReport(join(directory, 'throughput.json'))).toEqual(REPORT)
  })

  it('that are none are named', () => {
    const path = join(directory, 'other.json')
    writeFileSync(path, '{}')
    expect(() => readReport(path)).toThrow(`${path} holds no results of bench:throughput`)
    expect(() => readReport(join(directory, 'none.json'))).toThrow('none.json cannot be read: ENOENT')
  })
})
