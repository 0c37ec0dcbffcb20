import { FAULTS } from 'ioredis-sentinel/testkit'
import { describe, expect, test } from 'vitest'
import { MOVING_FAULTS } from '../../../bench/faults.js'
import { parseSoakOptions } from '../../../bench/soak/options.js'
import { FAULT_SHARES, mulberry32, planSteps } from '../../../bench/soak/plan.js'

const ALL = Object.keys(FAULT_SHARES) as (keyof typeof FAULT_SHARES)[]

function first(count: number, seed: number, faults = ALL) {
  const steps = planSteps(seed, faults)
  return Array.from({ length: count }, () => steps.next().value)
}

describe('planSteps', () => {
  test('every fault of the testkit has a share', () => {
    expect(ALL.sort()).toEqual(Object.keys(FAULTS).sort())
  })

  test('the same seed gives the same steps, another seed others', () => {
    expect(first(50, 3)).toEqual(first(50, 3))
    expect(first(50, 4)).not.toEqual(first(50, 3))
  })

  test('faults come by their shares, and most of them move the primary', () => {
    const steps = first(4_000, 1)
    for (const fault of ALL) {
      const share = steps.filter((step) => step.fault === fault).length / 40
      expect(Math.abs(share - FAULT_SHARES[fault]), fault).toBeLessThan(3)
    }
    expect(steps.filter((step) => MOVING_FAULTS.has(step.fault)).length).toBeGreaterThan(3_200)
  })

  test('only the faults that are asked for come', () => {
    expect(new Set(first(200, 9, ['freeze', 'manual']).map(({ fault }) => fault))).toEqual(
      new Set(['freeze', 'manual'])
    )
  })
})

test('mulberry32 stays within 0 and 1, and is spread evenly', () => {
  const random = mulberry32(0)
  const values = Array.from({ length: 10_000 }, random)
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const within = values.filter((value) => Math.floor(value * 10) === tenth).length
    expect(Math.abs(within - 1_000)).toBeLessThan(150)
  }
})

describe('parseSoakOptions', () => {
  test('fills in the defaults, and a seed of its own', () => {
    const { seed, faults, ...rest } = parseSoakOptions([])
    expect(seed).toBeGreaterThanOrEqual(0)
    expect([...faults].sort()).toEqual(ALL)
    expect(rest).toEqual({ failovers: 200, minutes: 60, downAfterMs: 500, bail: false })
  })

  test('takes what it is given', () => {
    const argv = '--failovers 4 --seed 0 --faults kill,restart --minutes 1.5 --out there --plant map --bail'.split(' ')
    expect(parseSoakOptions(argv)).toEqual({
      failovers: 4,
      seed: 0,
      faults: ['kill', 'restart'],
      minutes: 1.5,
      downAfterMs: 500,
      out: 'there',
      plant: 'map',
      bail: true
    })
  })
})
