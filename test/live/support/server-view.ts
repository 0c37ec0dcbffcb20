import type { LocalNode, LocalProcess, LocalTopology } from 'ioredis-sentinel/testkit'
import { expect, vi } from 'vitest'

export type ConnectedClient = Readonly<Record<string, string>>

/** CLIENT LIST of one server: every connection that it has, as it sees them. */
export async function connectionsTo(server: LocalProcess): Promise<ConnectedClient[]> {
  const lines = String(await server.command('CLIENT', 'LIST'))
    .trim()
    .split('\n')
  return lines.map((line) => {
    const fields = line.split(' ').map((field) => {
      const at = field.indexOf('=')
      return [field.slice(0, at), field.slice(at + 1)]
    })
    return Object.fromEntries(fields) as ConnectedClient
  })
}

/** Those of them that were given this name by CLIENT SETNAME. */
export async function connectionsNamed(server: LocalProcess, name: string): Promise<ConnectedClient[]> {
  return (await connectionsTo(server)).filter((client) => client['name'] === name)
}

/** Closes every connection of this name, as a broken network would; resolves with how many there were. */
export async function killConnections(server: LocalProcess, name: string): Promise<number> {
  const found = await connectionsNamed(server, name)
  await Promise.all(found.map(({ id }) => server.command('CLIENT', 'KILL', 'ID', id ?? '')))
  return found.length
}

/** How often a node has executed a command since CONFIG RESETSTAT, by INFO commandstats. */
export async function executed(node: LocalNode, command: string): Promise<number> {
  const info = String(await node.command('INFO', 'commandstats'))
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(info)?.[1] ?? 0)
}

export async function resetStatistics(nodes: readonly LocalNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.command('CONFIG', 'RESETSTAT')))
}

/** Asks until `check` no longer throws. */
export async function eventually(check: () => unknown, timeout = 30_000): Promise<void> {
  await vi.waitFor(check, { timeout, interval: 20 })
}

/** Resolves when every replica holds what the primary holds now. */
export async function replicated(primary: LocalNode, replicas: readonly LocalNode[]): Promise<void> {
  const offsetOf = async (node: LocalNode, field: string): Promise<number> => {
    const info = String(await node.command('INFO', 'replication'))
    return Number(new RegExp(`${field}:(\\d+)`).exec(info)?.[1])
  }
  const written = await offsetOf(primary, 'master_repl_offset')
  await eventually(async () => {
    for (const replica of replicas) expect(await offsetOf(replica, 'slave_repl_offset')).toBeGreaterThanOrEqual(written)
  })
}

/** How many links of this library's clients each sentinel has. */
export function linksPerSentinel({ sentinels }: LocalTopology): Promise<number[]> {
  return Promise.all(sentinels.map(async (sentinel) => (await connectionsNamed(sentinel, 'ioredis-sentinel')).length))
}

/** Resolves when all clients of this process have one link a sentinel together; one that a busy machine has lost comes back. */
export async function linkedOnce(topology: LocalTopology): Promise<void> {
  await eventually(async () => {
    expect(await linksPerSentinel(topology)).toEqual(topology.sentinels.map(() => 1))
  }, 20_000)
}
