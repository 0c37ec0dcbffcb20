import { describe, expect, it } from 'vitest'
import { backoffMs, pause } from '../../src/runtime/backoff.js'
import { Gate } from '../../src/runtime/gate.js'

describe('Gate', () => {
  it('opens when the last reason is gone, and says so once', () => {
    let opened = 0
    const gate = new Gate(() => {
      opened += 1
    })
    expect(gate.open).toBe(true)
    gate.hold('connection')
    gate.hold('topology')
    gate.hold('topology')
    expect([gate.open, gate.reasons]).toEqual([false, ['connection', 'topology']])
    expect([gate.onlyFor('connection'), gate.onlyFor('connection', 'topology', 'silence')]).toEqual([false, true])
    gate.release('silence')
    gate.release('topology')
    gate.release('topology')
    expect([gate.open, opened]).toEqual([false, 0])
    expect([gate.onlyFor('connection'), gate.onlyFor('topology')]).toEqual([true, false])
    gate.release('connection')
    expect([gate.open, gate.reasons, opened]).toEqual([true, [], 1])
    expect(gate.onlyFor('connection')).toBe(false)
    gate.release('connection')
    expect(opened).toBe(1)
  })

  it('may be closed by the one who is told that it opened', () => {
    const gate: Gate = new Gate(() => {
      gate.hold('refused')
    })
    gate.hold('connection')
    gate.release('connection')
    expect([gate.open, gate.reasons]).toEqual([false, ['refused']])
  })
})

describe('backoffMs', () => {
  it.each([
    [0, 50],
    [1, 100],
    [3, 400],
    [6, 2_000],
    [1_000, 2_000]
  ])('attempt %i: half of %i ms and up to all of it', (attempt, full) => {
    const samples = Array.from({ length: 200 }, () => backoffMs(attempt, 50, 2_000))
    expect(Math.min(...samples)).toBeGreaterThanOrEqual(full / 2)
    expect(Math.max(...samples)).toBeLessThanOrEqual(full)
    expect(new Set(samples).size).toBeGreaterThan(100)
  })
})

describe('pause', () => {
  it('ends at once when it is aborted, before or meanwhile', async () => {
    await pause(1e9, AbortSignal.abort())
    const controller = new AbortController()
    const paused = pause(1e9, controller.signal)
    controller.abort()
    await paused
  })

  it('ends when the time is over', async () => {
    await pause(1, new AbortController().signal)
  })
})
