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
 * and a failover be aborted and begun anew: they have reports too. `again`: begins one by hand that was aborted, which no sentinel does.
 */
export function nextFailover(client: SentinelRedis, again?: () => Promise<void>): Promise<FailoverTimeline> {
  return new Promise((resolve, reject) => {
    const told: string[] = []
    const timer = setTimeout(() => {
      client.off('failover', listen)
      const { phase, primary, sentinels } = client.topology
      const views = sentinels.map(({ key, reachable, judgement, failover }) => ({
        key,
        reachable,
        judgement,
        failover
      }))
      const state = JSON.stringify({ phase, primary, views, stats: client.stats(), now: Date.now() })
      reject(
        new Error(`no failover moved the primary within ${MOST_FAILOVER_MS} ms; told: ${told.join('; ')}; ${state}`)
      )
    }, MOST_FAILOVER_MS)
    function listen(report: FailoverTimeline): void {
      told.push(`${report.outcome} by epoch ${report.epoch}`)
      if (report.outcome !== 'moved') {
        again?.().catch((error: unknown) => told.push(String(error)))
        return
      }
      clearTimeout(timer)
      client.off('failover', listen)
      resolve(report)
    }
    client.on('failover', listen)
  })
}

/** A failover that was not agreed on is begun anew after twice its time, which is 10 s in the tests. */
const MOST_FAILOVER_MS = 45_000
