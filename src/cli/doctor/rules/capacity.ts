import { bytes } from '../bytes.js'
import { readNodes } from '../chosen.js'
import type { Rule } from '../rule.js'

const FULL = 0.8
const MEMORY_FULL = 0.9

export const clientsNearlyFull: Rule = {
  code: 'maxclients-near',
  severity: 'warning',
  meaning:
    'Four fifths of maxclients are in use: beyond it connections are refused, those of sentinels and replicas too, and after a failover all come at once.',
  remedy:
    'CONFIG SET maxclients {more}, at {at} (and the limit of open files, LimitNOFILE), or find who opens so many: CLIENT LIST',
  find: (examination) =>
    readNodes(examination).flatMap(({ key, facts: { clients, config } }) =>
      config !== undefined && config.maxClients > 0 && clients >= config.maxClients * FULL
        ? [
            {
              at: key,
              evidence: `INFO clients says connected_clients:${clients}; CONFIG GET maxclients says ${config.maxClients}`,
              fill: { at: key, more: Math.max(10_000, config.maxClients * 2) }
            }
          ]
        : []
    )
}

export const memoryNearlyFull: Rule = {
  code: 'memory-near',
  severity: 'warning',
  meaning: 'Nine tenths of maxmemory are in use and nothing is evicted: beyond it every write is refused with OOM.',
  remedy: 'CONFIG SET maxmemory <more>, at every node, or CONFIG SET maxmemory-policy allkeys-lru where it is a cache',
  find: (examination) =>
    readNodes(examination).flatMap(({ key, facts: { usedMemoryBytes, maxMemoryBytes, evictionPolicy } }) =>
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
