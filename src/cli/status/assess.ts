import type { SentinelView, Topology } from '../../index.js'
import { formatAddress } from '../address.js'
import { withFlags } from '../with-flags.js'
import { tellingFlags, type StatusFacts } from './facts.js'
import { whyNot } from './own-words.js'

export type Health = 'healthy' | 'degraded' | 'unreachable'

export interface Assessment {
  readonly health: Health
  /** Each in a sentence; empty when healthy. */
  readonly problems: readonly string[]
}

/** Decides whether the group could serve now and survive the loss of its primary, and says what speaks against it. */
export function assess(facts: StatusFacts): Assessment {
  const { topology, connectError } = facts
  const answering = topology.sentinels.filter((sentinel) => sentinel.reachable)
  if (answering.length === 0) {
    const errors = listed(byText(topology.sentinels, (sentinel) => whyNot(sentinel) ?? 'no answer'))
    return { health: 'unreachable', problems: ['no sentinel can be asked', ...errors.map(withFlags)] }
  }
  if (connectError !== undefined && answering.every((sentinel) => sentinel.unknownName)) {
    return { health: 'degraded', problems: [withFlags(connectError)] }
  }
  const problems = [
    ...primaryProblems(facts),
    ...replicaProblems(topology),
    ...topology.sentinels.flatMap((sentinel) => sentinelProblems(sentinel, topology)),
    ...disagreements(answering),
    ...quorumProblems(facts, answering)
  ]
  return { health: problems.length === 0 ? 'healthy' : 'degraded', problems }
}

function primaryProblems({ topology, connectError }: StatusFacts): string[] {
  const problems: string[] = []
  const { phase } = topology
  if (connectError !== undefined) problems.push(withFlags(connectError))
  else if (topology.primary === undefined) problems.push('there is no primary')
  switch (phase.kind) {
    case 'suspect':
      problems.push(`the primary is suspected to be down (${phase.by})`)
      break
    case 'failover':
      problems.push('a failover is under way')
      break
    case 'verifying':
      if (connectError === undefined) {
        problems.push(`${formatAddress(phase.candidate)} was named as the new primary and has not been seen to be one`)
      }
      break
    case 'unknown':
    case 'stable':
      break
  }
  return problems
}

function replicaProblems({ primary, replicas }: Topology): string[] {
  if (primary === undefined) return []
  if (replicas.length === 0) return ['there is no replica: nothing could be promoted']
  const problems = replicas.flatMap((replica) => {
    const name = `replica ${formatAddress(replica.address)}`
    if (replica.down) return [`${name} is down (${tellingFlags(replica.flags).join(', ')})`]
    return replica.linkUp ? [] : [`${name} has lost its link to the primary, ${replica.linkDownMs} ms ago`]
  })
  if (replicas.every((replica) => replica.priority === 0)) {
    problems.push('no replica may be promoted: all have replica-priority 0')
  }
  return problems
}

function sentinelProblems(sentinel: SentinelView, { sentinels }: Topology): string[] {
  const name = `sentinel ${sentinel.key}`
  if (!sentinel.reachable) return [withFlags(`${name} is not reachable: ${whyNot(sentinel) ?? 'no answer'}`)]
  const problems: string[] = []
  if (sentinel.unknownName) problems.push(`${name} does not know the group`)
  if (sentinel.tilt) problems.push(`${name} is in TILT: it distrusts its clock and takes part in no failover`)
  const seen = sentinels.length - 1
  if (sentinel.others !== undefined && sentinel.others !== seen) {
    problems.push(`${name} knows ${sentinel.others} other sentinels, ${seen} are seen from here`)
  }
  return problems
}

function disagreements(answering: readonly SentinelView[]): string[] {
  const problems: string[] = []
  const list = (byValue: ByText): string =>
    [...byValue].map(([value, keys]) => `${value} by ${keys.join(', ')}`).join('; ')
  const primaries = byText(answering, (sentinel) =>
    sentinel.primary === undefined ? undefined : formatAddress(sentinel.primary)
  )
  if (primaries.size > 1) problems.push(`the sentinels name different primaries: ${list(primaries)}`)
  const epochs = byText(answering, (sentinel) => sentinel.configEpoch?.toString())
  if (epochs.size > 1) problems.push(`the sentinels hold different config epochs: ${list(epochs)}`)
  return problems
}

type ByText = ReadonlyMap<string, readonly string[]>

/** Which sentinels say the same. */
function byText(sentinels: readonly SentinelView[], value: (sentinel: SentinelView) => string | undefined): ByText {
  const found = new Map<string, string[]>()
  for (const sentinel of sentinels) {
    const text = value(sentinel)
    if (text !== undefined) found.set(text, [...(found.get(text) ?? []), sentinel.key])
  }
  return found
}

function listed(found: ByText): string[] {
  return [...found].map(([text, keys]) => `${keys.join(', ')}: ${text}`)
}

function quorumProblems({ quorumChecks }: StatusFacts, answering: readonly SentinelView[]): string[] {
  return answering.flatMap(({ key, unknownName }) => {
    const check = quorumChecks[key]
    return check === undefined || check.ok || unknownName ? [] : [`sentinel ${key}: ${check.text}`]
  })
}
