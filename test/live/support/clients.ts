import type { SentinelRedisOptions } from 'ioredis-sentinel'
import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology, TopologyOptions } from 'ioredis-sentinel/testkit'
import { startTopology } from 'ioredis-sentinel/testkit'
import { expect } from 'vitest'
import { nextFailover } from './client-view.js'
import { eventually } from './server-view.js'

/**
 * From now on the sentinels ask for INFO twice a second instead of every 10 s, so that they settle soon after a failover. Not more often:
 * by hand they promote only a replica that has told its INFO within three such periods (redis `sentinel.c` sentinelSelectSlave()), and a busy
 * machine is slow for a second. They
 * greet each other every second only: one that has not heard of a promotion for four such periods undoes it (`+convert-to-slave`,
 * redis `sentinel.c` sentinelRefreshInstanceInfo()), and what the new primary acknowledged is lost. A sentinel that was started
 * again has forgotten it.
 */
export async function hasten(topology: LocalTopology): Promise<void> {
  const words = ['SENTINEL', 'DEBUG', 'info-period', '500', 'publish-period', '1000']
  await Promise.all(topology.sentinels.map((sentinel) => sentinel.command(...words)))
}

/** A topology that is hastened from the start. */
export async function startQuickTopology(options: TopologyOptions = {}): Promise<LocalTopology> {
  const topology = await startTopology(options)
  await hasten(topology)
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
  await settleSoon(topology)
  const reported = nextFailover(client, () => beginFailover(topology))
  await beginFailover(topology)
  await reported
}

/**
 * Has a sentinel begin a failover by hand, as soon as it finds a replica to promote: one that has told its INFO within three periods (redis
 * `sentinel.c` sentinelSelectSlave()), which it may not have yet where the period has just become shorter, or the sentinel has just started.
 */
export async function beginFailover(topology: LocalTopology): Promise<void> {
  await eventually(async () => {
    try {
      await topology.sentinelFailover()
    } catch (error) {
      if (!(error as Error).message.startsWith('INPROG')) throw error
    }
  }, 20_000)
}

/**
 * Resolves when the topology is settled. An old primary is made a replica as soon as the failover is over, where a sentinel waits for
 * four greetings first; all servers are healthy.
 */
export async function settleSoon(topology: LocalTopology): Promise<void> {
  await eventually(async () => {
    const reports = await Promise.all(topology.sentinels.map((sentinel) => sentinel.report(topology.name)))
    const [first] = reports
    for (const { flags, primary, configEpoch } of reports)
      expect([flags, primary, configEpoch]).toEqual([['master'], first?.primary, first?.configEpoch])
  }, 20_000)
  const { address } = await topology.primary()
  for (const node of await topology.replicas())
    if ((await node.role()).role === 'primary') await node.command('REPLICAOF', address.host, address.port)
  await topology.settled(SETTLED_WITHIN_MS)
}

/** Sooner than a test's own time is over: what is not settled is said by name. */
const SETTLED_WITHIN_MS = 30_000

/** What a promise came to, as a value. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}
