import type { JudgedRow } from '../report/run-page.js'
import type { BudgetName, JudgedBudget } from './budgets.js'
import type { Spread } from './figures.js'
import { type DrillResult, exceededIn } from './result.js'

const WORDS: Readonly<Record<BudgetName, string>> = {
  'gap-ms': 'longest time without an acknowledged write',
  lost: 'acknowledged writes lost',
  unknown: 'writes of unknown outcome',
  failed: 'writes refused',
  'read-errors': 'reads failed',
  'read-gap-ms': 'longest time without an answered read',
  'failed-yet-there': 'writes refused, and there all the same',
  doubled: 'writes doubled',
  reordered: 'writes out of order',
  hung: 'calls never answered'
}

/** One row a budget. */
export function budgetRows({ budgets }: DrillResult): JudgedRow[] {
  return budgets.map((one) => ({
    what: WORDS[one.budget],
    figure: figureOf(one),
    budget: one.allowed === 0 ? '0' : `at most ${withUnit(one.budget, one.allowed)}`,
    state: one.kept ? 'pass' : 'fail'
  }))
}

/** What is worth knowing and decides nothing. */
export function toldRows({ writes, reads, failovers }: DrillResult): JudgedRow[] {
  const told = (what: string, figure: string): JudgedRow => ({ what, figure, budget: '–', state: 'told' })
  const [first] = failovers
  return [
    told('writes acknowledged', `${count(writes.acknowledged)} of ${count(writes.issued)}`),
    told('write latency p50 / p99 / max', spreadText(writes.latencyMs)),
    ...(writes.unknown > 0 && writes.unknownPresent !== null
      ? [told('of unknown outcome, and there', count(writes.unknownPresent))]
      : []),
    ...(reads === undefined
      ? []
      : [
          told('reads answered', `${count(reads.answered)} of ${count(reads.issued)}`),
          told('read latency p50 / p99 / max', spreadText(reads.latencyMs))
        ]),
    ...(first === undefined
      ? []
      : [
          told('first failover, as the writer saw it', `${count(Math.round(first.endedAt - first.startedAt))} ms`),
          told('calls that waited for it', `${count(first.held)}, at most ${count(Math.round(first.longestHoldMs))} ms`)
        ])
  ]
}

/** One line: what it came to, and why. */
export function verdictLine(result: DrillResult): string {
  const { fault, outcome, problem, budgets, writes } = result
  const exceeded = budgets
    .filter(({ kept }) => !kept)
    .map((one) => `${one.budget} ${figureOf(one)} (allowed: ${withUnit(one.budget, one.allowed)})`)
  const measured = `${count(writes.acknowledged)} writes acknowledged`
  switch (outcome) {
    case 'kept':
      return `PASS ${fault}: ${measured}, ${writes.lost ?? 0} lost, ${writes.unknown} unknown, longest gap ${withUnit('gap-ms', writes.longestGapMs)}`
    case 'exceeded':
      return `FAIL ${fault}: ${exceeded.join('; ')}`
    case 'not-done':
      return `NOT DONE ${fault}: ${problem ?? 'unknown'}`
    case 'interrupted': {
      const so =
        exceededIn(result).length === 0 ? 'every budget kept so far' : `exceeded so far: ${exceeded.join('; ')}`
      return `INTERRUPTED ${fault}: ${measured}, ${so}`
    }
  }
}

/** What became of the key, and what the errors were. */
export function notesOf({ key, writes, reads }: DrillResult): string[] {
  const errors = (kind: string, counts: Readonly<Record<string, number>>): string[] => {
    const parts = Object.entries(counts).map(
      ([code, times]) => `${code} ${times === 1 ? 'once' : `${count(times)} times`}`
    )
    return parts.length === 0 ? [] : [`${kind} ended in ${parts.join(', ')}.`]
  }
  return [
    ...errors('Writes', writes.errors),
    ...errors('Reads', reads?.errors ?? {}),
    ...(key.removed ? [] : [`The list "${key.name}" could not be removed; it expires within ${key.ttlMs / 1_000} s.`])
  ]
}

function figureOf({ budget, was }: JudgedBudget): string {
  return was === null ? 'not known' : withUnit(budget, was)
}

function withUnit(budget: BudgetName, value: number): string {
  return budget.endsWith('-ms') ? `${count(Math.round(value))} ms` : count(value)
}

function spreadText({ p50, p99, max }: Spread): string {
  return `${[p50, p99, max].map((value) => (value === null ? '–' : value.toLocaleString('en-US'))).join(' / ')} ms`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
