import type { LedgerEntry } from 'ioredis-sentinel/testkit'
import { describe, expect, test } from 'vitest'
import type { FinalState } from '../../../bench/soak/oracle/final-state.js'
import { judge, type StepFacts } from '../../../bench/soak/oracle/judge.js'
import type { Consumed, ConsumedJobs, Heard, StepRecord } from '../../../bench/soak/records.js'

const PROMOTED_AT = 1_000

function entry(id: string, issuedAt: number, outcome: LedgerEntry['outcome'] = 'acked', error?: string): LedgerEntry {
  return { id, issuedAt, settledAt: issuedAt + 1, outcome, ...(error === undefined ? {} : { error }) }
}

/** One write before the promotion and one after it. */
const written = (name: string): LedgerEntry[] => [entry(`${name}-1`, 500), entry(`${name}-2`, 1_500)]
const ids = (name: string): string[] => [`${name}-1`, `${name}-2`]
const consumed = (name: string): Consumed => ({ seen: ids(name), connectionsLost: 0, errors: {} })
const heard = (): Heard => ({
  published: [1, 2, 3].map((number) => ({ number, receivers: 1, issuedAt: number * 10 })),
  heard: [1, 2, 3],
  lastLossAt: null
})

const RECORD: StepRecord = {
  lists: {
    append: written('append'),
    pipeline: written('pipeline'),
    multi: written('multi'),
    script: written('script'),
    auto: written('auto'),
    'watch-a': written('a'),
    'watch-b': written('b')
  },
  increments: written('increment'),
  hashFields: written('field'),
  jobs: { blpop: written('blpop'), blmove: written('blmove'), xreadgroup: written('xreadgroup') },
  reads: { issued: 10, failed: 0, hung: 0, errors: {}, longestGapMs: 20 },
  ownReads: { checked: 5, stale: [], errors: {} },
  heard: { channel: heard(), pattern: heard(), shard: heard() },
  shortLived: { made: 3, closed: 3, errors: {} },
  wrongReplies: []
}

const CONSUMED: ConsumedJobs = {
  blpop: consumed('blpop'),
  blmove: consumed('blmove'),
  xreadgroup: consumed('xreadgroup')
}

const watch = [...ids('a'), ...ids('b')]
const STATE: FinalState = {
  lists: {
    append: ids('append'),
    pipeline: ids('pipeline'),
    multi: ids('multi'),
    script: ids('script'),
    auto: ids('auto'),
    'watch-a': watch,
    'watch-b': watch
  },
  counters: { increments: 2, 'multi:n': 2, 'script:n': 2, 'watch:n': 4 },
  hashFields: ids('field'),
  left: { blpop: [], blmove: [], xreadgroup: [] }
}

interface Change {
  readonly record?: Partial<StepRecord>
  readonly lists?: Partial<FinalState['lists']>
  readonly counters?: Partial<FinalState['counters']>
  readonly state?: Partial<FinalState>
  readonly facts?: Partial<StepFacts>
}

function judged({ record, lists, counters, state, facts }: Change = {}) {
  return judge({
    promotions: [PROMOTED_AT],
    record: { ...RECORD, ...record },
    state: {
      ...STATE,
      ...state,
      lists: { ...STATE.lists, ...lists },
      counters: { ...STATE.counters, ...counters }
    },
    consumed: CONSUMED,
    ...facts
  })
}

const list = (append: readonly LedgerEntry[]): Partial<StepRecord> => ({ lists: { ...RECORD.lists, append } })
const queue = (blmove: Partial<Consumed>): Partial<StepFacts> => ({
  consumed: { ...CONSUMED, blmove: { ...CONSUMED.blmove, ...blmove } }
})
const channel = (change: Partial<Heard>): Partial<StepRecord> => ({
  heard: { ...RECORD.heard, channel: { ...heard(), ...change } }
})

test('a clean step has no violation', () => {
  expect(judged()).toMatchObject({ violations: [], unknown: 0, lostBefore: 0, missedMessages: 0, readGapMs: 20 })
})

