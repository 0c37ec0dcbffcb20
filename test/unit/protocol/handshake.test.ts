import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WireValue } from '../../../src/protocol/handshake.js'
import {
  encodeGreeting,
  GreetingReader,
  roleIn,
  ROLE_QUESTION,
  WireError,
  zoneIn
} from '../../../src/protocol/handshake.js'

/** Recorded from Redis 7.0.15: HELLO 3 and PING at a primary, HELLO 2 and PING at a replica. */
const RESP3 =
  '%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:5\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n+PONG\r\n'
const RESP2 =
  '*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:6\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$7\r\nreplica\r\n$7\r\nmodules\r\n*0\r\n+PONG\r\n'
const REFUSED =
  '-NOAUTH HELLO must be called with the client already authenticated\r\n-NOAUTH Authentication required.\r\n'
const ALL_TYPES =
  '+ok\r\n-ERR no\r\n:-7\r\n#t\r\n#f\r\n_\r\n,1.5\r\n(123\r\n$-1\r\n*-1\r\n=7\r\ntxt:abc\r\n=4\r\ntxt:\r\n!5\r\nERR x\r\n~1\r\n+a\r\n>2\r\n+b\r\n*1\r\n$0\r\n\r\n'

function read(text: string, cuts: readonly number[] = []): WireValue[] {
  const reader = new GreetingReader()
  const bytes = Buffer.from(text, 'latin1')
  const at = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  return at.slice(1).flatMap((end, index) => reader.push(bytes.subarray(at[index], end)))
}

describe('GreetingReader', () => {
  it('reads the greeting of either protocol', () => {
    const [hello, pong, ...rest] = read(RESP3)
    expect(roleIn(hello)).toBe('primary')
    expect([pong, rest]).toEqual(['PONG', []])
    expect(read(RESP2).map((value) => roleIn(value))).toEqual(['replica', undefined])
  })

  it('reads every type', () => {
    expect(read(ALL_TYPES)).toEqual([
      'ok',
      new WireError('ERR no'),
      -7,
      true,
      false,
      null,
      '1.5',
      '123',
      null,
      null,
      'abc',
      '',
      new WireError('ERR x'),
      ['a'],
      ['b', ['']]
    ])
  })

  it.each([
    ['RESP3', RESP3],
    ['RESP2', RESP2],
    ['refused', REFUSED],
    ['all types', ALL_TYPES]
  ])('gives the same for %s wherever it is cut in two', (_, text) => {
    const whole = read(text)
    for (let cut = 1; cut < text.length; cut++) expect(read(text, [cut])).toEqual(whole)
  })

  it('gives the same wherever it is cut, and byte by byte', () => {
    expect(
      read(
        RESP3,
        [...RESP3].map((_, index) => index)
      )
    ).toEqual(read(RESP3))
    fc.assert(
      fc.property(
        fc.constantFrom(RESP3, RESP2, REFUSED, ALL_TYPES),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
        (text, cuts) => {
          const at = cuts.map((share) => Math.floor(share * text.length))
          expect(read(text, at)).toEqual(read(text))
        }
      )
    )
  })

  it.each([
    ['HTTP/1.1 400 Bad Request\r\n', 'the first byte is "H"'],
    ['SSH-2.0-OpenSSH_9.2', 'the first byte is "S"'],
    ['\u0015\u0003\u0003\u0000\u0002\u0002F', 'this is not RESP'],
    ['$abc\r\n', '"abc" is no length'],
    ['$\r\n', '"" is no length'],
    ['*-2\r\n', '"-2" is no length'],
    ['*1\r\n?\r\n', 'the first byte is "?"'],
    ['%1e9\r\n', '"1e9" is no length'],
    [`+${'x'.repeat(70_000)}`, 'no line ending in 64 KiB']
  ])('refuses what is not RESP at once: %j', (text, reason) => {
    expect(() => read(text)).toThrow(reason)
  })

  it('waits for what is not complete, and gives nothing twice', () => {
    const reader = new GreetingReader()
    expect(reader.push(Buffer.from('*2\r\n+a\r\n$3\r\nab'))).toEqual([])
    expect(reader.push(Buffer.from('c\r\n+PONG'))).toEqual([['a', 'abc']])
    expect(reader.push(Buffer.from('\r\n'))).toEqual(['PONG'])
    expect(reader.push(Buffer.alloc(0))).toEqual([])
  })

  it('ends on any bytes: with values, or by saying that it is not RESP', () => {
    const begin = fc.constantFrom('+', '-', ':', '$', '*', '%', '!', '', '$-', '*3\r\n')
    fc.assert(
      fc.property(begin, fc.string(), (first, rest) => {
        try {
          expect(Array.isArray(read(`${first}${rest}\r\n`))).toBe(true)
        } catch (error) {
          expect(error).toHaveProperty('message', expect.stringContaining('not RESP'))
        }
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('roleIn', () => {
  it.each([
    [['role', 'master'], 'primary'],
    [['role', 'replica'], 'replica'],
    [['role', 'slave'], 'replica'],
    [['mode', 'sentinel', 'role', 'master'], 'sentinel'],
    [['role', 'constructor'], undefined],
    [['role', 7], undefined],
    [['role'], undefined],
    [[], undefined]
  ] as const)('%j', (reply, role) => {
    expect(roleIn(reply as WireValue)).toBe(role)
  })

  it.each([undefined, null, 'PONG', 7, new WireError('ERR')])('none in %s', (reply) => {
    expect(roleIn(reply)).toBeUndefined()
  })
})

describe('zoneIn', () => {
  it.each([
    [['role', 'replica', 'availability_zone', 'eu-1a'], 'eu-1a'],
    [['role', 'replica', 'availability_zone', ''], undefined],
    [['role', 'replica'], undefined],
    [null, undefined]
  ] as const)('%j', (reply, zone) => {
    expect(zoneIn(reply as WireValue)).toBe(zone)
  })
})

describe('encodeGreeting', () => {
  it('without a password', () => {
    expect(encodeGreeting(3, {}).toString()).toBe('*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n*1\r\n$4\r\nPING\r\n')
  })

  it('counts bytes, not letters, and names the default user', () => {
    expect(encodeGreeting(2, { password: 'pä ss' }).toString()).toBe(
      '*5\r\n$5\r\nHELLO\r\n$1\r\n2\r\n$4\r\nAUTH\r\n$7\r\ndefault\r\n$6\r\npä ss\r\n*1\r\n$4\r\nPING\r\n'
    )
  })

  it('names the user', () => {
    expect(encodeGreeting(3, { username: 'app', password: 'x' }).toString()).toContain('$3\r\napp\r\n$1\r\nx\r\n')
  })

  it('asks again with HELLO alone', () => {
    expect(ROLE_QUESTION.toString()).toBe('*1\r\n$5\r\nHELLO\r\n')
  })
})
