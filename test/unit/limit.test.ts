import { expect, it, vi } from 'vitest'
import { Limit } from '../../src/runtime/limit.js'
import { collectGarbage } from '../live/support/heap.js'

/** Resolves with the reason of a signal that nothing here holds but its listener. */
function reasonOf(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(signal.reason)
    })
  })
}

it('aborts by its time, though memory is collected meanwhile', async () => {
  const reason = reasonOf(new Limit({ withinMs: 100, and: new AbortController().signal }).signal)
  await collectGarbage()
  expect(await reason).toMatchObject({ name: 'TimeoutError', message: 'it took longer than 100 ms' })
})

it('aborts with a timeout that nobody else holds, though memory is collected meanwhile', async () => {
  const reason = reasonOf(new Limit({ and: new Limit({ and: AbortSignal.timeout(100) }).signal }).signal)
  await collectGarbage()
  expect(await reason).toMatchObject({ name: 'TimeoutError' })
})

it('aborts with a signal, for its reason, also with one that is aborted already', () => {
  const other = new AbortController()
  const early = new Limit({ withinMs: 60_000, and: other.signal })
  other.abort('enough')
  const late = new Limit({ withinMs: 60_000, and: other.signal })
  expect([early.signal.reason, late.signal.reason]).toEqual(['enough', 'enough'])
})

it('aborts by its owner, and then by nobody else', () => {
  const other = new AbortController()
  const limit = new Limit({ and: other.signal })
  limit.abort('mine')
  other.abort('theirs')
  expect(limit.signal.reason).toBe('mine')
})

it('leaves neither timer nor listener behind once it is over', () => {
  vi.useFakeTimers()
  try {
    const other = new AbortController()
    const removed = vi.spyOn(other.signal, 'removeEventListener')
    for (const over of ['end', 'abort'] as const) {
      const limit = new Limit({ withinMs: 60_000, and: other.signal })
      expect(vi.getTimerCount()).toBe(1)
      limit[over]()
      expect(vi.getTimerCount()).toBe(0)
    }
    expect(removed).toHaveBeenCalledTimes(2)
    const ended = new Limit({ and: other.signal })
    ended.end()
    other.abort()
    expect(ended.signal.aborted).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})
