import type { SentinelRedisOptions } from 'ioredis-sentinel'
import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology, TopologyOptions } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { nextFailover } from './client-view.js'

/**
 * A topology whose sentinels ask for INFO five times a second instead of every 10 s, so that it settles soon after a failover. They
 * greet each other every second only: one that has not heard of a promotion for four such periods undoes it (`+convert-to-slave`,
 * redis `sentinel.c` sentinelRefreshInstanceInfo()), and what the new primary acknowledged is lost.
 */
export async function startQuickTopology(options: TopologyOptions = {}): Promise<LocalTopology> {
  const topology = await startTopology(options)
  const words = ['SENTINEL', 'DEBUG', 'info-period', '200', 'publish-period', '1000']
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.command(...words)))
  return topology
}

/** A client of a topology without passwords; `await using` ends it whatever happens. */
export function clientOf(topology: LocalTopology, options: Partial<SentinelRedisOptions> = {}): SentinelRedis {
  return new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses, ...options })
}

/**
 * Fails the group over by hand. Resolves when this client writes to the new primary; all sentinels agree on it only when
 * `topology.settled()` says so.
 */
export async function failOver(topology: LocalTopology, client: SentinelRedis): Promise<void> {
  await topology.settled()
  const reported = nextFailover(client)
  await topology.sentinelFailover()
  await reported
}

/** What a promise came to, as a value. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}
