import { bytes } from '../bytes.js'
import { primaryRead, type ReadNode, replicasRead, tellingNodes } from '../chosen.js'
import type { Rule, Sign } from '../rule.js'

const FULL = 0.8
const MEMORY_FULL = 0.9

export const clientsNearlyFull: Rule = {
  code: 'maxclients-near',
  severity: 'warning',
  meaning:
    "Four fifths of maxclients are in use, or will be at a replica when a failover brings it the primary's clients: beyond it connections are refused, those of sentinels and replicas too, and after a failover all come at once.",
  remedy:
    'CONFIG SET maxclients {more}, at {at} (and the limit of open files, LimitNOFILE), or find who opens so many: CLIENT LIST',
  find: (examination) => {
    const now = tellingNodes(examination).flatMap((node) => crowded(node, node.info.clients))
    const primary = primaryRead(examination)
    if (primary === undefined) return now
    const { key, info } = primary
    const later = replicasRead(examination)
      .filter((node) => node.info.priority > 0)
      .flatMap((node) => crowded(node, info.clients, ` of the primary, ${key},`))
    return [...now, ...later.filter(({ at }) => now.every((sign) => sign.at !== at))]
  }
}

/** Whether so many clients are too many for the node. `whose`: where they are, when that is elsewhere. */
function crowded({ key, facts: { config } }: ReadNode, clients: number, whose = ''): Sign[] {
  if (config === undefined || config.maxClients === 0 || clients < config.maxClients * FULL) return []
  return [
    {
      at: key,
      evidence: `INFO clients${whose} says connected_clients:${clients}; CONFIG GET maxclients says ${config.maxClients}`,
      fill: { at: key, more: Math.max(10_000, 2 * Math.max(config.maxClients, clients)) }
    }
  ]
}

export const memoryNearlyFull: Rule = {
  code: 'memory-near',
  severity: 'warning',
  meaning: 'Nine tenths of maxmemory are in use and nothing is evicted: beyond it every write is refused with OOM.',
  remedy: 'CONFIG SET maxmemory <more>, at every node, or CONFIG SET maxmemory-policy allkeys-lru where it is a cache',
  find: (examination) =>
    tellingNodes(examination).flatMap(({ key, info: { usedMemoryBytes, maxMemoryBytes, evictionPolicy } }) =>
      maxMemoryBytes > 0 && evictionPolicy === 'noeviction' && usedMemoryBytes >= maxMemoryBytes * MEMORY_FULL
        ? [
            {
              at: key,
              evidence: `INFO memory says used_memory ${bytes(usedMemoryBytes)} of maxmemory ${bytes(maxMemoryBytes)}, maxmemory_policy:noeviction`
            }
          ]
        : []
    )
}
