import { median } from '../median.js'
import type { ClientName, Paced, Workload } from './catalogue.js'
import type { Latency, Throughput } from './loops.js'

/** One client at one load, in one slice of a round. */
export interface ClosedRun extends Throughput {
  readonly round: number
  readonly slice: number
  readonly client: ClientName
  readonly workload: Workload
  readonly depth: number
}

export interface PacedRun extends Latency, Paced {
  readonly round: number
  readonly slice: number
  readonly client: ClientName
}

export interface AllocationRun {
  readonly round: number
  readonly client: ClientName
  readonly workload: Workload
  readonly bytes: number
}

export interface Runs {
  readonly closed: readonly ClosedRun[]
  readonly paced: readonly PacedRun[]
  readonly allocation: readonly AllocationRun[]
}

type AnyRun = ClosedRun | PacedRun | AllocationRun

/**
 * The median over the rounds, or their slices, of one client's figure divided by another's in the same one: what the machine does
 * to both falls out. NaN where one of them was not measured.
 */
export function ratio<Run extends AnyRun>(
  runs: readonly Run[],
  client: ClientName,
  against: ClientName,
  figure: (run: Run) => number
): number {
  return median(ratios(runs, client, against, figure))
}

/** That of each round or slice in which both were measured. */
export function ratios<Run extends AnyRun>(
  runs: readonly Run[],
  client: ClientName,
  against: ClientName,
  figure: (run: Run) => number
): readonly number[] {
  return runs
    .filter((run) => run.client === client)
    .flatMap((run) => {
      const other = runs.find(
        (one) => one.client === against && one.round === run.round && sliceOf(one) === sliceOf(run)
      )
      return other === undefined ? [] : [figure(run) / figure(other)]
    })
}

const sliceOf = (run: AnyRun): number => ('slice' in run ? run.slice : 0)

/** The median of a client's figure; NaN where it was not measured. */
export function middle<Run extends AnyRun>(
  runs: readonly Run[],
  client: ClientName,
  figure: (run: Run) => number
): number {
  return median(runs.filter((run) => run.client === client).map(figure))
}

export const closedAt = ({ closed }: Runs, workload: Workload, depth: number): readonly ClosedRun[] =>
  closed.filter((run) => run.workload === workload && run.depth === depth)

export const pacedAt = ({ paced }: Runs, { workload, perSecond }: Paced): readonly PacedRun[] =>
  paced.filter((run) => run.workload === workload && run.perSecond === perSecond)

export const allocatingAt = ({ allocation }: Runs, workload: Workload): readonly AllocationRun[] =>
  allocation.filter((run) => run.workload === workload)
