import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SamplePace } from '../../src/observe/sample-pace.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function take(pace: SamplePace): boolean {
  if (pace.skips()) return false
  pace.took()
  return true
}

function taken(pace: SamplePace, calls: number): number {
  let count = 0
  for (let call = 0; call < calls; call++) if (take(pace)) count += 1
  return count
}

/** So many calls in each millisecond, for so long. */
function load(pace: SamplePace, perMs: number, ms: number): number {
  let count = 0
  for (let at = 0; at < ms; at++) {
    count += taken(pace, perMs)
    vi.advanceTimersByTime(1)
  }
  return count
}

test('of less than forty calls a second every one is taken', () => {
  const pace = new SamplePace()
  for (let call = 0; call < 3_000; call++) {
    expect(take(pace)).toBe(true)
    vi.advanceTimersByTime(26)
  }
})

test('of many, about forty a second are', () => {
  const pace = new SamplePace()
  load(pace, 300, 500)
  const count = load(pace, 300, 2_000)
  expect(count).toBeGreaterThan(50)
  expect(count).toBeLessThan(120)
})

test('a burst out of nothing is not taken as a whole', () => {
  expect(taken(new SamplePace(), 1_000_000)).toBeLessThan(80)
})

test('when the burst is over the next call is taken again', () => {
  const pace = new SamplePace()
  load(pace, 300, 500)
  vi.advanceTimersByTime(300)
  expect(taken(pace, 10)).toBe(10)
  expect(vi.getTimerCount()).toBe(0)
})