describe('what must not be', () => {
  const cases: readonly [what: string, change: Change, words: RegExp][] = [
    ['a doubled write', { lists: { append: ['append-1', 'append-2', 'append-1'] } }, /append: doubled: 1 \(append-1\)/],
    ['a reordered write', { lists: { script: ['script-2', 'script-1'] } }, /script: reordered: 1/],
    ['a write lost after the promotion', { lists: { auto: ['auto-1'] } }, /auto: lost: 1 \(auto-2\)/],
    ['a value nobody wrote', { lists: { append: [...ids('append'), 'x'] } }, /append: never written: 1 \(x\)/],
    [
      'a failed write',
      { record: list([entry('append-1', 500), entry('append-2', 1_500, 'failed', 'DEADLINE')]) },
      /append: failed: 1 \(DEADLINE\)/
    ],
    ['a hung write', { record: list([entry('append-1', 500), entry('append-2', 1_500, 'hung')]) }, /append: hung: 1/],
    ['half a transaction', { counters: { 'multi:n': 3 } }, /multi:n is 3 beside 2 elements/],
    ['a lost update under WATCH', { counters: { 'watch:n': 3 } }, /watch:n is 3 beside 4 elements/],
    ['an increment that took effect twice', { counters: { increments: 3 } }, /INCR: effects without a call: 1/],
    ['an increment without effect', { counters: { increments: 0 } }, /INCR: effects that are missing: 1/],
    [
      'an unknown outcome of HSET',
      { record: { hashFields: [entry('field-1', 500, 'unknown'), entry('field-2', 1_500)] } },
      /hash: unknown/
    ],
    ['a job that nobody saw', { facts: queue({ seen: ['blmove-1'] }) }, /jobs of blmove: never seen: 1 \(blmove-2\)/],
    [
      'a consumer that was told an error',
      { facts: queue({ errors: { UNBLOCKED: 2 } }) },
      /consumer by blmove: UNBLOCKED: 2/
    ],
    ['a doubled message', { record: channel({ heard: [1, 2, 2, 3] }) }, /messages by channel: doubled: 1 \(2\)/],
    ['a message out of order', { record: channel({ heard: [1, 3, 2] }) }, /messages by channel: out of order: 1/],
    ['a message missed though subscribed', { record: channel({ heard: [1, 2] }) }, /missed though subscribed: 1 \(3\)/],
    [
      'a failed read',
      { record: { reads: { ...RECORD.reads, failed: 2, errors: { DEADLINE: 2 } } } },
      /GET: failed: 2 \(DEADLINE\)/
    ],
    [
      'a stale own read',
      { record: { ownReads: { checked: 5, stale: ['own:1 is 1 …'], errors: {} } } },
      /own writes not read back: 1/
    ],
    [
      'a client that could not be closed',
      { record: { shortLived: { made: 3, closed: 2, errors: {} } } },
      /short-lived clients not closed: 1/
    ],
    ['a reply of another call', { record: { wrongReplies: ['HGET 3 answered 4'] } }, /replies of another call: 1/]
  ]
  test.each(cases)('%s', (_, change, words) => {
    const { violations } = judged(change)
    expect(violations).toHaveLength(1)
    expect(violations[0]).toMatch(words)
  })
})

describe('what may be', () => {
  test('a write acknowledged before the promotion and lost with the old primary is told, not held against anybody', () => {
    const change = { lists: { append: ['append-2'] }, counters: { increments: 1 } }
    expect(judged(change)).toMatchObject({ violations: [], lostBefore: 1 })
  })

  test('but not without a promotion', () => {
    const { violations } = judged({ lists: { append: ['append-2'] }, facts: { promotions: [] } })
    expect(violations).toEqual(['append: lost: 1 (append-1)'])
  })

  test('of several promotions the last one counts', () => {
    const facts = { promotions: [400, PROMOTED_AT] }
    expect(judged({ lists: { append: ['append-2'] }, facts })).toMatchObject({ violations: [], lostBefore: 1 })
  })

  test('an unknown write is there, or is not', () => {
    const record = list([entry('append-1', 500), entry('append-2', 1_500, 'unknown')])
    expect(judged({ record })).toMatchObject({ violations: [], unknown: 1 })
    expect(judged({ record, lists: { append: ['append-1'] } })).toMatchObject({ violations: [], unknown: 1 })
  })

  test('a job that is still in the queue is nobody’s fault', () => {
    const state = { left: { ...STATE.left, blmove: ['blmove-2'] } }
    expect(judged({ facts: queue({ seen: ['blmove-1'] }), state }).violations).toEqual([])
  })

  test('BLPOP takes one job with it for each connection lost, and no more', () => {
    const with2Missing = (connectionsLost: number): Change => ({
      facts: { promotions: [], consumed: { ...CONSUMED, blpop: { seen: [], connectionsLost, errors: {} } } }
    })
    expect(judged(with2Missing(2)).violations).toEqual([])
    expect(judged(with2Missing(1)).violations).toEqual(['jobs of blpop: never seen: 2 (blpop-1, blpop-2)'])
  })

  test('a message published before the subscriber lost its connection, or to nobody, is missed', () => {
    expect(judged({ record: channel({ heard: [3], lastLossAt: 25 }) })).toMatchObject({
      violations: [],
      missedMessages: 2
    })
    const published = heard().published.map((one) => ({ ...one, receivers: 0 }))
    expect(judged({ record: channel({ published, heard: [] }) })).toMatchObject({ violations: [], missedMessages: 3 })
  })
})
