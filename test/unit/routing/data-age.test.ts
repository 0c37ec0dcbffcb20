import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OffsetHistory } from '../../../src/routing/data-age.js'

describe('until when a replica holds everything', () => {
  const known = (): OffsetHistory => {
    const history = new OffsetHistory(1_000)
    history.add(0, 'a', 100)
    history.add(200, 'a', 150)
    history.add(400, 'a', 300)
    return history
  }

  it.each([
    [99, undefined],
    [100, 0],
    [149, 0],
    [150, 200],
    [299, 200],
    [300, 400],
    [999, 400]
  ])('at offset %i: %s', (offset, expected) => {
    expect(known().heldUntil('a', offset)).toBe(expected)
  })

  it('is not known in another history', () => {
    expect(known().heldUntil('b', 999)).toBeUndefined()
    const history = known()
    history.add(600, 'b', 301)
    expect(history.heldUntil('b', 301)).toBe(600)
    expect(history.heldUntil('a', 301)).toBe(400)
  })

  it('moves on with a primary to which nothing is written', () => {
    const history = known()
    for (let at = 500; at < 5_000; at += 100) history.add(at, 'a', 300)
    expect(history.heldUntil('a', 300)).toBe(4_900)
    expect(history.heldUntil('a', 150)).toBe(200)
    expect(history.size).toBe(3)
  })

  it('is forgotten when the stream was taken back', () => {
    const history = known()
    history.add(600, 'a', 120)
    expect(history.heldUntil('a', 119)).toBeUndefined()
    expect(history.heldUntil('a', 300)).toBe(600)
  })
})

/** Writes of a primary: the time since the one before, and its bytes. */
const writes = fc.array(fc.record({ afterMs: fc.nat(300), bytes: fc.integer({ min: 1, max: 50 }) }), { maxLength: 200 })

describe('whatever is written and asked', () => {
  it('never says that a replica holds a write that it lacks, and stays small', () => {
    fc.assert(
      fc.property(writes, fc.array(fc.nat(300), { maxLength: 200 }), fc.nat(5_000), (made, pauses, held) => {
        const done: { at: number; offset: number }[] = []
        for (const { afterMs, bytes } of made) {
          const last = done.at(-1) ?? { at: 0, offset: 0 }
          done.push({ at: last.at + afterMs, offset: last.offset + bytes })
        }
        const offsetAt = (time: number): number => done.findLast((write) => write.at <= time)?.offset ?? 0
        const history = new OffsetHistory(1_000)
        let now = 0
        for (const pause of pauses) {
          now += pause
          // The answer is given after the question: it may tell of more.
          history.add(now, 'a', offsetAt(now + 5))
        }
        const until = history.heldUntil('a', held)
        expect(history.size).toBeLessThanOrEqual(64)
        if (until !== undefined)
          for (const write of done) if (write.at <= until) expect(write.offset).toBeLessThanOrEqual(held)
        if (pauses.length > 0 && held >= offsetAt(now + 5)) expect(until).toBe(now)
      })
    )
  })

  it('is known to a 32nd of the longest age, for as long back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(1_000), (stepMs, back) => {
        const history = new OffsetHistory(1_000)
        const now = 400 * stepMs
        for (let at = 0; at <= now; at += stepMs) history.add(at, 'a', at)
        const until = history.heldUntil('a', now - back)
        if (back > now) return
        expect(until).toBeLessThanOrEqual(now - back)
        expect(until).toBeGreaterThanOrEqual(Math.max(0, now - back - 1_000 / 32 - 2 * stepMs))
      })
    )
  })
})
