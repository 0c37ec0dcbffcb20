import fc from 'fast-check'
import { Command } from 'ioredis'
import { describe, expect, it } from 'vitest'
import type { Arg } from '../../../src/routing/arg.js'
import { blockingMs, withTimeLeft } from '../../../src/routing/blocking.js'
import { COMMAND_TABLE } from '../../../src/routing/command-table.js'

/** A call of each blocking command, with its timeout at `at`, in units of `unitMs`. */
const CALLS: readonly { name: string; at: number; unitMs: number; args: (timeout: Arg) => Arg[] }[] = [
  { name: 'blpop', at: 2, unitMs: 1000, args: (t) => ['a', 'b', t] },
  { name: 'brpop', at: 1, unitMs: 1000, args: (t) => [Buffer.from('a'), t] },
  { name: 'brpoplpush', at: 2, unitMs: 1000, args: (t) => ['a', 'b', t] },
  { name: 'blmove', at: 4, unitMs: 1000, args: (t) => ['a', 'b', 'LEFT', 'RIGHT', t] },
  { name: 'blmovem', at: 4, unitMs: 1000, args: (t) => ['a', 'b', 'LEFT', 'RIGHT', t, 'COUNT', 2] },
  { name: 'blmpop', at: 0, unitMs: 1000, args: (t) => [t, 1, 'a', 'LEFT'] },
  { name: 'bzpopmin', at: 1, unitMs: 1000, args: (t) => ['z', t] },
  { name: 'bzpopmax', at: 1, unitMs: 1000, args: (t) => ['z', t] },
  { name: 'bzmpop', at: 0, unitMs: 1000, args: (t) => [t, 1, 'z', 'MIN'] },
  { name: 'xread', at: 3, unitMs: 1, args: (t) => ['COUNT', 2, 'BLOCK', t, 'STREAMS', 's', '$'] },
  { name: 'xread', at: 1, unitMs: 1, args: (t) => [Buffer.from('block'), t, Buffer.from('streams'), 's', '$'] },
  { name: 'xreadgroup', at: 4, unitMs: 1, args: (t) => ['GROUP', 'g', 'c', 'BLOCK', t, 'STREAMS', 's', '>'] },
  {
    name: 'xreadgroup',
    at: 5,
    unitMs: 1,
    args: (t) => ['GROUP', 'block', 'streams', 'NOACK', 'block', t, 'STREAMS', 's', '>']
  },
  { name: 'wait', at: 1, unitMs: 1, args: (t) => [2, t] },
  { name: 'waitaof', at: 2, unitMs: 1, args: (t) => [1, 2, t] }
]

it('knows all that ioredis knows to block', () => {
  const { FLAGS } = Command as unknown as { readonly FLAGS: Readonly<Record<string, readonly string[]>> }
  const known = CALLS.map(({ name }) => name)
  expect(FLAGS['BLOCKING_COMMANDS']?.filter((name) => !known.includes(name))).toEqual([])
})

const NOT_BLOCKING: readonly (readonly [string, readonly Arg[]])[] = [
  ['get', ['k']],
  ['lmove', ['a', 'b', 'LEFT', 'RIGHT']],
  ['xread', ['COUNT', 1, 'STREAMS', 'block', '0']],
  ['xread', ['STREAMS', 'BLOCK', '5']],
  ['xreadgroup', ['GROUP', 'block', '5', 'STREAMS', 's', '>']],
  ['constructor', ['1']],
  ['nonsense', ['5']],
  // Timeouts that the server refuses at once.
  ['blpop', ['k', 'soon']],
  ['blpop', ['k', '']],
  ['blpop', ['k', -1]],
  ['blpop', []],
  ['wait', [1]],
  ['xread', ['BLOCK']]
]

describe.each(CALLS)('$name with its timeout at $at', ({ name, at, unitMs, args }) => {
  it('blocks for its timeout', () => {
    expect(blockingMs(name, args('5'))).toBe(5 * unitMs)
    expect(blockingMs(name.toUpperCase(), args(5))).toBe(5 * unitMs)
    expect(blockingMs(name, args(Buffer.from('5')))).toBe(5 * unitMs)
  })

  it('blocks for ever with 0', () => {
    for (const zero of ['0', 0, '0.0', Buffer.from('0')]) expect(blockingMs(name, args(zero))).toBe(Infinity)
  })

  it('is left with nothing changed but the timeout, and never with none for a finite time', () => {
    const before = args('7')
    const left = fc.oneof(
      fc.double({ min: -10, max: 1e12, noNaN: true }),
      fc.constantFrom(0, 1, 999, 1000, 1001, 60_000)
    )
    fc.assert(
      fc.property(left, (leftMs) => {
        const after = withTimeLeft(name, before, leftMs)
        expect(after.toSpliced(at, 1)).toEqual(before.toSpliced(at, 1))
        expect(after[at]).toMatch(unitMs === 1 ? /^\d+$/ : /^\d+(\.\d{3})?$/)
        expect(blockingMs(name, after)).toBeCloseTo(Math.max(1, Math.ceil(leftMs)), 3)
      })
    )
    expect(before).toEqual(args('7'))
  })

  it('waits for ever only when that is what is left', () => {
    expect(withTimeLeft(name, args('7'), Infinity)[at]).toBe('0')
    expect(withTimeLeft(name, args('0'), 2500)[at]).toBe(unitMs === 1 ? '2500' : '2.500')
    expect(withTimeLeft(name, args('7'), NaN)[at]).toBe(unitMs === 1 ? '1' : '0.001')
  })
})

describe('what does not block', () => {
  it.each(NOT_BLOCKING)('%s %s', (name, args) => {
    expect(blockingMs(name, args)).toBeUndefined()
    expect(withTimeLeft(name, args, 5)).toEqual(args)
  })
})

/** ioredis knows it, and none of the servers of the table. */
const NEWER_THAN_THE_TABLE = ['blmovem']

it('covers every command that a server flags as blocking', () => {
  const flagged = Object.keys(COMMAND_TABLE).filter((name) => COMMAND_TABLE[name]?.split(' ').includes('blocking'))
  expect(new Set(CALLS.map(({ name }) => name))).toEqual(new Set([...flagged, ...NEWER_THAN_THE_TABLE]))
})
