import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { errorOf, ORIGIN_ERROR_MS, timeOrigin } from '../../src/time-origin.js'

/** The wall's clock as it was `sinceMs` after 1000.4, read while performance.now() went on by `tookMs`. */
const reading = (sinceMs: number, tookMs = 0) => ({
  before: sinceMs - tookMs,
  wall: Math.floor(1000.4 + sinceMs),
  after: sinceMs
})

describe('the origin of the clock', () => {
  test('is not touched where the readings allow it', () => {
    expect(errorOf(1000.4, [reading(20), reading(20.5), reading(33.9)])).toBe(0)
  })

  test.each([64.74, 1.3, -1.3, -500])('that is %d ms too late is found out to within a millisecond', (late) => {
    const error = errorOf(1000.4 + late, [reading(20), reading(20.3), reading(21.9)])
    expect(Math.abs(error - late)).toBeLessThan(1.5)
    expect(errorOf(1000.4 + late - error, [reading(20), reading(20.3), reading(21.9)])).toBe(0)
  })

  test('a reading during which the process stood still does not count against the others', () => {
    expect(errorOf(1040.4, [reading(100, 80), reading(120)])).toBe(40)
    expect(errorOf(1000.4, [reading(100, 80), reading(120)])).toBe(0)
  })

  test('of this process is that of the wall', () => {
    expect(timeOrigin()).toBe(performance.timeOrigin - ORIGIN_ERROR_MS)
    const now = { before: performance.now(), wall: Date.now(), after: performance.now() }
    expect(Math.abs(errorOf(timeOrigin(), [now]))).toBeLessThanOrEqual(1)
  })
})

test('is that of the wall also where node misread it', () => {
  const script = `
    const late = performance.timeOrigin + 64
    Object.defineProperty(performance, 'timeOrigin', { value: late })
    const { errorOf, timeOrigin, ORIGIN_ERROR_MS } = await import('./src/time-origin.ts')
    const now = { before: performance.now(), wall: Date.now(), after: performance.now() }
    console.log(JSON.stringify([ORIGIN_ERROR_MS, errorOf(timeOrigin(), [now])]))
  `
  const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script])
  const [error, left] = JSON.parse(String(output)) as [number, number]
  expect(error).toBeGreaterThan(0)
  expect(Math.abs(left)).toBeLessThanOrEqual(1)
})
