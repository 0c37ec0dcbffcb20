import { describe, expect, it } from 'vitest'
import { Heartbeats, parseHeartbeat } from '../../../examples/lib/heartbeats.js'

const beat = (sequence: number) => ({ sequence, writtenAt: sequence * 10 })

describe('parseHeartbeat', () => {
  it('reads what the writer writes', () => {
    expect(parseHeartbeat('7:1234')).toEqual({ sequence: 7, writtenAt: 1234 })
  })

  it.each([null, '', '7', 'x:1', '1:2:3'])('knows that %j is none', (value) => {
    expect(parseHeartbeat(value)).toBeUndefined()
  })
})

describe('Heartbeats', () => {
  it('calls a read backwards only when an earlier answer was newer', () => {
    const heartbeats = new Heartbeats()
    expect(heartbeats.see(beat(5), heartbeats.newest)).toBeUndefined()
    const known = heartbeats.newest
    expect(heartbeats.see(beat(7), known)).toBeUndefined()
    expect(heartbeats.see(beat(6), known), 'issued together with the read of 7').toBeUndefined()
    expect(heartbeats.see(beat(6), heartbeats.newest)).toBe(10)
    expect(heartbeats.see(beat(7), heartbeats.newest)).toBeUndefined()
  })
})
