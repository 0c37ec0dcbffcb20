import { describe, expect, test } from 'vitest'
import { Ledger } from '../../src/testkit/ledger/ledger.js'
import { dueBy, OpenLoop } from '../../src/testkit/ledger/open-loop.js'
import { expectReadFirst } from './after-standstill.js'
import { busyFor } from './socket-pair.js'

describe('OpenLoop', () => {
  test('owes one call for each interval begun', () => {
    expect([-1, 0, 4.9, 5, 12].map((elapsed) => dueBy(elapsed, 5))).toEqual([0, 1, 1, 2, 3])
  })

  test('after a busy event loop it makes the calls that fell due, and none ahead of its schedule', async () => {
    const intervalMs = 10
    // It begins between these two, which are apart where this process has to wait for a processor.
    const before = performance.now()
    let after = Infinity
    const made: { readonly index: number; readonly at: number; readonly turn: number }[] = []
    let turn = 0
    let busyUntil = 0
    await new Promise<void>((resolve) => {
      const loop = new OpenLoop(intervalMs, (index) => {
        made.push({ index, at: performance.now(), turn })
        if (index === 0) {
          queueMicrotask(() => (turn = 1))
          busyFor(105)
          busyUntil = performance.now()
        } else if (turn === 1) {
          queueMicrotask(() => (turn = 2))
        } else if (turn === 2) {
          loop.stop()
          resolve()
        }
      })
      after = performance.now()
    })
    expect(made.map(({ index }) => index)).toEqual(made.map((_, position) => position))
    for (const { index, at } of made) expect(at).toBeGreaterThanOrEqual(before + index * intervalMs)
    const fellDueMeanwhile = made.filter(
      (one) => one.turn > 0 && after + one.index * intervalMs < busyUntil - intervalMs
    )
    expect(fellDueMeanwhile.length).toBeGreaterThan(0)
    expect(new Set(fellDueMeanwhile.map((one) => one.turn))).toEqual(new Set([1]))
  })

  test.each([false, true])('catches up behind what the sockets hold since; which stops it: %s', async (stops) => {
    await expectReadFirst((act) => new OpenLoop(10, act), stops)
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
