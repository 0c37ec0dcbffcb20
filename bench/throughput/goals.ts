import { median, medianInterval } from '../median.js'
import { type ClientName, PACED, type Paced } from './catalogue.js'
import { allocatingAt, closedAt, pacedAt, ratios, type Runs } from './results.js'

export interface Goal {
  readonly what: string
  readonly limit: string
  /** The median, and where it lies with 95 % certainty. */
  readonly measured: string
  readonly met: boolean
}

const BOTH = ['set', 'get'] as const

type Workload = (typeof BOTH)[number]

const LEAST_SPEED = [
  { depth: 64, set: 1.25, get: 1.7 },
  { depth: 512, set: 2, get: 2 }
] as const
/** Here one call waits for the other, or the server is what all wait for: no client can be much faster than the other. */
const NOT_SLOWER = [1, 16] as const

/** What this library set out for, held against what was measured. Only what was measured is judged. */
export function judgeGoals(runs: Runs): readonly Goal[] {
  const cpu = (workload: Workload, depth: number, against: ClientName): readonly number[] =>
    ratios(closedAt(runs, workload, depth), 'ours', against, (run) => run.cpuUs)
  const speed = (workload: Workload, depth: number, against: ClientName): readonly number[] =>
    ratios(closedAt(runs, workload, depth), 'ours', against, (run) => run.perSecond)
  const p99 = (load: Paced): readonly number[] => ratios(pacedAt(runs, load), 'ours', 'ioredis', (run) => run.p99Us)
  const heap = (workload: Workload): readonly number[] =>
    ratios(allocatingAt(runs, workload), 'ours', 'ioredis', (run) => run.bytes)
  const goals = [
    ...BOTH.map((workload) => atMost(0.5, 'ioredis', at(workload, 64, 'CPU a call'), cpu(workload, 64, 'ioredis'))),
    ...BOTH.map((workload) => atMost(1.03, 'ioredis', at(workload, 1, 'CPU a call'), cpu(workload, 1, 'ioredis'))),
    ...LEAST_SPEED.flatMap(({ depth, ...least }) =>
      BOTH.map((workload) =>
        atLeast(least[workload], 'ioredis', at(workload, depth, 'calls a second'), speed(workload, depth, 'ioredis'))
      )
    ),
    ...NOT_SLOWER.flatMap((depth) =>
      BOTH.map((workload) =>
        notBelow('ioredis', at(workload, depth, 'calls a second'), speed(workload, depth, 'ioredis'))
      )
    ),
    ...BOTH.map((workload) =>
      atLeast(2.3, 'node-redis', at(workload, 64, 'calls a second'), speed(workload, 64, 'node-redis'))
    ),
    ...BOTH.map((workload) =>
      atMost(0.35, 'node-redis', at(workload, 64, 'CPU a call'), cpu(workload, 64, 'node-redis'))
    ),
    ...PACED.map((load) => notAbove('ioredis', `${name(load.workload)}, ${load.perSecond} a second: p99`, p99(load))),
    ...BOTH.map((workload) => atMost(1.1, 'ioredis', `${name(workload)}: bytes of heap a call`, heap(workload)))
  ]
  return goals.filter((goal) => goal !== undefined)
}

const name = (workload: string): string => workload.toUpperCase()

const at = (workload: Workload, depth: number, what: string): string => `${name(workload)}, ${depth} in flight: ${what}`

function atMost(limit: number, than: string, what: string, values: readonly number[]): Goal | undefined {
  return judged(what, `at most ${limit} x ${than}`, values, median(values) <= limit)
}

function atLeast(limit: number, than: string, what: string, values: readonly number[]): Goal | undefined {
  return judged(what, `at least ${limit} x ${than}`, values, median(values) >= limit)
}

/** Met unless it is above for all that these values show: the whole interval of their median lies there. */
function notAbove(than: string, what: string, values: readonly number[]): Goal | undefined {
  return judged(what, `not above ${than}'s`, values, medianInterval(values)[0] <= 1)
}

/** As notAbove, seen from the other side. */
function notBelow(than: string, what: string, values: readonly number[]): Goal | undefined {
  return judged(what, `not below ${than}'s`, values, medianInterval(values)[1] >= 1)
}

/** Nothing where nothing was measured. */
function judged(what: string, limit: string, values: readonly number[], met: boolean): Goal | undefined {
  if (values.length === 0) return undefined
  const [from, to] = medianInterval(values)
  const interval = from === to ? '' : ` (${from.toFixed(2)} to ${to.toFixed(2)})`
  return { what, limit, measured: `${median(values).toFixed(2)}${interval}`, met }
}
