import { describe, expect, it } from 'vitest'
import type { Call } from '../../../../src/cli/dashboard/messages.js'
import { tellingCalls } from '../../../../src/cli/dashboard/telling-calls.js'

const made = (at: number, other: Partial<Call> = {}): Call => ({ kind: 'write', at, tookMs: 1, ok: true, ...other })

describe('tellingCalls', () => {
  it('leaves few as they are', () => {
    const calls = [made(0), made(1)]
    expect(tellingCalls(calls, 2)).toBe(calls)
  })

  it('keeps those that failed or took longest, and some of the others from beginning to end, in their order', () => {
    const calls = Array.from({ length: 1_000 }, (_, at) => made(at))
    calls[500] = made(500, { ok: false })
    calls[700] = made(700, { tookMs: 1_400 })
    calls[701] = made(701, { tookMs: 2 })
    const told = tellingCalls(calls, 10).map(({ at }) => at)
    expect(told).toHaveLength(10)
    expect(told).toEqual(expect.arrayContaining([500, 700, 701]))
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(told[0]).toBeLessThan(10)
    expect(told.filter((at) => at > 750)).not.toEqual([])
    expect(told.filter((at) => at > 200 && at < 450)).not.toEqual([])
  })
})
