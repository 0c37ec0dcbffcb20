import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Trouble } from '../../../bench/failover/catalogue.js'
import { findShortfalls } from '../../../bench/failover/comparison.js'
import { fillDocument } from '../../../bench/failover/document.js'
import { judgeGoals } from '../../../bench/failover/goals.js'
import type { Measurement } from '../../../bench/failover/measurement.js'
import { reportPage } from '../../../bench/failover/page.js'
import type { Report } from '../../../bench/failover/report.js'
import { parseLines } from '../../../bench/failover/results-file.js'
import { terminalTable } from '../../../bench/failover/tables.js'
import { measurement, report } from './reports.js'

const WON = report([
  measurement('kill', 'ours', 0, { afterPromotionMs: 3 }),
  measurement('kill', 'ours', 1, { afterPromotionMs: 9 }),
  measurement('kill', 'ioredis', 0, { afterPromotionMs: null, writeGapMs: 16_000, readGapMs: 400 }),
  measurement('kill', 'ioredis', 1, { afterPromotionMs: 2400, writeGapMs: 17_000, readGapMs: 500 })
])

describe('the document', () => {
  it('is filled between its marks and nowhere else, as often as one likes', () => {
    const document = 'top\n<!-- first-ack -->\nold\n<!-- /first-ack -->\nbottom\n'
    const { text } = fillDocument(document, WON)
    expect(text).toBe(
      'top\n<!-- first-ack -->\n\n| fault | ioredis-sentinel | ioredis |\n| --- | --- | --- |\n| kill | 6 (9) | never (15 s) |\n\n<!-- /first-ack -->\nbottom\n'
    )
    expect(fillDocument(text, WON).text).toBe(text)
  })

  it('of this repository has a place for everything', () => {
    const document = readFileSync('docs/failover.md', 'utf8')
    const { text } = fillDocument(document, WON)
    for (const part of ['npm run bench:failover -- --runs 2', '### kill', 'three nodes', 'median ms: at most 10']) {
      expect(text).toContain(part)
    }
  })

  it('without a place, or with one that does not end, is refused', () => {
    expect(() => fillDocument('nothing', WON)).toThrow('known are <!-- command -->')
    expect(() => fillDocument('<!-- goals -->', WON)).toThrow('<!-- /goals --> is expected')
  })
})

describe('what is not better than the best peer', () => {
  it('is nothing where all is, or where both have 0', () => {
    expect(findShortfalls(WON)).toEqual([])
  })

  it('is found, also in a single run, and told with its reason', () => {
    const lost = report([
      measurement('kill', 'ours', 0, { unknown: 2, writeGapMs: 1500 }),
      measurement('kill', 'ours', 1, { unknown: 0, writeGapMs: 1500 }),
      measurement('kill', 'ioredis', 0, { afterPromotionMs: 800, writeGapMs: 1502, readGapMs: 90 }),
      measurement('kill', 'ioredis', 1, { afterPromotionMs: 800, writeGapMs: 1502, readGapMs: 90 })
    ])
    expect(findShortfalls(lost).map(({ metric, verdict }) => [metric, verdict])).toEqual([
      ['writeGapMs', 'equal'],
      ['unknown', 'worse']
    ])
    const { text, unexplained } = fillDocument('<!-- shortfalls --><!-- /shortfalls -->', lost)
    expect(text).toContain('- `kill`, unknown: 1 (2), worse than ioredis with 0')
    expect(unexplained).toEqual([])
  })

  it('and has no reason is named', () => {
    const lost = report([
      measurement('kill', 'ours', 0, { doubled: 1 }),
      measurement('kill', 'ioredis', 0, { afterPromotionMs: 800, writeGapMs: 3000, readGapMs: 90 })
    ])
    expect(fillDocument('<!-- goals --><!-- /goals -->', lost).unexplained).toEqual([
      '`kill`, doubled: 1, worse than ioredis with 0'
    ])
  })
})

describe('the goals', () => {
  it('are met or not by what was measured', () => {
    const goals = judgeGoals(WON)
    expect(goals.filter(({ met }) => !met)).toEqual([])
    expect(goals).toContainEqual({
      what: 'kill: promotion to first ack, median ms: at most 10',
      measured: '6',
      met: true
    })
    const slow = judgeGoals(report([measurement('kill', 'ours', 0, { afterPromotionMs: 101, unknown: 6 })]))
    expect(slow.filter(({ met }) => !met).map(({ what }) => what)).toEqual([
      'kill: promotion to first ack, median ms: at most 10',
      'kill: promotion to first ack, worst ms: at most 100',
      'kill: unknown, worst run: at most 5'
    ])
  })
})

