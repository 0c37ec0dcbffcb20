import { median } from '../../median.js'
import type { ResourceSample } from './census.js'
import { theilSen } from './slope.js'

export type Resource = Exclude<keyof ResourceSample, 'code'>

interface Allowance {
  /** At most so much more a failover. */
  readonly each: number
  /** In all, so much comes and goes by itself: sockets and timers of an idle client, and what V8 learns of hot code. */
  readonly noise: number
}

const KIB = 1024

/**
 * How much of each may come. Of what is counted nothing may stay behind: 0.02 is one in fifty failovers. The bound for the heap is
 * below what one kept timeline, topology or connection weighs. The noise decides only in runs of few failovers.
 */
export const ALLOWANCES: Readonly<Record<Resource, Allowance>> = {
  heapUsed: { each: 2 * KIB, noise: 600 * KIB },
  external: { each: KIB, noise: 64 * KIB },
  arrayBuffers: { each: KIB, noise: 64 * KIB },
  fds: { each: 0.02, noise: 4 },
  activeSockets: { each: 0.02, noise: 4 },
  activeTimers: { each: 0.02, noise: 4 },
  socketObjects: { each: 0.02, noise: 4 },
  timerObjects: { each: 0.02, noise: 12 },
  clientObjects: { each: 0.02, noise: 2 },
  commandObjects: { each: 0.02, noise: 4 },
  clientListeners: { each: 0.02, noise: 2 },
  sharedListeners: { each: 0.1, noise: 20 },
  queued: { each: 0.02, noise: 3 }
}

export interface SampledStep {
  /** Failovers before this sample. */
  readonly failovers: number
  readonly resources: ResourceSample
}

export interface Trend {
  readonly resource: Resource
  /** Medians of the first and the last tenth of the samples that count. */
  readonly first: number
  readonly last: number
  readonly perFailover: number
  readonly mostPerFailover: number
  /** As they were sampled. */
  readonly values: readonly number[]
  readonly flat: boolean
}

/** Fewer steps than this say nothing about a slope. */
export const FEWEST_SAMPLES = 5
/** The share of the samples at the beginning that is left out: code is compiled, pools and caches fill. */
const WARM_UP = 0.15

/**
 * Whether what was sampled after each failover stays flat: the Theil–Sen slope is within the allowance.
 *
 * @throws RangeError with fewer than five samples.
 */
export function judgeFlatness(samples: readonly SampledStep[]): readonly Trend[] {
  if (samples.length < FEWEST_SAMPLES) {
    throw new RangeError(`judgeFlatness: ${samples.length} samples say nothing; at least ${FEWEST_SAMPLES} are needed`)
  }
  const counted = samples.slice(Math.ceil(samples.length * WARM_UP))
  return (Object.keys(ALLOWANCES) as Resource[]).flatMap((resource) => {
    const points = counted.flatMap(({ failovers, resources }) => {
      const value = resources[resource]
      return value === undefined ? [] : [{ failovers, value }]
    })
    return points.length < 2 ? [] : [trendOf(resource, points)]
  })
}

function trendOf(resource: Resource, points: readonly { readonly failovers: number; readonly value: number }[]): Trend {
  const values = points.map(({ value }) => value)
  const positions = points.map(({ failovers }) => failovers)
  const span = Math.max(1, (positions.at(-1) ?? 0) - (positions[0] ?? 0))
  const tenth = Math.max(1, Math.floor(points.length / 10))
  const { each, noise } = ALLOWANCES[resource]
  const perFailover = theilSen(values, positions)
  const mostPerFailover = Math.max(each, noise / span)
  return {
    resource,
    first: median(values.slice(0, tenth)),
    last: median(values.slice(-tenth)),
    perFailover,
    mostPerFailover,
    values,
    flat: perFailover <= mostPerFailover
  }
}
