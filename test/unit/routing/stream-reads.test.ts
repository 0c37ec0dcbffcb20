import { describe, expect, it } from 'vitest'
import type { Arg } from '../../../src/routing/arg.js'
import {
  existingIn,
  firstIdIn,
  highestPendingIn,
  idsIn,
  laterId,
  mayBeOfStreams,
  placesOf,
  streamReadOf,
  withIds
} from '../../../src/routing/stream-reads.js'

describe('streamReadOf', () => {
  it.each<[string, Arg[], unknown]>([
    ['xread', ['STREAMS', 's', '$'], { keysAt: 1, count: 1, blocks: false, reader: undefined }],
    [
      'XREAD',
      ['count', 2, 'block', 0, 'streams', 'a', 'b', '$', '5-0'],
      { keysAt: 5, count: 2, blocks: true, reader: undefined }
    ],
    [
      'xreadgroup',
      ['GROUP', 'streams', 'block', 'NOACK', 'BLOCK', 0, Buffer.from('STREAMS'), 'GROUP', '>'],
      { keysAt: 7, count: 1, blocks: true, reader: { group: 'streams', consumer: 'block', forgets: true } }
    ],
    ['xread', ['BLOCK', 'streams', 'STREAMS', 's', '$'], { keysAt: 3, count: 1, blocks: true, reader: undefined }],
    // The server refuses these.
    ['xread', ['STREAMS', 'a', 'b', '$'], undefined],
    ['xread', ['STREAMS'], undefined],
    ['xread', [], undefined],
    ['xread', ['GROUP', 'g', 'c', 'STREAMS', 's', '>'], undefined],
    ['xreadgroup', ['STREAMS', 's', '>'], undefined],
    ['xadd', ['STREAMS', 's', '>'], undefined]
  ])('%s %j', (name, args, read) => {
    expect(streamReadOf(name, args)).toEqual(read)
  })

  it('places ids, and puts others there', () => {
    const args = ['BLOCK', 0, 'STREAMS', '$', 'b', 'c', '$', '1-0', Buffer.from('$')]
    const read = streamReadOf('xread', args)
    if (read === undefined) throw new Error('it is a read')
    const places = placesOf(read, args, '$')
    expect([...places]).toEqual([
      [6, '$'],
      [8, 'c']
    ])
    expect(withIds(args, new Map([[6, '7-1']]))).toEqual([
      'BLOCK',
      0,
      'STREAMS',
      '$',
      'b',
      'c',
      '7-1',
      '1-0',
      Buffer.from('$')
    ])
    expect(placesOf(read, args, '>').size).toBe(0)
  })

  it('tells commands of streams by their letter', () => {
    expect(['xread', 'XADD', 'x'].map(mayBeOfStreams)).toEqual([true, true, true])
    expect(['get', '', 'blpop'].map(mayBeOfStreams)).toEqual([false, false, false])
  })
})

const entry = (id: string): unknown[] => [Buffer.from(id), [Buffer.from('f'), Buffer.from('v')]]
const deleted = (id: string): unknown[] => [Buffer.from(id), null]
const key = Buffer.from('s')

describe('a reply', () => {
  it.each([
    [
      'RESP2',
      [
        [key, [entry('1-0'), deleted('2-0')]],
        ['t', [deleted('3-0')]]
      ],
      [[key, [entry('1-0')]]]
    ],
    ['RESP3', [key, [deleted('1-0'), entry('2-0')], 't', []], [key, [entry('2-0')]]],
    ['RESP3 as an object', { s: [deleted('1-0'), entry('2-0')], t: [] }, { s: [entry('2-0')] }]
  ])('%s: keeps what exists', (_form, reply, kept) => {
    expect(existingIn(reply)).toEqual(kept)
  })

  it.each([[null], [[[key, []]]], [[key, []]], [{ s: [] }], [[[key, [deleted('1-0')]]]], [{}], [[]], ['QUEUED']])(
    '%j: nothing',
    (reply) => {
      expect(existingIn(reply)).toBeUndefined()
    }
  )

  it('tells its ids', () => {
    const ids = new Map([['s', ['1-0', '2-0']]])
    const entries = [entry('1-0'), deleted('2-0')]
    for (const reply of [[[key, entries]], [key, entries], { s: entries }]) expect(idsIn(reply)).toEqual(ids)
    expect(idsIn(null).size + idsIn('QUEUED').size).toBe(0)
  })

  it('of XREVRANGE and XPENDING tells where a stream and a group are', () => {
    expect([firstIdIn([entry('5-1')]), firstIdIn([]), firstIdIn('QUEUED')]).toEqual(['5-1', '0-0', undefined])
    const pending = [2, Buffer.from('1-0'), Buffer.from('7-2'), []]
    expect([highestPendingIn(pending), highestPendingIn([0, null, null, null])]).toEqual(['7-2', '0-0'])
    expect(highestPendingIn('QUEUED')).toBeUndefined()
  })
})

it.each([
  ['9-0', '10-0', '10-0'],
  ['10-2', '10-10', '10-10'],
  ['18446744073709551615-1', '18446744073709551614-9', '18446744073709551615-1'],
  ['1', '0-5', '1']
])('of %s and %s, %s is later', (a, b, later) => {
  expect([laterId(a, b), laterId(b, a)]).toEqual([later, later])
})
