import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Confirmation } from '../../src/runtime/durability-waits.js'
import { DurabilityWaits } from '../../src/runtime/durability-waits.js'

const LONGEST_MS = 2 ** 31 - 1

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Its connections are never made. `opened`: how many were begun. */
function unanswered(): { readonly waits: DurabilityWaits; readonly opened: () => number } {
  let opened = 0
  const waits = new DurabilityWaits({
    primary: () => ({ address: { host: '127.0.0.1', port: 1 }, generation: 1 }),
    open: () => {
      opened += 1
      return new Promise(() => undefined)
    }
  })
  return { waits, opened: () => opened }
}

it('waits for as long as it was told to, also when that is the longest that a timer can wait', async () => {
  const { waits } = unanswered()
  const outcomes: Confirmation[] = []
  void waits.confirm({ replicas: 1, timeoutMs: LONGEST_MS }).then((outcome) => outcomes.push(outcome))
  await vi.advanceTimersByTimeAsync(LONGEST_MS - 1)
  expect(outcomes).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(outcomes).toEqual([{ kind: 'confirmed', replicas: 0 }])
})

it('has so many lanes at most for one number of replicas, and always one for another', async () => {
  const { waits, opened } = unanswered()
  const openedFor = async (replicas: number): Promise<number> => {
    const before = opened()
    for (let i = 0; i < 10; i++) {
      void waits.confirm({ replicas, timeoutMs: 1_000 })
      await Promise.resolve()
    }
    return opened() - before
  }
  expect(await openedFor(5)).toBe(4)
  expect(await openedFor(4)).toBe(4)
  expect(await openedFor(3)).toBe(1)
  expect(await openedFor(2)).toBe(1)
})

it('gives up a lane on which nothing is answered long after it should have been', async () => {
  const { waits, opened } = unanswered()
  for (let i = 0; i < 10; i++) {
    void waits.confirm({ replicas: 1, timeoutMs: 100 })
    await Promise.resolve()
  }
  expect(opened()).toBe(4)
  await vi.advanceTimersByTimeAsync(10_000)
  void waits.confirm({ replicas: 1, timeoutMs: 100 })
  await Promise.resolve()
  expect(opened()).toBe(5)
})
