import type { Expected } from './expected.js'
import { isLeftOut } from './left-out.js'
import type { Case, State } from './mocha-run.js'
import type { ReasonName } from './reasons.js'

export interface Comparison {
  /** Failed with SentinelRedis, by design. */
  readonly byReason: ReadonlyMap<ReasonName, readonly Case[]>
  readonly unexplained: readonly Case[]
  /** Failed with both. */
  readonly both: readonly Case[]
  /** Passed with ioredis and is missing with SentinelRedis: what a hook that failed kept from running. */
  readonly missing: readonly Case[]
  /** Expected to fail, always, and passed; or not there, although its file was run as a whole. */
  readonly stale: readonly Expected[]
}

/** `grep` is what the titles of the cases that were run were restricted to. */
export function compare(
  plain: readonly Case[],
  ours: readonly Case[],
  expected: readonly Expected[],
  grep?: string
): Comparison {
  const before = new Map(plain.map((one) => [key(one), one.state]))
  const now = new Map(ours.map((one) => [key(one), one.state]))
  const reasons = new Map(expected.map((one) => [key(one), one.reason]))
  const byReason = new Map<ReasonName, Case[]>()
  const unexplained: Case[] = []
  const both: Case[] = []
  for (const one of ours.filter(({ state }) => state === 'failing')) {
    const reason = reasons.get(key(one))
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), one])
    else if (before.get(key(one)) === 'failing') both.push(one)
    else unexplained.push(one)
  }
  const missing = plain.filter((one) => one.state === 'passing' && !isLeftOut(one.file) && !now.has(key(one)))
  const filesRun = new Set(plain.map(({ file }) => file))
  const stale = expected.filter((one) => {
    const state = now.get(key(one))
    if (state === undefined) return grep === undefined && filesRun.has(one.file)
    return state === 'passing' && one.sometimes !== true
  })
  return { byReason, unexplained, both, missing, stale }
}

export function count(cases: readonly Case[], state: State): number {
  return cases.filter((one) => one.state === state).length
}

function key({ file, title }: Pick<Case, 'file' | 'title'>): string {
  return `${file} ${title}`
}
