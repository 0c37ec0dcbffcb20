import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { preciseNow } from '../../src/time-origin.js'
import type { ClientProcess } from './client-process.js'
import { callsOf, firstCallAt } from './command-calls.js'
import type { Injected } from './inject.js'
import { READS_BACK_LIMIT_MS } from './limits.js'
import { READ_COMMANDS } from './messages.js'

/** How long the traffic goes on after that: the slowest read may be one of those that a replica answers first. */
const AFTERWARDS_MS = 500

/** The replicas that the client has read from since their statistics were reset. */
export async function replicasRead(topology: LocalTopology): Promise<ReadonlySet<LocalNode>> {
  const replicas = await topology.replicas()
  const calls = await Promise.all(replicas.map((node) => callsOf(node, READ_COMMANDS.usual)))
  return new Set(replicas.filter((_, index) => (calls[index] ?? 0) > 0))
}

/**
 * Ends the fault of a replica while the client goes on, which reads by another command from just before: what a frozen replica
 * finds in its sockets, and what TCP sends again, was read by the first.
 *
 * @returns milliseconds from the beginning of the heal, the start of a server included, to the first read that the replica executed; null
 * when none came within `READS_BACK_LIMIT_MS`; undefined when there is no `replica` to wait for.
 */
export async function healUnderTraffic(
  client: ClientProcess,
  heal: Injected['heal'],
  replica: LocalNode | undefined
): Promise<number | null | undefined> {
  await client.readApart()
  const healedAt = preciseNow()
  await heal()
  const readAt =
    replica && (await firstCallAt(replica, READ_COMMANDS.apart, healedAt + READS_BACK_LIMIT_MS - preciseNow()))
  await sleep(AFTERWARDS_MS)
  if (replica === undefined) return undefined
  return readAt === undefined ? null : readAt - healedAt
}
