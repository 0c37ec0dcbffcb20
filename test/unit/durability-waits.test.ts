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

it('waits for as long as it was told to, also when that is the longest that a timer can wait', async () => {
  const waits = new DurabilityWaits({
    primary: () => ({ address: { host: '127.0.0.1', port: 1 }, generation: 1 }),
    open: () => new Promise(() => undefined)
  })
  const outcomes: Confirmation[] = []
  void waits.confirm({ replicas: 1, timeoutMs: LONGEST_MS }).then((outcome) => outcomes.push(outcome))
  await vi.advanceTimersByTimeAsync(LONGEST_MS - 1)
  expect(outcomes).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(outcomes).toEqual([{ kind: 'confirmed', replicas: 0 }])
})
