import type { SentinelRedis } from 'ioredis-sentinel'
import type { Fault, LocalTopology } from 'ioredis-sentinel/testkit'
import { injectFault } from 'ioredis-sentinel/testkit'
import { nextFailover } from './client-view.js'
import { settleSoon } from './clients.js'

/** A failover of a topology from startQuickTopology() by this fault. Resolves when `client` writes to the new primary and all servers are well again. */
export async function failOverBy(fault: Fault, topology: LocalTopology, client: SentinelRedis): Promise<void> {
  await settleSoon(topology)
  const reported = nextFailover(client)
  const { heal } = await injectFault(topology, fault)
  await reported
  await heal()
  await settleSoon(topology)
}
