import type { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hedgeLimits } from '../../src/options/values.js'
import { type Call, issue, markWritten } from '../../src/runtime/call.js'
import type { InFlight } from '../../src/runtime/ioredis-internals.js'
import { LateWatch } from '../../src/runtime/late-watch.js'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

/** A replica at the default limits, with what was told of its late reads: after how many milliseconds, how many, and whether it was quiet. */
class Watched {
  readonly told: (readonly [ms: number, count: number, quiet: boolean])[] = []
  readonly watch: LateWatch
  heardAt = performance.now()
  usualMs: number | undefined
  readonly #beganAt = performance.now()
  readonly #inFlight: InFlight[] = []

  constructor() {
    const limits = hedgeLimits({})
    if (limits === undefined) throw new Error('hedging is the default')
    const inFlight = this.#inFlight
    const redis = {
      commandQueue: {
        get length() {
          return inFlight.length
        },
        peekAt: (index: number) => inFlight[index]
      }
    }
    this.watch = new LateWatch(
      redis as unknown as Redis,
      limits,
      () => this.usualMs,
      () => this.heardAt,
      {
        onLate: (items, quiet) => this.told.push([performance.now() - this.#beganAt, items.length, quiet]),
        onChange: () => undefined
      }
    )
  }

  read(): void {
    const command = { isSettled: false } as unknown as Call
    issue(command, 1, performance.now(), 0)
    markWritten(command, performance.now())
    this.#inFlight.push({ command } as InFlight)
    this.watch.expectAnswer()
  }

  answerOldest(): void {
    this.#inFlight.shift()
    this.heardAt = performance.now()
  }
}

test('a read waits for 50 ms at most while nothing is known of the replica, and for no longer when it is usually slow', () => {
  for (const usualMs of [undefined, 90]) {
    const replica = new Watched()
    replica.usualMs = usualMs
    replica.read()
    vi.advanceTimersByTime(49)
    expect(replica.told).toEqual([])
    vi.advanceTimersByTime(1)
    expect(replica.told).toEqual([[50, 1, usualMs === undefined]])
    replica.watch.reset()
  }
})

test('of a replica that is usually fast it is noticed sooner, and not before 10 ms', () => {
  const replica = new Watched()
  replica.usualMs = 0.5
  replica.read()
  vi.advanceTimersByTime(10)
  expect(replica.told).toEqual([[10, 1, true]])
  replica.watch.reset()
})

test('a replica that fell silent just after an answer is told late, and told again in the moment when it counts as quiet', () => {
  const replica = new Watched()
  replica.read()
  replica.read()
  vi.advanceTimersByTime(3)
  replica.answerOldest()
  vi.advanceTimersByTime(60)
  expect(replica.told.slice(0, 2)).toEqual([
    [50, 1, false],
    [53, 1, true]
  ])
  expect(replica.watch.quiet).toBe(true)
  replica.watch.reset()
})
