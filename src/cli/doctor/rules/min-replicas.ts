import { followers, primaryRead, readNodes, replicaCount, tallied, tally, watching } from '../chosen.js'
import type { NodeConfig } from '../examination.js'
import type { Rule } from '../rule.js'

/** How many good replicas it asks for as a primary. A max-lag of 0 turns that off: redis `src/replication.c` checkGoodReplicasStatus(). */
function asked({ minReplicas, minReplicasMaxLagSeconds }: NodeConfig): number {
  return minReplicasMaxLagSeconds === 0 ? 0 : minReplicas
}

function askedText(config: NodeConfig): string {
  const { minReplicas } = config
  return asked(config) === minReplicas
    ? String(minReplicas)
    : `${minReplicas}, which counts as 0: min-replicas-max-lag says 0`
}

export const minReplicasOff: Rule = {
  code: 'min-replicas-off',
  severity: 'warning',
  meaning:
    'min-replicas-to-write is 0: a primary that is cut off from its replicas goes on acknowledging writes, and all of them are lost when it comes back.',
  remedy: 'CONFIG SET min-replicas-to-write 1 and CONFIG SET min-replicas-max-lag 10, at {at}',
  find: (examination) =>
    // Of one replica, both choices cost: replicasFew.
    replicaCount(examination) < 2
      ? []
      : readNodes(examination).flatMap(({ key, facts: { config } }) => {
          if (config === undefined || asked(config) > 0) return []
          return [
            { at: key, evidence: `CONFIG GET min-replicas-to-write says ${askedText(config)}`, fill: { at: key } }
          ]
        })
}

export const minReplicasUnsatisfied: Rule = {
  code: 'min-replicas-unsatisfied',
  severity: 'error',
  meaning:
    'The primary has fewer good replicas than min-replicas-to-write asks for: it refuses all writes with NOREPLICAS.',
  remedy: 'bring replicas back, or at {at}: CONFIG SET min-replicas-to-write {good}',
  find: (examination) => {
    const node = primaryRead(examination)
    const config = node?.facts.config
    if (node?.info.role.kind !== 'primary' || config === undefined) return []
    const good = followers(examination).filter(
      ({ online, lagSeconds }) => online && lagSeconds <= config.minReplicasMaxLagSeconds
    ).length
    if (good >= asked(config)) return []
    return [
      {
        at: node.key,
        evidence: `CONFIG GET min-replicas-to-write says ${config.minReplicas}; INFO replication lists ${good} that are online and have acknowledged within ${config.minReplicasMaxLagSeconds} s`,
        fill: { at: node.key, good }
      }
    ]
  }
}

export const minReplicasTooMany: Rule = {
  code: 'min-replicas-too-many',
  severity: 'warning',
  meaning:
    'min-replicas-to-write is as high as the number of replicas: when one node is lost, the primary that is left refuses all writes.',
  remedy: 'one replica more, or CONFIG SET min-replicas-to-write {fewer}, at {at}',
  find: (examination) => {
    const replicas = replicaCount(examination)
    if (replicas === 0) return []
    // Of one replica, 1 is not too many: replicasFew.
    const fewer = Math.max(1, replicas - 1)
    return readNodes(examination).flatMap(({ key, facts: { config } }) =>
      config !== undefined && asked(config) > fewer
        ? [
            {
              at: key,
              evidence: `CONFIG GET min-replicas-to-write says ${config.minReplicas}; the group has ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}, and one fewer after a failover`,
              fill: { at: key, fewer }
            }
          ]
        : []
    )
  }
}

export const replicasFew: Rule = {
  code: 'replicas-few',
  severity: 'note',
  meaning:
    'There is one replica, so that only one kind of harm can be kept away: with min-replicas-to-write 1 all writes are refused as soon as one of the two nodes is lost, with 0 a primary that is cut off loses what it acknowledges.',
  remedy:
    'a second replica, started with: replicaof {host} {port}; until then choose between refused writes (min-replicas-to-write 1) and lost ones (0), the same at both nodes',
  find: (examination) => {
    const primary = watching(examination)[0]?.group.primary
    const told = readNodes(examination).flatMap(({ key, facts: { config } }) =>
      config === undefined ? [] : [{ key, config }]
    )
    if (primary === undefined || told.length === 0 || replicaCount(examination) !== 1) return []
    const said = tallied(tally(told, (one) => askedText(one.config)))
    return [
      {
        evidence: `SENTINEL REPLICAS ${examination.name}: 1 in all; CONFIG GET min-replicas-to-write says ${said}`,
        fill: { ...primary }
      }
    ]
  }
}
