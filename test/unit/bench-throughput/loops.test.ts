import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { closedLoop, latencyOf, pacedLoop } from '../../../bench/throughput/loops.js'

describe('a closed loop', () => {
  it('keeps as many calls open as asked for, and ends when all of them have', async () => {
    let [open, most] = [0, 0]
    const { perSecond, cpuUs } = await closedLoop(
      async () => {
        most = Math.max(most, ++open)
        await sleep(1)
        open -= 1
      },
      5,
      10,
      50
    )
    expect([open, most]).toEqual([0, 5])
    expect(perSecond).toBeGreaterThan(0)
    expect(cpuUs).toBeGreaterThan(0)
  })

  it('fails with the first call that does', async () => {
    const calls = closedLoop(() => Promise.reject(new Error('refused')), 2, 10, 50)
    await expect(calls).rejects.toThrow('refused')
  })

  it('does not divide by nothing', async () => {
    const never = closedLoop(() => new Promise(() => undefined), 1, 1, 10)
    await expect(never).rejects.toThrow('no call ended in 100 ms: measure for longer')
  })
})

describe('a paced loop', () => {
  it('makes so many calls, none before it is due, and counts the late ones from when they were', async () => {
    const began = performance.now()
    const made: number[] = []
    const tookUs = await pacedLoop(
      () => {
        made.push(performance.now() - began)
        if (made.length === 60) while (performance.now() - began < 150);
        return Promise.resolve()
      },
      1000,
      50,
      100
    )
    expect(made).toHaveLength(150)
    for (const [index, at] of made.entries()) expect(at).toBeGreaterThanOrEqual(index)
    expect(tookUs).toHaveLength(100)
    expect(Math.max(...tookUs)).toBeGreaterThan(50_000)
  })

  it('fails with the first call that does', async () => {
    await expect(pacedLoop(() => Promise.reject(new Error('refused')), 1000, 1, 10)).rejects.toThrow('refused')
  })
})

it('tells the median and the slowest hundredth of calls', () => {
  const { p50Us, p99Us } = latencyOf([...Array.from({ length: 98 }, () => 100), 5_000, 5_000])
  expect(p50Us).toBe(100)
  expect(p99Us).toBeGreaterThanOrEqual(5_000)
})
