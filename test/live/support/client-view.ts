import type { FailoverTimeline, HoldReason, SentinelRedis } from 'ioredis-sentinel'
import { expect } from 'vitest'
import { eventually } from './server-view.js'

/** Resolves when the client makes calls wait, for this reason among others. */
export async function holds(client: SentinelRedis, reason: HoldReason): Promise<void> {
  await eventually(() => {
    expect(client.stats().holdReasons).toContain(reason)
  })
}

/** Resolves when the client may read from so many replicas. */
export async function usable(client: SentinelRedis, count: number): Promise<void> {
  await eventually(() => {
    expect(client.stats().replicas.filter((replica) => replica.usable)).toHaveLength(count)
  }, 20_000)
}

/**
 * Resolves with the client's report of its next failover that moves the primary. On a starved machine a primary may be suspected beside it,
 * and a failover be aborted and begun anew: they have reports too.
 */
export function nextFailover(client: SentinelRedis): Promise<FailoverTimeline> {
  return new Promise((resolve) => {
    client.on('failover', function listen(report) {
      if (report.outcome !== 'moved') return
      client.off('failover', listen)
      resolve(report)
    })
  })
}
