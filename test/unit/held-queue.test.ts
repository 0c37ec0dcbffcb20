import fc from 'fast-check'
import { Command } from 'ioredis'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/runtime/call.js'
import { issue, sequenceOf } from '../../src/runtime/call.js'
import type { HeldCall } from '../../src/runtime/held-queue.js'
import { HeldQueue, sizeOf } from '../../src/runtime/held-queue.js'
import { collectGarbage } from '../live/support/heap.js'

const MOST = 6
const MOST_BYTES = 40

function held(sequence: number, bytes = 1): HeldCall {
  const command: Call = new Command('set', ['k', 'v'])
  issue(command, sequence, 0, 0)
  return { command, since: 0, bytes, replay: false }
}

type Step =
  | { readonly does: 'push'; readonly bytes: number }
  | { readonly does: 'shift' }
  | { readonly does: 'take'; readonly every: number }
  /** Some of those that were taken out come back, in any order. */
  | { readonly does: 'restore'; readonly which: number; readonly backwards: boolean }
  | { readonly does: 'remove'; readonly every: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('push' as const), bytes: fc.nat(15) }) },
  { weight: 3, arbitrary: fc.constant({ does: 'shift' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('restore' as const), which: fc.nat(3), backwards: fc.boolean() })
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('take' as const), every: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('remove' as const), every: fc.integer({ min: 1, max: 3 }) }) }
)

/** The queue beside a plain sorted list. */
class Model {
  readonly queue = new HeldQueue(MOST, MOST_BYTES)
  waiting: HeldCall[] = []
  out: HeldCall[] = []
  #sequence = 0

  do(one: Step): void {
    switch (one.does) {
      case 'push': {
        const room = this.waiting.length < MOST && sum(this.waiting) + one.bytes <= MOST_BYTES
        expect(this.queue.hasRoomFor(one.bytes)).toBe(room)
        if (!room) return
        const item = held(++this.#sequence, one.bytes)
        this.queue.push(item)
        this.waiting.push(item)
        return
      }
      case 'shift': {
        const item = this.waiting.shift()
        expect(this.queue.shift()).toBe(item)
        if (item !== undefined) this.out.push(item)
        return
      }
      case 'take': {
        const fits = (item: HeldCall): boolean => sequenceOf(item.command) % one.every === 0
        const item = this.waiting.find(fits)
        expect(this.queue.take(fits)).toBe(item)
        if (item === undefined) return
        this.waiting = this.waiting.filter((other) => other !== item)
        this.out.push(item)
        return
      }
      case 'restore': {
        const back = this.out.splice(0, one.which)
        this.queue.restore(one.backwards ? [...back].reverse() : back)
        this.waiting = [...this.waiting, ...back].sort((a, b) => sequenceOf(a.command) - sequenceOf(b.command))
        return
      }
      case 'remove': {
        const gone = (item: HeldCall): boolean => sequenceOf(item.command) % one.every === 0
        expect(this.queue.remove(gone)).toEqual(this.waiting.filter(gone))
        this.waiting = this.waiting.filter((item) => !gone(item))
      }
    }
  }
}

function sum(items: readonly HeldCall[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0)
}

describe('HeldQueue', () => {
  it('does what a sorted list does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const model = new Model()
        for (const one of steps) {
          model.do(one)
          expect(model.queue.length).toBe(model.waiting.length)
          expect(model.queue.bytes).toBe(sum(model.waiting))
        }
        while (model.waiting.length > 0) model.do({ does: 'shift' })
        expect(model.queue.shift()).toBeUndefined()
        expect([model.queue.length, model.queue.bytes]).toEqual([0, 0])
      }),
      { numRuns: 400 }
    )
  })

  it('is bounded by number and by bytes, each alone', () => {
    const few = new HeldQueue(2, Infinity)
    few.push(held(1, 1e9))
    expect(few.hasRoomFor(1e9)).toBe(true)
    few.push(held(2))
    expect(few.hasRoomFor(0)).toBe(false)
    const small = new HeldQueue(Infinity, 10)
    small.push(held(1, 4))
    expect([small.hasRoomFor(6), small.hasRoomFor(7)]).toEqual([true, false])
    expect(new HeldQueue(0, Infinity).hasRoomFor(0)).toBe(false)
  })

  it('has a place among them for one that was issued before others, and comes later', () => {
    const queue = new HeldQueue(MOST, MOST_BYTES)
    for (const sequence of [4, 5, 2, 6]) queue.push(held(sequence))
    queue.restore([held(3)])
    expect([queue.length, queue.bytes]).toEqual([5, 5])
    expect([2, 3, 4, 5, 6].map(() => sequenceOf((queue.shift() as HeldCall).command))).toEqual([2, 3, 4, 5, 6])
  })

  it('takes back what it let in, however full it is', () => {
    const queue = new HeldQueue(1, 1)
    queue.push(held(3))
    queue.restore([held(2, 5), held(1, 5)])
    expect([queue.length, queue.bytes]).toEqual([3, 11])
    expect([1, 2, 3].map(() => sequenceOf((queue.shift() as HeldCall).command))).toEqual([1, 2, 3])
  })
})

describe('sizeOf', () => {
  it('counts the name, texts and bytes', () => {
    expect(sizeOf(new Command('set', ['key', Buffer.alloc(100), 7]))).toBeGreaterThanOrEqual(3 + 3 + 100)
    expect(sizeOf(new Command('ping', []))).toBe(4)
  })
})

describe('what has left is not kept', () => {
  const left = (queue: HeldQueue, leaves: (queue: HeldQueue) => unknown): WeakRef<Call> => {
    const item = held(1)
    queue.push(item)
    leaves(queue)
    return new WeakRef(item.command)
  }

  it.each([
    [
      'while others wait',
      (queue: HeldQueue) => {
        queue.push(held(2))
        queue.shift()
      }
    ],
    [
      'when the last one was taken out of turn, as the end of a transaction is',
      (queue: HeldQueue) => {
        queue.push(held(2))
        queue.shift()
        queue.take(() => true)
      }
    ],
    ['when all were removed', (queue: HeldQueue) => queue.remove(() => true)]
  ])('%s', async (_when, leaves) => {
    const queue = new HeldQueue(MOST, MOST_BYTES)
    const command = left(queue, leaves)
    await collectGarbage()
    expect(command.deref()).toBeUndefined()
    expect(queue.length).toBeLessThanOrEqual(1)
  })
})
