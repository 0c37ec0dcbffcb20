import type { SentinelRedis } from 'ioredis-sentinel'
import type { LocalTopology } from 'ioredis-sentinel/testkit'
import { failOver } from './clients.js'

/**
 * A failover by hand of a topology from startQuickTopology(), after which the next can follow at once: the old primary is made a replica
 * right away, where a sentinel would wait for about a second first.
 */
export async function failOverAgain(topology: LocalTopology, client: SentinelRedis): Promise<void> {
  const old = await topology.primary()
  await failOver(topology, client)
  const { host = '', port = 0 } = client.topology.primary?.address ?? {}
  await old.command('REPLICAOF', host, port)
}
