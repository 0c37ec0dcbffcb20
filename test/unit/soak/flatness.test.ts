import { describe, expect, test } from 'vitest'
import type { ResourceSample } from '../../../bench/soak/resources/census.js'
import { mulberry32 } from '../../../bench/soak/plan.js'
import { ALLOWANCES, judgeFlatness, type Resource } from '../../../bench/soak/resources/flatness.js'
import { theilSen } from '../../../bench/soak/resources/slope.js'

const RESOURCES = Object.keys(ALLOWANCES) as Resource[]
const KIB = 1024

/** What an idle fleet looks like: level, with the noise of a busy machine. */
function samples(count: number, grow: (resource: Resource, failover: number) => number = () => 0) {
  const random = mulberry32(5)
  const level = (resource: Resource): number => (ALLOWANCES[resource].each > 1 ? 14_000 * KIB : 30)
  const noise = (resource: Resource): number =>
    (ALLOWANCES[resource].each > 1 ? ALLOWANCES[resource].noise / 2 : 2) * random()
  return Array.from({ length: count }, (_, failovers) => ({
    failovers,
    resources: Object.fromEntries(
      RESOURCES.map((resource) => [resource, level(resource) + Math.floor(noise(resource)) + grow(resource, failovers)])
    ) as unknown as ResourceSample
  }))
}

const growing = (of: ReturnType<typeof samples>): Resource[] =>
  judgeFlatness(of).flatMap(({ resource, flat }) => (flat ? [] : [resource]))

describe('theilSen', () => {
  test('is the slope of a line, whatever the distance of its points', () => {
    expect(theilSen([1, 3, 5, 7])).toBe(2)
    expect(theilSen([0, 4, 10], [0, 2, 5])).toBe(2)
    expect(theilSen([5, 5, 5])).toBe(0)
    expect(theilSen([9, 6, 3])).toBe(-3)
  })

  test('is not moved by a quarter of wild values', () => {
    const values = Array.from({ length: 40 }, (_, index) => (index % 4 === 3 ? 10_000 : index * 2))
    expect(theilSen(values)).toBeCloseTo(2, 0)
  })

  test('of fewer than two points is 0', () => {
    expect([theilSen([]), theilSen([3])]).toEqual([0, 0])
  })
})

describe('judgeFlatness', () => {
  test.each([6, 40, 200])('finds nothing in the noise of %i steps', (count) => {
    expect(growing(samples(count))).toEqual([])
  })

  test.each(RESOURCES)('finds %s growing, and nothing else', (leaking) => {
    const { each, noise } = ALLOWANCES[leaking]
    const perFailover = Math.max(each, noise / 170) * 3
    expect(growing(samples(200, (resource, n) => (resource === leaking ? n * perFailover : 0)))).toEqual([leaking])
  })

  test.each([
    ['clientListeners', 1],
    ['socketObjects', 1],
    ['heapUsed', 16 * KIB]
  ] as const)('finds %s growing by %i a failover in 50 of them', (leaking, each) => {
    expect(growing(samples(50, (resource, n) => (resource === leaking ? n * each : 0)))).toEqual([leaking])
  })

  test('finds growth that is spread over two steps, or comes every tenth time', () => {
    const tenth = samples(200, (resource, n) => (resource === 'activeSockets' ? Math.floor(n / 10) : 0))
    expect(growing(tenth)).toEqual(['activeSockets'])
  })

  test('does not hold what ebbs away against anybody', () => {
    const ebbing = samples(200, (resource, n) => (resource === 'heapUsed' ? 2_000 * KIB * (1 - Math.exp(-n / 15)) : 0))
    expect(growing(ebbing)).toEqual([])
  })

  test('takes what was sampled only now and then', () => {
    const sparse = samples(100, (resource, n) => (resource === 'timerObjects' ? n : 0)).map(
      ({ failovers, resources }) => {
        if (failovers % 10 === 0) return { failovers, resources }
        const { timerObjects: _, ...rest } = resources
        return { failovers, resources: rest }
      }
    )
    expect(growing(sparse)).toEqual(['timerObjects'])
  })

  test('refuses to judge by next to nothing', () => {
    expect(() => judgeFlatness(samples(4))).toThrow(/4 samples.*at least 5/)
  })
})
