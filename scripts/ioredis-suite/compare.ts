import { reasonFor, type ReasonName } from './differences.js'
import { isLeftOut } from './left-out.js'
import type { Case, State } from './mocha-run.js'

export interface Comparison {
  /** Passed or left out with ioredis, and failed with SentinelRedis, by design. */
  readonly byReason: ReadonlyMap<ReasonName, readonly Case[]>
  readonly unexplained: readonly Case[]
  /** Failed with both. */
  readonly both: readonly Case[]
  /** Passed with ioredis and is missing with SentinelRedis: what a hook that failed kept from running. */
  readonly missing: readonly Case[]
}

export function compare(plain: readonly Case[], ours: readonly Case[]): Comparison {
  const key = ({ file, title }: Case): string => `${file} ${title}`
  const before = new Map(plain.map((one) => [key(one), one]))
  const now = new Set(ours.map(key))
  const byReason = new Map<ReasonName, Case[]>()
  const unexplained: Case[] = []
  const both: Case[] = []
  for (const one of ours.filter(({ state }) => state === 'failing')) {
    const reason = reasonFor(one)
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), one])
    else if (before.get(key(one))?.state === 'failing') both.push(one)
    else unexplained.push(one)
  }
  const missing = plain.filter((one) => one.state === 'passing' && !isLeftOut(one.file) && !now.has(key(one)))
  return { byReason, unexplained, both, missing }
}

export function count(cases: readonly Case[], state: State): number {
  return cases.filter((one) => one.state === state).length
}
