import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/errors.js'
import { formatSession, parseSession } from '../../../src/routing/session-token.js'

const HISTORY = '8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb'
const POINT = { history: HISTORY, offset: 4242 }
const TOKEN = formatSession('mymaster', POINT) ?? ''

const history = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const offset = fc.oneof(fc.maxSafeNat(), fc.nat(1000), fc.constant(Number.MAX_SAFE_INTEGER))

function refusal(token: unknown, group = 'mymaster'): string {
  try {
    parseSession(token, group)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return 'accepted'
}

describe('a token', () => {
  it('gives back the point that it was made of, is short, and may stand in a URL, a header or a cookie', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), history, offset, (group, id, at) => {
        const token = formatSession(group, { history: id, offset: at }) ?? ''
        expect(token).toMatch(/^[\w.-]{1,48}$/)
        expect(encodeURIComponent(token)).toBe(token)
        expect(parseSession(token, group)).toEqual({ history: id, offset: at })
      })
    )
  })

  it('has this form, which other processes may run other versions by', () => {
    expect(TOKEN).toBe('1.ujq0sQ.g3G0-xFVtx9KBNPhvD4YxKmQrus.39u')
  })

  it.each([
    ['', 100],
    ['not hexadecimal', 100],
    [HISTORY.toUpperCase(), 100],
    [HISTORY, -1],
    [HISTORY, 0.5],
    [HISTORY, 2 ** 53]
  ])('is not made of the history "%s" at %d', (id, at) => {
    expect(formatSession('mymaster', { history: id, offset: at })).toBeUndefined()
  })
})

describe('what is no token is refused', () => {
  const [version = '', mark = '', id = '', digits = ''] = TOKEN.split('.')

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 12],
    ['no text', ''],
    ['text', 'session'],
    ['another version', ['2', mark, id, digits].join('.')],
    ['a part is missing', [version, mark, id].join('.')],
    ['more follows', `${TOKEN}.1`],
    ['blanks', ` ${TOKEN}`],
    ['a history that is too short', [version, mark, id.slice(1), digits].join('.')],
    ['the same history in other letters', [version, mark, `${id.slice(0, -1)}t`, digits].join('.')],
    ['the same offset in other digits', [version, mark, id, `0${digits}`].join('.')],
    ['an offset beyond what a number holds', [version, mark, id, 'zzzzzzzzzzz'].join('.')]
  ])('%s', (_, token) => {
    const said = refusal(token)
    expect(said).toContain('with({ session }) is ')
    expect(said).toContain('client.session()')
  })

  it('and not repeated at length, since it may come from anywhere', () => {
    expect(refusal('x'.repeat(5000)).length).toBeLessThan(150)
  })

  it('one of another group, by name', () => {
    expect(refusal(TOKEN, 'other')).toContain('of another group than "other"')
  })

  it('any text that is none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(refusal(text)).not.toBe('accepted')
      })
    )
  })
})
