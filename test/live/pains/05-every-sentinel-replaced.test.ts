import { expect, test } from 'vitest'
import { UNHURRIED, withOwnHosts } from '../support/own-hosts.js'

interface Outcome {
  readonly values: readonly string[]
  readonly started: number
  readonly grown: number
  readonly known: readonly string[]
  readonly listed: readonly string[]
}

test(
  'every sentinel replaced 5 times by one with another address and id: all are found by the one name, and the list stays short',
  UNHURRIED,
  async (context) => {
    const { values, started, grown, known, listed } = (await withOwnHosts(
      context,
      './replaced-sentinels.ts'
    )) as Outcome
    expect(values).toEqual(['OK', 'OK', 'OK', 'OK', 'OK', 'OK'])
    expect(started).toBe(3 + 5 * 3 + 1)
    // Those that are gone are known for as long as a living sentinel names them, and no longer.
    expect(known.filter((key) => !listed.includes(key))).toEqual([])
    expect(known.length).toBeGreaterThanOrEqual(3)
    expect(known.length).toBeLessThan(Math.min(grown, started / 2))
  }
)
