import type { LocalProcess, LocalTopology } from 'ioredis-sentinel/testkit'
import { connectionsNamed } from './server-view.js'

/** How many sockets and timers of each kind keep this process alive. */
export function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    if (!/^(TCP|TLS|Timeout|Immediate|ConnectWrap|GetAddrInfo)/.test(kind)) continue
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/** The kinds of which there are more now than before. */
export function more(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): string[] {
  return Object.keys(now).filter((kind) => (now[kind] ?? 0) > (before[kind] ?? 0))
}

/** How many connections of a name the servers of a topology that run hold together, and all sentinel connections of ours. */
export async function connectionsLeft(topology: LocalTopology, name: string): Promise<number> {
  const count = async (servers: readonly LocalProcess[], wanted: string): Promise<number> => {
    const found = await Promise.all(
      servers.filter((server) => server.healthy).map((server) => connectionsNamed(server, wanted))
    )
    return found.flat().length
  }
  return (await count(topology.nodes, name)) + (await count(topology.sentinels, 'ioredis-sentinel'))
}
