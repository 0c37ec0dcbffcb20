import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TransactionConnection } from '../../src/runtime/transactions/transaction-connections.js'
import { TransactionConnections } from '../../src/runtime/transactions/transaction-connections.js'

/** What is kept is the order and the number of connections: none is used here. */
function connections(most: number) {
  const ended: number[] = []
  let made = 0
  const pool = new TransactionConnections(() => {
    const id = made++
    return { id, close: async () => undefined, end: () => ended.push(id) } as never
  }, most)
  const take = async (): Promise<TransactionConnection> => pool.take(new AbortController().signal)
  return { pool, ended, take, made: () => made }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('TransactionConnections', () => {
  it('makes them when they are needed, and uses the one that was used last', async () => {
    const { pool, take, made } = connections(3)
    const [one, two] = [await take(), await take()]
    pool.giveBack(one, true)
    pool.giveBack(two, true)
    expect([await take(), made()]).toEqual([two, 2])
    expect([pool.size, pool.busy]).toEqual([2, true])
  })

  it('has others wait in their order, and forgets who left', async () => {
    const { pool, take, made } = connections(1)
    const one = await take()
    const order: string[] = []
    const left = new AbortController()
    const first = pool.take(left.signal).catch((error: Error) => order.push(error.message))
    const second = take().then((connection) => (order.push('second'), connection))
    const third = take().then(() => order.push('third'))
    expect(pool.waiting).toBe(3)
    left.abort(new Error('left'))
    await first
    pool.giveBack(one, true)
    pool.giveBack(await second, true)
    await third
    expect([order, made()]).toEqual([['left', 'second', 'third'], 1])
  })

  it('replaces one that is not clean', async () => {
    const { pool, take, ended, made } = connections(1)
    const one = await take()
    const next = take()
    pool.giveBack(one, false)
    expect(await next).not.toBe(one)
    expect([ended, made(), pool.size]).toEqual([[0], 2, 1])
  })

  it('closes those that nobody has needed for 10 s', async () => {
    const { pool, take, ended } = connections(3)
    const all = [await take(), await take(), await take()]
    for (const one of all) {
      pool.giveBack(one, true)
      await vi.advanceTimersByTimeAsync(4_000)
    }
    expect(ended).toEqual([0])
    pool.giveBack(await take(), true)
    await vi.advanceTimersByTimeAsync(9_999)
    expect([ended, pool.size]).toEqual([[0, 1], 1])
    await vi.advanceTimersByTimeAsync(1)
    expect([ended, pool.size, vi.getTimerCount()]).toEqual([[0, 1, 2], 0, 0])
  })

  it('ends all with the client, taken ones too, and refuses those that wait', async () => {
    const { pool, take, ended } = connections(2)
    const one = await take()
    pool.giveBack(await take(), true)
    await take()
    const waits = take()
    pool.end()
    await expect(waits).rejects.toThrow('Connection is closed.')
    pool.giveBack(one, true)
    expect([ended, pool.size, vi.getTimerCount()]).toEqual([[0, 1], 0, 0])
  })
})
