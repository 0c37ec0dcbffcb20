import type { Circumstances, DrillFault } from './faults.js'
import { profileOf } from './faults.js'
import type { ReadFigures, WriteFigures } from './figures.js'

/** What the user may allow. */
export interface Budgets {
  /** The longest time without an acknowledged write, in milliseconds. */
  readonly gapMs: number
  /** Writes that were acknowledged and are not there at the end. */
  readonly lost: number
  /** Writes of which nobody knows whether they were executed. */
  readonly unknown: number
  /** Writes that were refused. */
  readonly failed: number
  /** Reads that were not answered. */
  readonly readErrors: number
  /** The longest time without an answered read, in milliseconds. */
  readonly readGapMs: number
}

/** Of the last four none is ever allowed. */
export type BudgetName =
  | 'gap-ms'
  | 'lost'
  | 'unknown'
  | 'failed'
  | 'read-errors'
  | 'read-gap-ms'
  | 'failed-yet-there'
  | 'doubled'
  | 'reordered'
  | 'hung'

export interface JudgedBudget {
  readonly budget: BudgetName
  readonly allowed: number
  /** null when it could not be measured. */
  readonly was: number | null
  readonly kept: boolean
}

export function defaultBudgets(fault: DrillFault, circumstances: Circumstances, writeRate: number): Budgets {
  const { gapMs, lostMs, unknownMs } = profileOf(fault, circumstances)
  const writesOf = (ms: number): number => Math.ceil((writeRate * ms) / 1_000)
  return {
    gapMs,
    lost: writesOf(lostMs),
    unknown: writesOf(unknownMs),
    failed: 0,
    readErrors: 0,
    readGapMs: 1_000
  }
}

/** Without `reads`, there were none to be judged. */
export function judgeBudgets(budgets: Budgets, writes: WriteFigures, reads: ReadFigures | undefined): JudgedBudget[] {
  const judged = (budget: BudgetName, allowed: number, was: number | null): JudgedBudget => ({
    budget,
    allowed,
    was,
    kept: was !== null && was <= allowed
  })
  return [
    judged('gap-ms', budgets.gapMs, writes.longestGapMs),
    judged('lost', budgets.lost, writes.lost),
    judged('unknown', budgets.unknown, writes.unknown),
    judged('failed', budgets.failed, writes.failed),
    ...(reads === undefined
      ? []
      : [
          judged('read-errors', budgets.readErrors, reads.failed),
          judged('read-gap-ms', budgets.readGapMs, reads.longestGapMs)
        ]),
    judged('failed-yet-there', 0, writes.failedButPresent),
    judged('doubled', 0, writes.doubled),
    judged('reordered', 0, writes.reordered),
    judged('hung', 0, writes.hung + (reads?.hung ?? 0))
  ]
}
