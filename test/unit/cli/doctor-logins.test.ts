import { describe, expect, it } from 'vitest'
import type { Examined, ShutOut } from '../../../src/cli/doctor/examination.js'
import { comparedLogins, type NodeReading, readLogins } from '../../../src/cli/doctor/logins.js'
import { node } from './examinations.js'

const hash = (text: string): string => `hash-of-${text}`
const line = (user: string, ...rules: readonly string[]): string => `user ${user} ${rules.join(' ')} ~* &* +@all`
const OPEN = [line('default', 'on', 'nopass')]
const closed = (...passwords: readonly string[]): string[] => [
  line('default', 'on', 'sanitize-payload', ...passwords.map((one) => `#${hash(one)}`))
]

type Given = readonly [config: Readonly<Record<string, string>> | undefined, acl: readonly string[] | undefined]

function reading(host: string, [config, acl]: Given, runId = `run of ${host}`): Examined<NodeReading> {
  const one = node(host, { info: { runId } })
  if (!('facts' in one)) throw new Error('it has no facts')
  const { shutOut: _, ...facts } = one.facts
  const fields = config === undefined ? undefined : new Map(Object.entries(config))
  return { ...one, facts: { ...facts, logins: readLogins(fields, acl, hash) } }
}

/** By whom the first of these is shut out. */
function shutOut(...given: readonly Given[]): readonly ShutOut[] | undefined {
  const [first] = comparedLogins(given.map((one, index) => reading(`10.0.0.${index + 1}`, one)))
  return first !== undefined && 'facts' in first ? first.facts.shutOut : undefined
}

const other = (because: string): readonly ShutOut[] => [{ key: '10.0.0.2:6379', because }]
const WRONG = 'none of its passwords'
const NOPASS = 'nopass, with which AUTH without a user is refused'
const asDefault = { masterauth: 'right', masteruser: 'default' }
const asUser = { masterauth: 'right', masteruser: 'follower' }

describe('a node is shut out', () => {
  it.each([
    ['by another password', { masterauth: 'wrong' }, closed('right'), other(WRONG)],
    ['not by the same', { masterauth: 'right' }, closed('right'), []],
    ['not by one of several, as in a rotation', { masterauth: 'right' }, closed('older', 'right'), []],
    ['by one who takes every password, when it names no user', { masterauth: 'wrong' }, OPEN, other(NOPASS)],
    ['the same when that is off', { masterauth: 'wrong' }, [line('default', 'off', 'nopass')], other(NOPASS)],
    ['not by one who takes every password, by name', { ...asDefault, masterauth: 'wrong' }, OPEN, []],
    ['by its name where it is off', asDefault, [line('default', 'off', 'nopass')], other('the user is off')],
    ['not by the same password, by name', asDefault, closed('right'), []],
    ['by another password, by name', { ...asDefault, masterauth: 'wrong' }, closed('right'), other(WRONG)],
    ['by no user of that name', asUser, closed('right'), other('no such user')],
    ['by a user that is off', asUser, [line('follower', 'off', `#${hash('right')}`)], other('the user is off')],
    ['by the password of another user', asUser, [...closed('right'), line('follower', 'on')], other(WRONG)],
    ['not by that of the user', asUser, [...closed('x'), line('follower', 'on', `#${hash('right')}`)], []],
    ['not as far as is known, without ACL LIST', { masterauth: 'wrong' }, undefined, []],
    ['not as far as is known, without CONFIG GET', undefined, closed('right'), []],
    ['not for want of a password, which is another finding', { masterauth: '' }, closed('right'), []],
    ['not by a password whose bytes were not told', { masterauth: 'a\uFFFD' }, closed('right'), []]
  ] as const)('%s', (_, config, acl, expected) => {
    expect(shutOut([config, undefined], [{ masterauth: 'right' }, acl])).toEqual(expected)
  })

  it('by others alone', () => {
    expect(shutOut([{ masterauth: 'wrong' }, closed('right')])).toEqual([])
    const twice = comparedLogins([
      reading('10.0.0.1', [{ masterauth: 'wrong' }, closed('right')], 'one run'),
      reading('10.0.0.2', [{ masterauth: 'wrong' }, closed('right')], 'one run')
    ])
    expect(twice.flatMap((one) => ('facts' in one ? one.facts.shutOut : []))).toEqual([])
  })
})

it('nothing of a password is left when they have been compared', () => {
  const silent = { key: '10.0.0.9:6379', address: { host: '10.0.0.9', port: 6379 }, unreachable: 'timeout' }
  const compared = comparedLogins([
    reading('10.0.0.1', [{ masterauth: 'wrong' }, closed('right')]),
    reading('10.0.0.2', [{ masterauth: 'right' }, closed('right')]),
    silent
  ])
  expect(compared[2]).toBe(silent)
  expect(JSON.stringify(compared)).not.toMatch(/hash-of|logins|"wrong"|"right"/)
})
