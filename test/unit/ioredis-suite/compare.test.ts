import { describe, expect, it } from 'vitest'
import { compare } from '../../../scripts/ioredis-suite/compare.js'
import { type Expected, expectedWith } from '../../../scripts/ioredis-suite/expected.js'
import type { Case, State } from '../../../scripts/ioredis-suite/mocha-run.js'
import { REASONS } from '../../../scripts/ioredis-suite/reasons.js'

const FILE = 'test/functional/connection.ts'
const one = (title: string, state: State, file = FILE): Case => ({ file, title, state, error: '' })
const expected: readonly Expected[] = [{ file: FILE, title: 'differs', reason: 'retries' }]
const titles = (cases: readonly { readonly title: string }[]): string[] => cases.map(({ title }) => title)

describe('two runs of the suite', () => {
  it('are sorted by what each failure is', () => {
    const plain = [one('differs', 'passing'), one('too old', 'failing'), one('new', 'passing'), one('good', 'passing')]
    const ours = [one('differs', 'failing'), one('too old', 'failing'), one('new', 'failing'), one('good', 'passing')]
    const { byReason, unexplained, both, missing, stale } = compare(plain, ours, expected)
    expect([...byReason].map(([reason, cases]) => [reason, titles(cases)])).toEqual([['retries', ['differs']]])
    expect([unexplained, both, missing, stale].map(titles)).toEqual([['new'], ['too old'], [], []])
  })

  it('show a case that no longer differs', () => {
    const { stale, unexplained } = compare([one('differs', 'passing')], [one('differs', 'passing')], expected)
    expect([stale, unexplained]).toEqual([expected, []])
  })

  it('are content with a case that differs sometimes, whether it does or not', () => {
    const sometimes = expected.map((each) => ({ ...each, sometimes: true }))
    for (const state of ['passing', 'failing'] as const) {
      const { stale, unexplained } = compare([one('differs', 'passing')], [one('differs', state)], sometimes)
      expect([stale, unexplained]).toEqual([[], []])
    }
    expect(compare([one('good', 'passing')], [one('good', 'passing')], sometimes).stale).toEqual(sometimes)
  })

  it('show an expected case that is not in its file any more, unless cases were chosen by their titles', () => {
    const other = [one('good', 'passing')]
    expect(compare(other, other, expected).stale).toEqual(expected)
    expect(compare(other, other, expected, 'good').stale).toEqual([])
  })

  it('expect nothing of a file that was not run, nor of a case that the server is too old for', () => {
    const elsewhere = [one('good', 'passing', 'test/functional/auth.ts')]
    expect(compare(elsewhere, elsewhere, expected).stale).toEqual([])
    expect(compare([one('differs', 'pending')], [one('differs', 'pending')], expected).stale).toEqual([])
  })

  it('show what was not run with SentinelRedis, but for what cannot be given one', () => {
    const plain = [one('good', 'passing'), one('slots', 'passing', 'test/functional/cluster/slots.ts')]
    expect(titles(compare(plain, [], []).missing)).toEqual(['good'])
  })
})

describe('what is expected to differ', () => {
  it('is each case once, for each reason some', () => {
    const all = expectedWith(2)
    const keys = all.map(({ file, title }) => `${file} ${title}`)
    expect(new Set(keys).size).toBe(keys.length)
    expect(new Set(all.map(({ reason }) => reason))).toEqual(new Set(Object.keys(REASONS)))
  })

  it('is less without replicas', () => {
    const reasons = new Set(expectedWith(0).map(({ reason }) => reason))
    expect(reasons.has('replicas')).toBe(false)
    expect(reasons.size).toBe(Object.keys(REASONS).length - 1)
  })
})
