import { describe, expect, it } from 'vitest'
import { COMMAND_TABLE } from '../../../src/routing/command-table.js'
import { fullNameOf } from '../../../src/routing/commands.js'
import { isIdempotent, WRITE_DECISIONS } from '../../../src/routing/idempotent.js'
import { NOT_REPEATABLE, REFUSED, REPEATABLE } from './idempotent-cases.js'
import type { RepeatCase } from './idempotent-cases.js'

const namesIn = (calls: readonly RepeatCase['call'][]) =>
  new Set(calls.map(([name, ...args]) => fullNameOf(name, args)))
const titled = (calls: readonly RepeatCase['call'][]) =>
  calls.map(([name, ...args]) => ({ title: [name, ...args].join(' '), name, args }))
const callsOf = (cases: readonly RepeatCase[]) => cases.map(({ call }) => call)

describe('isIdempotent', () => {
  it.each(titled(callsOf(REPEATABLE)))('yes: $title', ({ name, args }) => {
    expect(isIdempotent(name, args)).toBe(true)
    expect(isIdempotent(name.toUpperCase(), args.map(String))).toBe(true)
  })

  it.each(titled([...callsOf(NOT_REPEATABLE), ...REFUSED]))('no: $title', ({ name, args }) => {
    expect(isIdempotent(name, args)).toBe(false)
    expect(isIdempotent(name.toUpperCase(), args.map(String))).toBe(false)
  })

  it('says yes to RESTORE with REPLACE, whose payload the live test makes', () => {
    expect(isIdempotent('restore', ['k', 0, Buffer.from('payload'), 'REPLACE'])).toBe(true)
  })
})

describe('the decisions', () => {
  const decided = Object.entries(WRITE_DECISIONS)

  it('are made for every write command of the table, and for no other', () => {
    const writes = Object.keys(COMMAND_TABLE).filter((name) => COMMAND_TABLE[name]?.split(' ').includes('write'))
    expect(decided.map(([name]) => name).sort()).toEqual(writes)
  })

  it('are tried out on a case each, on both sides where the arguments decide', () => {
    const yes = namesIn([...callsOf(REPEATABLE), ['restore']])
    const no = namesIn([...callsOf(NOT_REPEATABLE), ...REFUSED])
    expect(decided.filter(([name, decision]) => decision !== false && !yes.has(name)).map(([name]) => name)).toEqual([])
    const untried = decided.filter(([name, decision]) => typeof decision === 'function' && !no.has(name))
    expect(untried.map(([name]) => name)).toEqual([])
  })
})
