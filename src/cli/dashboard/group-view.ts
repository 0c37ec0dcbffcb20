import type { Replica, SentinelView, Topology } from '../../index.js'
import { formatAddress } from '../address.js'
import { lagBytes, type Replication, tellingFlags } from '../status/facts.js'
import { whyNot } from '../status/own-words.js'
import { phaseText } from '../watch/happenings.js'
import type { GroupView, NodeNumbers, NodeView, SentinelCard } from './messages.js'
import { refusesInfo } from './refusal.js'

/** The group as the page shows it: what this client believes, with what the nodes say of themselves. */
export function groupView(
  topology: Topology,
  numbersOf: (address: string) => NodeNumbers,
  replication: Replication | undefined
): GroupView {
  const { name, phase, configEpoch, settings, primary, replicas, sentinels } = topology
  const candidate = candidateOf(topology)
  const node = (replica: Replica): NodeView => {
    const address = formatAddress(replica.address)
    const { state, note } = replicaState(replica)
    return {
      address,
      role: 'replica',
      state,
      note,
      candidate: address === candidate,
      lagBytes: state === 'up' ? (lagBytes(address, replication) ?? null) : null,
      priority: replica.priority,
      numbers: numbersOf(address)
    }
  }
  const first = primary === undefined ? [] : [primaryNode(topology, formatAddress(primary.address), numbersOf)]
  return {
    name,
    phase: phase.kind,
    phaseText: phaseText(topology),
    epoch: configEpoch < 0 ? null : configEpoch,
    quorum: settings?.quorum ?? null,
    downAfterMs: settings?.downAfterMs ?? null,
    nodes: [...first, ...replicas.map(node).sort((a, b) => (a.address < b.address ? -1 : 1))],
    sentinels: sentinels.map((one) => sentinelCard(one, topology))
  }
}

function candidateOf({ phase }: Topology): string | undefined {
  if (phase.kind === 'verifying') return formatAddress(phase.candidate)
  return phase.kind === 'failover' && phase.candidate !== undefined ? formatAddress(phase.candidate.address) : undefined
}

function primaryNode(
  { phase, primary }: Topology,
  address: string,
  numbersOf: (address: string) => NodeNumbers
): NodeView {
  const suspected = phase.kind === 'suspect' || phase.kind === 'failover' || phase.kind === 'verifying'
  const numbers = numbersOf(address)
  const isSilent = numbers.error !== '' && !refusesInfo(numbers.error)
  return {
    address,
    role: 'primary',
    state: suspected ? (isSilent ? 'down' : 'link-down') : 'up',
    note: suspected
      ? phase.kind === 'suspect'
        ? `suspected: ${phase.by}`
        : 'being replaced'
      : primary?.confirmed === false
        ? 'not confirmed yet'
        : '',
    candidate: false,
    lagBytes: null,
    priority: null,
    numbers
  }
}

function replicaState(replica: Replica): Pick<NodeView, 'state' | 'note'> {
  const flags = tellingFlags(replica.flags).join(', ')
  if (replica.down) return { state: 'down', note: flags === '' ? 'down' : flags }
  if (replica.linkUp) return { state: 'up', note: '' }
  const seconds = (replica.linkDownMs / 1000).toFixed(1)
  return { state: 'link-down', note: replica.linkDownMs < 100 ? 'link down' : `link down for ${seconds} s` }
}

function sentinelCard(sentinel: SentinelView, { phase, primary }: Topology): SentinelCard {
  const names = sentinel.primary === undefined ? null : formatAddress(sentinel.primary)
  const leader = phase.kind === 'failover' ? phase.candidate?.leader : undefined
  const notes = [
    ...(sentinel.reachable ? [] : [whyNot(sentinel) ?? 'does not answer']),
    ...(sentinel.unknownName ? ['does not know the group'] : []),
    ...(sentinel.tilt ? ['TILT'] : []),
    ...(sentinel.judgement === undefined || sentinel.judgement.verdict === 'up'
      ? []
      : [`sees the primary ${sentinel.judgement.verdict}`]),
    ...(names !== null && primary !== undefined && names !== formatAddress(primary.address) ? [`names ${names}`] : [])
  ]
  return {
    address: sentinel.key,
    reachable: sentinel.reachable,
    note: notes.join(', '),
    names,
    epoch: sentinel.configEpoch ?? null,
    others: sentinel.others ?? null,
    leads: sentinel.key === leader
  }
}
