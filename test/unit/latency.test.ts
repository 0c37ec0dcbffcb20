import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { LatencyEstimate } from '../../src/runtime/latency.js'

test('knows what all but the slowest one in a hundred took, once it has seen enough', async () => {
  let now = 1_000
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  try {
    const latency = new LatencyEstimate()
    const answer = async (tookMs: number): Promise<void> => {
      let settle = (): void => undefined
      const command = new Promise<void>((resolve) => (settle = resolve))
      now += 20
      latency.sample(command, now)
      now += tookMs
      settle()
      await sleep(0)
    }
    for (let index = 0; index < 31; index += 1) await answer(2)
    expect(latency.p99Ms).toBeUndefined()
    await answer(2)
    expect(latency.p99Ms).toBe(2)
    for (let index = 0; index < 128; index += 1) await answer(index === 100 ? 500 : index % 2 === 0 ? 3 : 5)
    now += 250
    expect(latency.p99Ms).toBe(5)
    expect(latency.valueMs).toBeGreaterThan(3)
  } finally {
    clock.mockRestore()
  }
})

test('takes one sample in 20 ms', () => {
  let asked = 0
  const answer = { then: () => void (asked += 1) } as unknown as Promise<unknown>
  const latency = new LatencyEstimate()
  for (const now of [100, 110, 119, 120, 139, 140]) latency.sample(answer, now)
  expect(asked).toBe(3)
})
