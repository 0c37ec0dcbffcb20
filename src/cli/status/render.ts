import type { Colors } from 'picocolors/types'
import type { Replica, SentinelView, Topology } from '../../index.js'
import { formatAddress } from '../address.js'
import { plainTable, tableText } from '../plain-table.js'
import type { Assessment } from './assess.js'
import { lagBytes, tellingFlags, type Replication, type StatusFacts } from './facts.js'
import { whyNot } from './own-words.js'

const NOTHING = '–'
/** Longer texts would tear the table apart; the last line has them in full. */
const WIDEST_TEXT = 48

/** What people read: two tables, and a last line that says how it is. */
export function renderStatus(facts: StatusFacts, assessment: Assessment, colour: Colors): string {
  const { topology } = facts
  const parts = [
    `${colour.bold(topology.name)}  phase ${topology.phase.kind}  config epoch ${epochText(topology.configEpoch)}  quorum ${topology.settings?.quorum ?? NOTHING}`,
    ...(topology.primary === undefined && topology.replicas.length === 0
      ? []
      : [nodesTable(topology, facts.replication)]),
    sentinelsTable(facts),
    lastLine(assessment, colour)
  ]
  return parts.join('\n\n')
}

function epochText(epoch: number): string {
  return epoch < 0 ? NOTHING : String(epoch)
}

function nodesTable({ primary, replicas }: Topology, replication: Replication | undefined): string {
  const table = plainTable(['role', 'address', 'link', 'lag', 'flags', 'priority'])
  if (primary !== undefined) {
    table.push([
      'primary',
      formatAddress(primary.address),
      NOTHING,
      NOTHING,
      primary.confirmed ? NOTHING : 'not confirmed',
      NOTHING
    ])
  }
  for (const replica of replicas) {
    const lag = lagBytes(formatAddress(replica.address), replication)
    const flags = tellingFlags(replica.flags).join(', ')
    table.push([
      'replica',
      formatAddress(replica.address),
      linkText(replica),
      lag === undefined ? NOTHING : `${lag.toLocaleString('en-US')} B`,
      flags === '' ? NOTHING : flags,
      String(replica.priority)
    ])
  }
  return tableText(table)
}

function linkText(replica: Replica): string {
  if (replica.down) return NOTHING
  return replica.linkUp ? 'up' : `down for ${(replica.linkDownMs / 1000).toFixed(1)} s`
}

function sentinelsTable({ topology, quorumChecks }: StatusFacts): string {
  const table = plainTable(['sentinel', 'answers', 'names as primary', 'epoch', 'others', 'tilt', 'quorum check'])
  for (const sentinel of topology.sentinels) {
    const check = quorumChecks[sentinel.key]
    table.push([
      sentinel.key,
      sentinel.reachable ? 'yes' : shortened(`no: ${whyNot(sentinel) ?? 'silent'}`),
      namedText(sentinel),
      String(sentinel.configEpoch ?? NOTHING),
      String(sentinel.others ?? NOTHING),
      sentinel.tilt ? 'TILT' : 'no',
      check === undefined || !sentinel.reachable ? NOTHING : shortened(check.text.split('. ')[0] ?? '')
    ])
  }
  return tableText(table)
}

function namedText(sentinel: SentinelView): string {
  if (sentinel.unknownName) return 'does not know the group'
  return sentinel.primary === undefined ? NOTHING : formatAddress(sentinel.primary)
}

function shortened(text: string): string {
  return text.length <= WIDEST_TEXT ? text : `${text.slice(0, WIDEST_TEXT - 1)}…`
}

function lastLine({ health, problems }: Assessment, colour: Colors): string {
  if (health === 'healthy') return colour.green('healthy')
  return colour.red(`${health}: ${problems.join('; ')}`)
}

/** What programs read. */
export function statusJson(facts: StatusFacts, assessment: Assessment): object {
  const { topology } = facts
  return {
    name: topology.name,
    health: assessment.health,
    problems: assessment.problems,
    phase: topology.phase.kind,
    configEpoch: topology.configEpoch < 0 ? null : topology.configEpoch,
    settings: topology.settings ?? null,
    primary: topology.primary === undefined ? null : formatAddress(topology.primary.address),
    replicas: topology.replicas.map((replica) => ({
      address: formatAddress(replica.address),
      down: replica.down,
      linkUp: replica.linkUp,
      linkDownMs: replica.linkDownMs,
      lagBytes: lagBytes(formatAddress(replica.address), facts.replication) ?? null,
      priority: replica.priority,
      flags: replica.flags
    })),
    sentinels: topology.sentinels.map((sentinel) => ({
      address: sentinel.key,
      id: sentinel.id ?? null,
      reachable: sentinel.reachable,
      error: sentinel.error ?? null,
      primary: sentinel.primary === undefined ? null : formatAddress(sentinel.primary),
      configEpoch: sentinel.configEpoch ?? null,
      others: sentinel.others ?? null,
      tilt: sentinel.tilt,
      knowsName: sentinel.reachable ? !sentinel.unknownName : null,
      quorumCheck: facts.quorumChecks[sentinel.key] ?? null
    }))
  }
}
