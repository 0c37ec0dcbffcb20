import { describe, expect, it } from 'vitest'
import { cursorOf, GivenCursors, isEnd, isScan, scannedBy } from '../../../src/routing/cursors.js'

it('tells scans by their name in any case', () => {
  const names = ['scan', 'SCAN', 'hscan', 'sScan', 'ZSCAN']
  expect(names.filter(isScan)).toEqual(names)
  expect(['get', 'strlen', 'xlen', 'can', 'n', '', 'scans', 'hscanner', 'json.scan'].filter(isScan)).toEqual([])
})

it('finds the cursor, however it was given', () => {
  expect(cursorOf('scan', ['17', 'COUNT', '5'])).toBe('17')
  expect(cursorOf('SCAN', [17])).toBe('17')
  expect(cursorOf('hscan', ['k', Buffer.from('17')])).toBe('17')
  expect(cursorOf('zscan', ['k'])).toBe('')
})

it('0 is the beginning and the end, and so is what is no cursor', () => {
  expect(['0', '00', ''].map(isEnd)).toEqual([true, true, true])
  expect(['1', '10', '18446744073709551615'].map(isEnd)).toEqual([false, false, false])
})

it('tells databases, keys and commands apart, and no texts from bytes', () => {
  const all = [
    scannedBy('scan', ['1'], 0),
    scannedBy('scan', ['1'], 1),
    scannedBy('hscan', ['k', '1'], 0),
    scannedBy('hscan', ['k', '1'], 1),
    scannedBy('sscan', ['k', '1'], 0),
    scannedBy('sscan', ['0', '1'], 0)
  ]
  expect(new Set(all).size).toBe(all.length)
  expect(scannedBy('hscan', ['ké', '1'], 0)).toBe(scannedBy('HSCAN', [Buffer.from('ké'), '9'], 0))
})

describe('GivenCursors', () => {
  it('knows who gave a cursor last', () => {
    const given = new GivenCursors(10, 1_000)
    given.gave(1, 'scan 0', '17')
    expect(given.giverOf('scan 0', '17')).toBe(1)
    expect(given.giverOf('scan 1', '17')).toBeUndefined()
    expect(given.giverOf('scan 0', '18')).toBeUndefined()
    given.gave(2, 'scan 0', '17')
    expect(given.giverOf('scan 0', '17')).toBe(2)
  })

  it('forgets the oldest beyond its bound, and one that is given again is young', () => {
    const given = new GivenCursors(3, 1_000)
    for (const cursor of ['1', '2', '3', '1', '4']) given.gave(1, 'scan 0', cursor)
    expect(['1', '2', '3', '4'].map((cursor) => given.giverOf('scan 0', cursor))).toEqual([1, undefined, 1, 1])
  })

  it('is bounded by its characters too', () => {
    const given = new GivenCursors(1_000, 100)
    for (let cursor = 1; cursor <= 9; cursor++) given.gave(1, `hscan ${'k'.repeat(20)}`, String(cursor))
    const known = Array.from({ length: 9 }, (_, at) => given.giverOf(`hscan ${'k'.repeat(20)}`, String(at + 1)))
    expect(known.filter((one) => one !== undefined)).toHaveLength(3)
    given.gave(1, `hscan ${'k'.repeat(200)}`, '1')
    expect(given.giverOf(`hscan ${'k'.repeat(200)}`, '1')).toBeUndefined()
    given.gave(1, 'scan 0', '1')
    expect(given.giverOf('scan 0', '1')).toBe(1)
  })
})
