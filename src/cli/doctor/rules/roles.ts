import { isIP } from 'node:net'
import type { Address } from '../../../index.js'
import { formatAddress } from '../../address.js'
import { withFlags } from '../../with-flags.js'
import {
  isSameNode,
  namedPrimary,
  primaryRead,
  readNodes,
  replicaCount,
  replicasRead,
  saying,
  tellingNodes,
  watching
} from '../chosen.js'
import type { Examination } from '../examination.js'
import type { Rule } from '../rule.js'

export const noPrimary: Rule = {
  code: 'no-primary',
  severity: 'error',
  meaning: 'A client gets no connection to a primary: nothing can be written.',
  remedy:
    'see what else is found here, and whether name and password are right; when a failover is possible and does not begin by itself: SENTINEL FAILOVER {name}',
  find: ({ connectError }) =>
    connectError === undefined ? [] : [{ evidence: `connecting as a client: ${withFlags(connectError)}` }]
}

export const primaryIsReplica: Rule = {
  code: 'primary-is-replica',
  severity: 'error',
  meaning: 'The node that the sentinels name as the primary says that it is a replica: it refuses writes.',
  remedy: 'at {at}: REPLICAOF NO ONE if it holds the newest data, otherwise SENTINEL FAILOVER {name}',
  find: (examination) => {
    const node = primaryRead(examination)
    if (node?.info.role.kind !== 'replica') return []
    return [
      {
        at: node.key,
        evidence: `INFO replication says that it is a replica of ${formatAddress(node.info.role.of)}`,
        fill: { at: node.key }
      }
    ]
  }
}

export const severalPrimaries: Rule = {
  code: 'several-primaries',
  severity: 'error',
  meaning:
    'A node that the sentinels do not name says that it is a primary: what is written there is lost when it is made a replica.',
  remedy:
    'at {at}: REPLICAOF {host} {port}, after saving what it alone holds; sentinels do that by themselves within seconds if they reach it and may',
  find: (examination) => {
    const named = namedPrimary(examination)
    const primary = watching(examination).find(({ group }) => formatAddress(group.primary) === named)?.group.primary
    return replicasRead(examination).flatMap(({ key, info }) =>
      info.role.kind === 'primary'
        ? [
            {
              at: key,
              evidence: `INFO replication says that it is a primary; the sentinels name ${named ?? 'none'}`,
              fill: { at: key, host: primary?.host ?? '<host>', port: primary?.port ?? '<port>' }
            }
          ]
        : []
    )
  }
}

export const followsAnother: Rule = {
  code: 'follows-another',
  severity: 'error',
  meaning:
    'A replica follows another node than the primary: it is behind by one more step, or holds what nobody else has.',
  remedy: 'at {at}: REPLICAOF {host} {port}; sentinels do that by themselves within seconds if they reach it and may',
  find: (examination) => {
    const named = namedPrimary(examination)
    const addresses = new Map(examination.nodes.map(({ key, address }) => [key, address]))
    const primary = addresses.get(named ?? '')
    if (primary === undefined) return []
    return replicasRead(examination).flatMap(({ key, info: { role } }) => {
      if (role.kind === 'primary' || formatAddress(role.of) === named) return []
      if (leadsToPrimary(examination, role.of, primary)) return []
      return [
        {
          at: key,
          evidence: `INFO replication says that it follows ${formatAddress(role.of)}; the sentinels name ${named}`,
          fill: { at: key, ...primary }
        }
      ]
    })
  }
}

/** Whether an address that is not the primary's may be another of its addresses. */
function leadsToPrimary(examination: Examination, followed: Address, primary: Address): boolean {
  const key = formatAddress(followed)
  const node = readNodes(examination).find((one) => one.key === key)
  const named = primaryRead(examination)
  if (node !== undefined) return named !== undefined && isSameNode(node, named)
  if (examination.nodes.some((one) => one.key === key)) return false
  // A name and an IP address of one node, as where only the sentinels announce names. Two of the same kind differ: sentinels set that right.
  return followed.port === primary.port && (isIP(followed.host) === 0) !== (isIP(primary.host) === 0)
}

export const noReplica: Rule = {
  code: 'no-replica',
  severity: 'error',
  meaning: 'There is no replica: when the primary is lost, nothing can be promoted, and its data is gone with it.',
  remedy: 'start a node with: replicaof {host} {port}',
  find: (examination) => {
    const [view] = watching(examination)
    if (view === undefined || saying(examination, 'replicas').length === 0 || replicaCount(examination) > 0) return []
    const listed = examination.nodes.length > 1 ? 'the primary alone, under another address' : 'none'
    return [{ evidence: `SENTINEL REPLICAS ${examination.name} lists ${listed}`, fill: { ...view.group.primary } }]
  }
}

export const noCandidate: Rule = {
  code: 'no-candidate',
  severity: 'error',
  meaning: 'Every replica has replica-priority 0: none may be promoted.',
  remedy: 'CONFIG SET replica-priority 100, at those that may become the primary',
  find: (examination) => {
    const replicas = tellingNodes(examination).filter(({ info }) => info.role.kind === 'replica')
    if (replicas.length === 0 || replicas.some(({ info }) => info.priority > 0)) return []
    // One that is not reachable from here, or refuses INFO, may have another priority.
    if (replicas.length < replicaCount(examination)) return []
    return [{ evidence: `INFO replication says slave_priority:0 at ${replicas.map(({ key }) => key).join(', ')}` }]
  }
}