describe('one replica out', () => {
  const GOALS = [
    'reads failed, worst run: at most 0',
    'reads hung, worst run: at most 0',
    'longest read, worst ms: at most 100',
    'heal to first read there, worst ms: at most 10000'
  ]
  const of = (figures: Partial<Measurement>, fault: Trouble = 'replica-freeze'): Report =>
    report([
      measurement(fault, 'ours', 0, { longestReadMs: 55, readsBackMs: 900 }),
      measurement(fault, 'ours', 1, { longestReadMs: 61, readsBackMs: 1200, ...figures })
    ])
  const missed = (of: Report): string[] => judgeGoals(of).flatMap(({ what, met }) => (met ? [] : [what]))

  it.each<Trouble>(['replica-kill', 'replica-freeze', 'replica-partition'])('%s has goals for its reads', (fault) => {
    const goals = judgeGoals(of({}, fault))
    expect(goals.map(({ what }) => what)).toEqual(expect.arrayContaining(GOALS.map((goal) => `${fault}: ${goal}`)))
    expect(missed(of({}, fault))).toEqual([])
  })

  it('is missed by the worst run', () => {
    const worst = of({ readsFailed: 1, readsHung: 1, longestReadMs: null, readsBackMs: null })
    expect(missed(worst)).toEqual(GOALS.map((goal) => `replica-freeze: ${goal}`))
    expect(missed(of({ longestReadMs: 100.1, readsBackMs: 10_001 }))).toEqual(
      GOALS.slice(2).map((goal) => `replica-freeze: ${goal}`)
    )
  })

  it('is shown with how long each was waited for', () => {
    const { text } = fillDocument('<!-- faults --><!-- /faults -->', of({ longestReadMs: null, readsBackMs: null }))
    expect(text).toContain('| longest read, ms |')
    expect(text).toContain('| heal to first read there, ms |')
    expect(text).toContain('| never (15 s) |')
    expect(text).toContain('| never (10 s) |')
  })

  it('is shown without what older results do not have, and judged by the rest', () => {
    const old = report([measurement('replica-freeze', 'ours', 0, { readsFailed: 2 })])
    expect(fillDocument('<!-- faults --><!-- /faults -->', old).text).not.toMatch(/longest read|first read there/)
    expect(missed(old)).toEqual(['replica-freeze: reads failed, worst run: at most 0'])
  })

  it('has a reason for every figure of its reads in which a peer may be better', () => {
    const figures = { readGapMs: 60, longestReadMs: 60, readsBackMs: 900 }
    const peer = measurement('replica-freeze', 'ioredis', 0, { readGapMs: 10, longestReadMs: 10, readsBackMs: 5 })
    const both = report([measurement('replica-freeze', 'ours', 0, { writeGapMs: 1000, ...figures }), peer])
    expect(findShortfalls(both).map(({ metric }) => metric)).toEqual(
      expect.arrayContaining(['readGapMs', 'longestReadMs', 'readsBackMs'])
    )
    expect(fillDocument('<!-- shortfalls --><!-- /shortfalls -->', both).unexplained).not.toContainEqual(
      expect.stringMatching(/read/)
    )
  })
})

it('the page needs nothing but itself, and shows every client', () => {
  const page = reportPage(WON)
  expect(page).toContain('data-plot="clients-kill"')
  expect(page).toContain('never (15 s)')
  expect(page).not.toMatch(/(?:src|href)="(?!data:)/)
})

it('the table of the terminal has median and worst of every cell', () => {
  expect(terminalTable(WON)).toMatch(/kill\s+│ ioredis-sentinel\s+│ 2\s+│ 6 \(9\)/)
})

it('results are read back without a last line that was cut off, and refused when another one is broken', () => {
  const one = measurement('kill', 'ours', 0)
  const line = JSON.stringify(one)
  expect(parseLines(`${line}\n${line.slice(0, 40)}`, 'runs.jsonl')).toEqual([one])
  expect(() => parseLines(`{"broken"\n${line}\n`, 'runs.jsonl')).toThrow('runs.jsonl, line 1')
})
