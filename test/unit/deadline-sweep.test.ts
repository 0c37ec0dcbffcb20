import { Command } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Call } from '../../src/runtime/call.js'
import { issue, keepBlockingMs } from '../../src/runtime/call.js'
import { DeadlineSweep } from '../../src/runtime/deadline-sweep.js'
import { HeldQueue } from '../../src/runtime/held-queue.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const MOST_MS = 60_000

/** When a call is found to be late that was issued at this moment, in milliseconds from now. */
function lateAfterMs(call: Call, deadlineMs: number): number {
  const held = new HeldQueue(10, 1_000)
  const none = new HeldQueue(10, 1_000)
  const late: Call[] = []
  const note = (found: Call): void => void late.push(found)
  const calls = { held, reads: none, subscriptions: none, connections: () => [], standardMs: () => deadlineMs }
  const sweep = new DeadlineSweep(calls, {
    onHeldTooLong: note,
    onReadHeldTooLong: note,
    onSubscriptionTooLong: note,
    onUnanswered: note
  })
  const began = performance.now()
  issue(call, 1, began, 0)
  held.push({ command: call, since: began, bytes: 1, replay: false })
  sweep.start()
  while (late.length === 0 && performance.now() - began < MOST_MS) vi.advanceTimersByTime(50)
  sweep.stop()
  return performance.now() - began
}

test.each([
  [new Command('get', ['k']), 1_000],
  [new Command('blpop', ['q', '8']), 9_000],
  [new Command('xread', ['BLOCK', '500', 'STREAMS', 's', '$']), 1_500]
])('the deadline counts beyond the time that a call may block: %#', (call, dueMs) => {
  const foundMs = lateAfterMs(call, 1_000)
  expect(foundMs).toBeGreaterThan(dueMs)
  expect(foundMs).toBeLessThanOrEqual(dueMs + 50)
})

test('what the sockets hold is read before a call is given up by a timer that is late', () => {
  vi.useRealTimers()
  const late: Call[] = []
  const note = (found: Call): void => void late.push(found)
  const none = new HeldQueue(10, 1_000)
  const held = new HeldQueue(10, 1_000)
  const calls = { held, reads: none, subscriptions: none, connections: () => [], standardMs: () => 60 }
  const sweep = new DeadlineSweep(calls, {
    onHeldTooLong: note,
    onReadHeldTooLong: note,
    onSubscriptionTooLong: note,
    onUnanswered: note
  })
  const call: Call = new Command('get', ['k'])
  const began = performance.now()
  issue(call, 1, began, 0)
  held.push({ command: call, since: began, bytes: 1, replay: false })
  return new Promise<void>((resolve) => {
    // Behind this phase come the timers, then what sockets have, then the next of these.
    setImmediate(() => {
      sweep.start()
      setImmediate(() => {
        held.remove(() => true)
        setImmediate(() => {
          sweep.stop()
          expect(late).toEqual([])
          resolve()
        })
      })
      while (performance.now() - began < 300);
    })
  })
})

test('of one that is sent again with the time that is left, all of its time counts', () => {
  const call: Call = new Command('blpop', ['q', '8'])
  keepBlockingMs(call)
  call.args = ['q', '4']
  keepBlockingMs(call)
  call.args = ['q', '1']
  expect(lateAfterMs(call, 1_000)).toBeGreaterThan(9_000)
})
