import { expect, test } from 'vitest'
import { HedgeBudget } from '../../src/runtime/hedge-budget.js'

function taken(budget: HedgeBudget, tries: number): number {
  return Array.from({ length: tries }, () => budget.take()).filter(Boolean).length
}

test('one read in twenty may be asked twice, and at most twenty are saved up', () => {
  let reads = 0
  const budget = new HedgeBudget(() => reads)
  expect(taken(budget, 100)).toBe(20)
  reads += 19
  expect(taken(budget, 5)).toBe(0)
  reads += 21
  expect(taken(budget, 5)).toBe(2)
  reads += 1_000_000
  expect(taken(budget, 100)).toBe(20)
})
