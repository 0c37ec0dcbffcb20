import { expect, it } from 'vitest'
import { ReconnectPace } from '../../src/runtime/reconnect-pace.js'

it('is at once after a connection that was of use', () => {
  const pace = new ReconnectPace()
  pace.connected(0)
  expect(pace.delayMs(1, 100)).toBe(0)
  pace.connected(100)
  expect(pace.delayMs(1, 5_000)).toBe(0)
})

it('is at once after the first that ended soon, and a little later after the next', () => {
  const pace = new ReconnectPace()
  const delays = [0, 50, 100, 150].map((at) => {
    pace.connected(at)
    return pace.delayMs(1, at + 10)
  })
  expect(delays[0]).toBe(0)
  expect(delays[1]).toBeGreaterThan(0)
  expect(delays[3]).toBeGreaterThan(0)
  for (let at = 200; at < 5_000; at += 50) {
    pace.connected(at)
    expect(pace.delayMs(1, at + 10)).toBeLessThanOrEqual(20)
  }
  pace.connected(5_000)
  expect(pace.delayMs(1, 5_100), 'a connection of use').toBe(0)
})

it('counts connections that were never ready as ioredis does', () => {
  const pace = new ReconnectPace()
  expect(pace.delayMs(1, 0)).toBe(0)
  expect(pace.delayMs(2, 1_000)).toBeGreaterThan(0)
})
