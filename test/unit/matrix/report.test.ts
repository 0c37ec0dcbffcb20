import { describe, expect, it } from 'vitest'
import { cellsOf, type FinishedCell, resultsOf } from '../../../scripts/matrix/cell.js'
import { hasFailed, headingOf, jsonReport, matrixTable } from '../../../scripts/matrix/report.js'

const passed: FinishedCell = {
  node: 20,
  server: 'redis-7.0',
  versions: { node: '20.20.2', server: 'Redis 7.0.15' },
  results: [
    { name: 'a', state: 'passed' },
    { name: 'b', state: 'skipped', note: 'needs root' }
  ],
  seconds: 12.4
}
const failed: FinishedCell = {
  node: 24,
  server: 'valkey-8.1',
  versions: { node: '24.1.0', server: 'Valkey 8.1.1' },
  results: [
    { name: 'a', state: 'passed' },
    { name: 'b', state: 'failed', note: 'expected 1' }
  ],
  seconds: 3
}
const leftOut: FinishedCell = { node: 22, server: 'redis-8.0', leftOut: 'apt-get is not on the PATH' }

/** The cells of each row, without the frame. */
const rowsOf = (table: string): string[][] =>
  table
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim())
    )

describe('the cells', () => {
  it('are every Node with every server', () => {
    expect(cellsOf([20, 24], ['redis-7.0', 'valkey-8.1'])).toEqual([
      { node: 20, server: 'redis-7.0' },
      { node: 24, server: 'redis-7.0' },
      { node: 20, server: 'valkey-8.1' },
      { node: 24, server: 'valkey-8.1' }
    ])
  })

  it('that were left out count as skipped, with the reason', () => {
    expect(resultsOf(leftOut)).toEqual([
      { name: 'the whole cell', state: 'skipped', note: 'apt-get is not on the PATH' }
    ])
    expect(resultsOf(failed)).toBe(failed.results)
  })
})

describe('the report', () => {
  it('has one row a cell', () => {
    expect(rowsOf(matrixTable([passed, leftOut, failed]))).toEqual([
      ['node', 'server', 'passed', 'failed', 'skipped', 'seconds'],
      ['20.20.2', 'Redis 7.0.15', '1', '0', '1', '12'],
      ['22', 'redis-8.0', 'left out, see below'],
      ['24.1.0', 'Valkey 8.1.1', '1', '1', '0', '3']
    ])
  })

  it('heads what is told of a cell by its versions, as far as they are known', () => {
    expect([passed, leftOut].map(headingOf)).toEqual(['Node 20.20.2, Redis 7.0.15', 'Node 22, redis-8.0'])
  })

  it('for programs counts each cell and names what did not pass', () => {
    expect(JSON.parse(jsonReport([failed, leftOut], ['pains/18'], new Date(0)))).toEqual({
      date: '1970-01-01T00:00:00.000Z',
      tests: ['pains/18'],
      cells: [
        {
          node: 24,
          server: 'valkey-8.1',
          versions: { node: '24.1.0', server: 'Valkey 8.1.1' },
          seconds: 3,
          ...{ passed: 1, failed: 1, skipped: 0 },
          notPassed: [{ name: 'b', state: 'failed', note: 'expected 1' }]
        },
        leftOut
      ]
    })
  })

  it('is of a failure when something failed, and when nothing was run', () => {
    expect(hasFailed([passed, leftOut])).toBe(false)
    expect(hasFailed([passed, failed])).toBe(true)
    expect(hasFailed([leftOut])).toBe(true)
    expect(hasFailed([])).toBe(true)
  })
})
