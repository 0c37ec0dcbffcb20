interface LeftOut {
  /** Below the suite's folder. */
  readonly path: string
  readonly reason: string
}

/** What cannot be given a SentinelRedis at all; every other functional test is run. */
export const LEFT_OUT: readonly LeftOut[] = [
  { path: 'test/functional/cluster/', reason: 'tests Cluster' },
  { path: 'test/functional/sentinel.ts', reason: 'tests ioredis’s own sentinel connector' },
  { path: 'test/functional/sentinel_nat.ts', reason: 'tests ioredis’s own sentinel connector' },
  { path: 'test/functional/exports.ts', reason: 'tests the names that ioredis exports, and makes no client' }
]

export function isLeftOut(file: string): boolean {
  return LEFT_OUT.some(({ path }) => file.startsWith(path))
}
