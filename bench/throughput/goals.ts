import { PACED, type Workload } from './catalogue.js'
import { median, medianInterval } from '../median.js'
import { allocatingAt, closedAt, pacedAt, ratio, ratios, type Runs } from './results.js'

export interface Goal {
  readonly what: string
  readonly limit: string
  readonly measured: string
  readonly met: boolean
}

const BOTH: readonly Workload[] = ['set', 'get']

/** What this library set out for, held against what was measured. Only what was measured is judged. */
export function judgeGoals(runs: Runs): readonly Goal[] {
  const cpu = (workload: Workload, depth: number, against: 'ioredis' | 'node-redis'): number =>
    ratio(closedAt(runs, workload, depth), 'ours', against, (run) => run.cpuUs)
  const speed = (workload: Workload, depth: number, against: 'ioredis' | 'node-redis'): number =>
    ratio(closedAt(runs, workload, depth), 'ours', against, (run) => run.perSecond)
  const goals = [
    ...BOTH.map((workload) =>
      atMost(`${name(workload)}, 64 in flight: CPU a call`, 'ioredis', cpu(workload, 64, 'ioredis'), 0.5)
    ),
    ...BOTH.map((workload) =>
      atMost(`${name(workload)}, 1 in flight: CPU a call`, 'ioredis', cpu(workload, 1, 'ioredis'), 1.03)
    ),
    ...BOTH.map((workload) =>
      atLeast(
        `${name(workload)}, 64 in flight: calls a second`,
        'ioredis',
        speed(workload, 64, 'ioredis'),
        workload === 'set' ? 1.25 : 1.7
      )
    ),
    ...BOTH.map((workload) =>
      atLeast(`${name(workload)}, 512 in flight: calls a second`, 'ioredis', speed(workload, 512, 'ioredis'), 2)
    ),
    ...[1, 16].flatMap((depth) =>
      BOTH.map((workload) =>
        atLeast(
          `${name(workload)}, ${depth} in flight: calls a second`,
          'ioredis',
          speed(workload, depth, 'ioredis'),
          1
        )
      )
    ),
    ...BOTH.map((workload) =>
      atLeast(`${name(workload)}, 64 in flight: calls a second`, 'node-redis', speed(workload, 64, 'node-redis'), 2.3)
    ),
    ...BOTH.map((workload) =>
      atMost(`${name(workload)}, 64 in flight: CPU a call`, 'node-redis', cpu(workload, 64, 'node-redis'), 0.35)
    ),
    ...PACED.map((load) =>
      notAbove(
        `${name(load.workload)}, ${load.perSecond} a second: p99`,
        'ioredis',
        ratios(pacedAt(runs, load), 'ours', 'ioredis', (run) => run.p99Us)
      )
    ),
    ...BOTH.map((workload) =>
      atMost(
        `${name(workload)}: bytes of heap a call`,
        'ioredis',
        ratio(allocatingAt(runs, workload), 'ours', 'ioredis', (run) => run.bytes),
        1.1
      )
    )
  ]
  return goals.filter(({ measured }) => measured !== 'NaN')
}

const name = (workload: Workload): string => workload.toUpperCase()

function atMost(what: string, than: string, value: number, limit: number): Goal {
  return { what, limit: `at most ${limit} x ${than}`, measured: value.toFixed(2), met: value <= limit }
}

/** Met unless it is above for all that these values show: the whole interval of their median lies there. */
function notAbove(what: string, than: string, values: readonly number[]): Goal {
  const [from, to] = medianInterval(values)
  const measured = `${median(values).toFixed(2)} (${from.toFixed(2)} to ${to.toFixed(2)})`
  return { what, limit: `not above ${than}'s`, measured: values.length === 0 ? 'NaN' : measured, met: from <= 1 }
}

function atLeast(what: string, than: string, value: number, limit: number): Goal {
  return { what, limit: `at least ${limit} x ${than}`, measured: value.toFixed(2), met: value >= limit }
}
