import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Feed } from '../../src/runtime/subscriptions/feed.js'
import { HearingCheck } from '../../src/runtime/subscriptions/hearing-check.js'
import { Marks } from '../../src/runtime/subscriptions/marks.js'

const EVERY_MS = 1_000
const LIMIT_MS = 5_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A replica that hears nothing; the primary takes every mark. What was published stands in `tokens`, one a second. */
async function deafFor(looks: number) {
  const tokens: string[] = []
  const host = {
    publish: (token: string) => {
      tokens.push(token)
      return Promise.resolve()
    },
    publishBeside: () => Promise.reject(new Error('nothing waits')),
    everyMs: () => EVERY_MS,
    limitMs: () => LIMIT_MS,
    onLate: vi.fn(),
    onInterrupted: vi.fn()
  }
  const check = new HearingCheck(new Marks(() => undefined), host)
  const began = performance.now()
  check.begin({ node: { role: 'replica' } } as Feed, began)
  await vi.advanceTimersByTimeAsync((looks - 1) * EVERY_MS)
  /** When it is known to have heard all, in looks since it began. */
  const heard = (): number => Math.round((check.heardUntil - began) / EVERY_MS)
  const arrives = (look: number): void => {
    check.arrived(tokens[look] ?? 'none')
  }
  return { check, host, tokens, heard, arrives }
}

it('keeps no more than the oldest and the latest thousand marks of a replica that is deaf for long', async () => {
  const { check, host, tokens, heard, arrives } = await deafFor(1_500)
  const kept: number[] = []
  for (let look = 0; look < tokens.length; look++) {
    const before = check.heardUntil
    arrives(look)
    if (look === 0 || check.heardUntil !== before) kept.push(look)
  }
  expect(kept).toEqual([0, ...Array.from({ length: 999 }, (_, at) => 501 + at)])
  expect(heard()).toBe(1_499)
  expect(host.onInterrupted).toHaveBeenCalledTimes(1)
  check.end()
})

it('tells when it hears again that messages may have been missed, whether the oldest mark comes or not', async () => {
  for (const oldest of [[0], []]) {
    const { check, host, arrives } = await deafFor(1_500)
    expect(host.onLate).toHaveBeenCalled()
    const since = check.heardUntil
    for (const look of oldest) arrives(look)
    expect(host.onInterrupted).not.toHaveBeenCalled()
    arrives(501)
    expect(host.onInterrupted).toHaveBeenCalledExactlyOnceWith(expect.anything(), since)
    arrives(502)
    expect(host.onInterrupted).toHaveBeenCalledTimes(1)
    check.end()
  }
})

it('puts one mark behind a connection that waits for something, and the next ones beside it', async () => {
  const behind: string[] = []
  const beside: string[] = []
  const host = {
    publish: (token: string) => {
      behind.push(token)
      return new Promise<never>(() => undefined)
    },
    publishBeside: async (token: string) => void beside.push(token),
    everyMs: () => EVERY_MS,
    limitMs: () => LIMIT_MS,
    onLate: vi.fn(),
    onInterrupted: vi.fn()
  }
  const check = new HearingCheck(new Marks(() => undefined), host)
  check.begin({ node: { role: 'replica' } } as Feed)
  await vi.advanceTimersByTimeAsync(10 * EVERY_MS)
  expect([behind.length, beside.length]).toEqual([1, 10])
  expect(host.onLate).toHaveBeenCalled()
  for (const token of beside) check.arrived(token)
  expect(host.onInterrupted).not.toHaveBeenCalled()
  check.end()
})
