import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startPace } from '../../../examples/lib/pace.js'
import { expectReadFirst } from '../after-standstill.js'

beforeEach(() =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] })
)
afterEach(() => vi.useRealTimers())

describe('startPace', () => {
  it.each([1, 200, 3000])('issues %i a second', (rate) => {
    let issued = 0
    const pace = startPace(rate, () => issued++)
    vi.advanceTimersByTime(10_000)
    pace.stop()
    expect(Math.abs(issued - rate * 10)).toBeLessThanOrEqual(Math.ceil(rate * 0.002) + 1)
  })

  it('issues nothing after stop, or at rate 0', () => {
    let issued = 0
    const issue = (): number => issued++
    startPace(100, issue).stop()
    startPace(0, issue)
    vi.advanceTimersByTime(1000)
    expect(issued).toBe(0)
  })

  it('catches up with a pause, but not with a long one', () => {
    let issued = 0
    const pace = startPace(100, () => issued++)
    vi.advanceTimersByTime(1000)
    const before = issued
    const now = performance.now.bind(performance)
    const jump = vi.spyOn(performance, 'now').mockImplementation(() => now() + 500)
    vi.advanceTimersByTime(20)
    expect(issued - before).toBeGreaterThanOrEqual(50)
    jump.mockImplementation(() => now() + 60_000)
    const beforeLong = issued
    vi.advanceTimersByTime(20)
    expect(issued - beforeLong).toBeLessThan(10)
    jump.mockRestore()
    pace.stop()
  })

  it.each([false, true])('catches up behind what the sockets hold since; which stops it: %s', async (stops) => {
    vi.useRealTimers()
    await expectReadFirst((act) => startPace(100, act), stops)
  })
})
