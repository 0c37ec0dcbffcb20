import { describe, expect, test } from 'vitest'
import { Ledger } from '../../src/testkit/ledger/ledger.js'
import { dueBy, OpenLoop } from '../../src/testkit/ledger/open-loop.js'

function busyFor(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('OpenLoop', () => {
  test('owes one call for each interval begun', () => {
    expect([-1, 0, 4.9, 5, 12].map((elapsed) => dueBy(elapsed, 5))).toEqual([0, 1, 1, 2, 3])
  })

  test('after a busy event loop it makes the calls that fell due, and none ahead of its schedule', async () => {
    const began = performance.now()
    const made: { readonly index: number; readonly at: number; readonly turn: number }[] = []
    let turn = 0
    await new Promise<void>((resolve) => {
      const loop = new OpenLoop(10, (index) => {
        made.push({ index, at: performance.now() - began, turn })
        queueMicrotask(() => (turn += 1))
        if (index === 0) busyFor(105)
        if (index === 12) {
          loop.stop()
          resolve()
        }
      })
    })
    expect(made.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    for (const { index, at } of made) expect(at).toBeGreaterThanOrEqual(index * 10)
    // 1 to 10 fell due while it was busy, and were made with nothing in between.
    expect(new Set(made.slice(1, 11).map((one) => one.turn)).size).toBe(1)
  })

  test('refuses an interval that is not above 0', () => {
    expect(() => new OpenLoop(0, () => undefined)).toThrow('everyMs is a number of milliseconds above 0, not 0')
  })
})

describe('Ledger', () => {
  test('keeps the outcome of each write, in the order of issue', async () => {
    const unknown = Object.assign(new Error('maybe'), { code: 'UNKNOWN_OUTCOME' })
    const ends: (() => Promise<unknown>)[] = [
      () => Promise.resolve(1),
      () => Promise.reject(unknown),
      () => {
        throw new Error('ERR at once')
      },
      () => new Promise(() => undefined)
    ]
    const settled: string[] = []
    const ledger = await new Promise<Ledger>((resolve) => {
      const begun: Ledger = new Ledger({
        everyMs: 1,
        prefix: 'x-',
        write: (id) => {
          const end = ends[Number(id.slice(2))]
          if (end === undefined) resolve(begun)
          return end?.() ?? Promise.resolve(0)
        },
        onSettled: (entry) => settled.push(`${entry.id} ${entry.outcome}`)
      })
    })
    expect(ledger.outstanding).toBeGreaterThanOrEqual(1)
    await ledger.stop(20)
    expect(ledger.entries.slice(0, 4).map((entry) => [entry.id, entry.outcome, entry.error])).toEqual([
      ['x-00000000', 'acked', undefined],
      ['x-00000001', 'unknown', unknown],
      ['x-00000002', 'failed', new Error('ERR at once')],
      ['x-00000003', 'hung', undefined]
    ])
    expect(settled.slice(0, 3).sort()).toEqual(['x-00000000 acked', 'x-00000001 unknown', 'x-00000002 failed'])
  })
})
