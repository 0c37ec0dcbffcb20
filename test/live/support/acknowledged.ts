import type { Ledger } from 'ioredis-sentinel/testkit'
import { expect } from 'vitest'
import { eventually } from './server-view.js'

/** How many writes of these ledgers were acknowledged. */
export function acknowledged(ledgers: readonly Ledger[]): number {
  return ledgers.reduce((sum, { entries }) => sum + entries.filter(({ outcome }) => outcome === 'acked').length, 0)
}

/** Resolves when so many more of their writes have been acknowledged. */
export async function flows(more: number, ...ledgers: readonly Ledger[]): Promise<void> {
  const until = acknowledged(ledgers) + more
  await eventually(() => {
    expect(acknowledged(ledgers)).toBeGreaterThanOrEqual(until)
  }, 30_000)
}
