import type { Call } from './messages.js'

/** `most` of these calls, in their order: one half are those that failed or took longest, the other is taken evenly from the rest. */
export function tellingCalls(calls: readonly Call[], most: number): readonly Call[] {
  if (calls.length <= most) return calls
  const ranked = [...calls].sort((a, b) => Number(a.ok) - Number(b.ok) || b.tookMs - a.tookMs)
  const told = new Set(ranked.slice(0, Math.floor(most / 2)))
  const rest = calls.filter((call) => !told.has(call))
  const more = most - told.size
  for (let index = 0; index < more; index++) {
    const call = rest[Math.floor((index * rest.length) / more)]
    if (call !== undefined) told.add(call)
  }
  return calls.filter((call) => told.has(call))
}
