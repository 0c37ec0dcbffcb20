import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeReply } from '../../src/testkit/fake-sentinel/encode-reply.js'
import { matchesPattern } from '../../src/testkit/fake-sentinel/glob.js'
import { ReplyError } from '../../src/testkit/errors.js'
import { encodeCommand, RespReader, type RespValue } from '../../src/testkit/resp.js'

type Plain = string | number | null | Plain[]

const { value } = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 })
  )
}))

test('values come out as they went in, wherever the stream was cut', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), fc.integer({ min: 1, max: 20 }), (values, chunkSize) => {
      const bytes = Buffer.from(values.map((each) => encodeReply(each, 2)).join(''))
      const reader = new RespReader()
      const read: RespValue[] = []
      for (let at = 0; at < bytes.length; at += chunkSize) read.push(...reader.push(bytes.subarray(at, at + chunkSize)))
      expect(read).toEqual(values)
    })
  )
})

test('errors are values, commands are arrays of bulk strings, and what is not RESP2 is refused', () => {
  const reader = new RespReader()
  expect(reader.push(Buffer.from('*2\r\n-ERR no\r\n+OK\r\n'))).toEqual([[new ReplyError('ERR no'), 'OK']])
  expect(encodeCommand(['SET', 'é', 1]).toString()).toBe('*3\r\n$3\r\nSET\r\n$2\r\né\r\n$1\r\n1\r\n')
  expect(() => reader.push(Buffer.from('GET / HTTP/1.1\r\n'))).toThrow('"GET / HTTP/1.1" is not RESP2')
})

test('a map is flat in RESP2 and a map in RESP3, a push is an array in RESP2', () => {
  expect(encodeReply({ map: { a: 'b' } }, 2)).toBe('*2\r\n$1\r\na\r\n$1\r\nb\r\n')
  expect(encodeReply({ map: { a: 'b' } }, 3)).toBe('%1\r\n$1\r\na\r\n$1\r\nb\r\n')
  expect(encodeReply({ push: ['x', null] }, 3)).toBe('>2\r\n$1\r\nx\r\n_\r\n')
  expect(encodeReply({ push: ['x'] }, 2)).toBe('*1\r\n$1\r\nx\r\n')
  expect(encodeReply([{ error: 'ERR no' }, { status: 'OK' }], 3)).toBe('*2\r\n-ERR no\r\n+OK\r\n')
})

test.each([
  ['*', '+switch-master', true],
  ['+*', '+odown', true],
  ['+*', '-odown', false],
  ['?odown', '-odown', true],
  ['?odown', 'odown', false],
  ['[+-]sdown', '-sdown', true],
  ['[^+]sdown', '+sdown', false],
  ['\\*', '*', true],
  ['\\*', 'x', false],
  ['+a.b', '+axb', false],
  ['__sentinel__:hello', '__sentinel__:hello', true]
])('pattern %s and channel %s: %s', (pattern, channel, expected) => {
  expect(matchesPattern(pattern, channel)).toBe(expected)
})
