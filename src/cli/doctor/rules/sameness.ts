import { readNodes, readSentinels, tallied, tally, tellingNodes } from '../chosen.js'
import { exactBytes } from '../bytes.js'
import type { Rule } from '../rule.js'

export const versionsDiffer: Rule = {
  code: 'versions-differ',
  severity: 'warning',
  meaning:
    'The servers are of different versions: an older replica may not be able to load what a newer primary sends, and then there is nothing to fail over to.',
  remedy: 'end the upgrade: replicas first, then a failover, the old primary last; sentinels one after the other',
  find: (examination) =>
    [['nodes', readNodes(examination)] as const, ['sentinels', readSentinels(examination)] as const].flatMap(
      ([kind, servers]) => {
        const told = servers.flatMap(({ key, facts: { version } }) => (version === undefined ? [] : [{ key, version }]))
        const versions = tally(told, ({ version }) => version)
        return versions.size < 2 ? [] : [{ evidence: `INFO server of the ${kind}: ${tallied(versions)}` }]
      }
    )
}

export const memoryDiffers: Rule = {
  code: 'maxmemory-differs',
  severity: 'warning',
  meaning:
    'Nodes have different maxmemory or maxmemory-policy: after a failover the new primary evicts or refuses what the old one kept.',
  remedy: 'CONFIG SET maxmemory {value} and CONFIG SET maxmemory-policy {policy}, at every node',
  find: (examination) => {
    const nodes = tellingNodes(examination)
    const said = tally(nodes, ({ info }) => `${exactBytes(info.maxMemoryBytes)}, ${info.evictionPolicy}`)
    if (said.size < 2) return []
    const value = Math.max(...nodes.map(({ info }) => info.maxMemoryBytes))
    const unlimited = nodes.some(({ info }) => info.maxMemoryBytes === 0)
    const policy = nodes.find(({ info }) => info.role.kind === 'primary')?.info.evictionPolicy ?? 'noeviction'
    return [{ evidence: `INFO memory: maxmemory ${tallied(said)}`, fill: { value: unlimited ? 0 : value, policy } }]
  }
}
