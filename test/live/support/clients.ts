import type { SentinelRedisOptions } from 'ioredis-sentinel'
import { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'

/** A client of a topology without passwords; `await using` ends it whatever happens. */
export function clientOf(topology: LocalTopology, options: Partial<SentinelRedisOptions> = {}): SentinelRedis {
  return new SentinelRedis({ name: topology.name, sentinels: topology.sentinelAddresses, ...options })
}

/** Fails the group over by hand, and resolves when this client writes to the new primary and all servers agree on it. */
export async function failOver(topology: LocalTopology, client: SentinelRedis): Promise<void> {
  await topology.settled()
  const reported = new Promise<void>((resolve) =>
    client.once('failover', () => {
      resolve()
    })
  )
  await topology.sentinelFailover()
  await reported
  await topology.settled()
}

/** What a promise came to, as a value. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}
