import type { FailoverTimeline } from '../../index.js'
import type { Moment } from '../report/moments.js'
import { timelineJson } from '../timeline.js'
import type { BudgetName, JudgedBudget } from './budgets.js'
import type { DrillFault } from './faults.js'
import type { ReadFigures, WriteFigures } from './figures.js'

/**
 * `kept`: no budget was exceeded. `not-begun`: nothing was done to the group. `declined`: neither, since the user said no. `not-done`: the
 * fault was refused, or did not lead to what it must, or the data could not be read at the end. `interrupted`: by ctrl-C.
 */
export type DrillOutcome = 'kept' | 'exceeded' | 'not-begun' | 'declined' | 'not-done' | 'interrupted'

export const EXIT_CODES: Readonly<Record<DrillOutcome, number>> = {
  kept: 0,
  exceeded: 1,
  'not-begun': 3,
  declined: 4,
  'not-done': 5,
  interrupted: 130
}

/** What a drill measured. Times are milliseconds since 1970. */
export interface DrillResult {
  readonly name: string
  readonly fault: DrillFault
  readonly outcome: Exclude<DrillOutcome, 'not-begun' | 'declined'>
  /** Why it was not done, in words. */
  readonly problem?: string
  readonly startedAt: number
  readonly faultAt?: number
  readonly endedAt: number
  /** What was done to whom. */
  readonly description?: string
  readonly budgets: readonly JudgedBudget[]
  readonly writes: WriteFigures
  /** Absent when there were none. */
  readonly reads?: ReadFigures
  /** What the writer's client reported. */
  readonly failovers: readonly FailoverTimeline[]
  readonly moments: readonly Moment[]
  /** The key that was written, and whether it is gone. Otherwise it expires. */
  readonly key: { readonly name: string; readonly removed: boolean; readonly ttlMs: number }
  readonly environment: readonly (readonly [what: string, value: string])[]
}

/** What `--json` prints when traffic was begun. Times are ISO 8601. */
export interface DrillJson {
  readonly name: string
  readonly fault: DrillFault
  readonly outcome: DrillResult['outcome']
  readonly problem: string | null
  readonly exceeded: readonly BudgetName[]
  readonly budgets: readonly JudgedBudget[]
  readonly startedAt: string
  readonly faultAt: string | null
  readonly endedAt: string
  readonly description: string | null
  readonly writes: WriteFigures
  readonly reads: ReadFigures | null
  /** As the command `failover --json` prints one. */
  readonly failovers: readonly object[]
  readonly key: DrillResult['key']
  readonly environment: Readonly<Record<string, string>>
  /** Where the page was written; null too when it could not be, which is told on stderr. */
  readonly html: string | null
}

/** What `--json` prints when there is nothing to judge: it was not begun, or a second signal had it leave at once. */
export interface DrillNotBegunJson {
  readonly fault: DrillFault
  readonly outcome: 'not-begun' | 'interrupted'
  readonly problem: string
}

export function drillJson(result: DrillResult, html: string | undefined): DrillJson {
  const iso = (at: number): string => new Date(at).toISOString()
  return {
    name: result.name,
    fault: result.fault,
    outcome: result.outcome,
    problem: result.problem ?? null,
    exceeded: exceededIn(result),
    budgets: result.budgets,
    startedAt: iso(result.startedAt),
    faultAt: result.faultAt === undefined ? null : iso(result.faultAt),
    endedAt: iso(result.endedAt),
    description: result.description ?? null,
    writes: result.writes,
    reads: result.reads ?? null,
    failovers: result.failovers.map(timelineJson),
    key: result.key,
    environment: Object.fromEntries(result.environment),
    html: html ?? null
  }
}

export function exceededIn({ budgets }: DrillResult): BudgetName[] {
  return budgets.filter(({ kept }) => !kept).map(({ budget }) => budget)
}
