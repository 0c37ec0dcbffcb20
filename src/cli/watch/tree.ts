import type { Colors } from 'picocolors/types'
import type { Replica, SentinelView, Topology } from '../../index.js'
import { formatAddress } from '../address.js'
import { lagShare } from '../lag-share.js'
import { lagBytes, tellingFlags, type Replication } from '../status/facts.js'
import { whyNot } from '../status/own-words.js'
import { phaseText } from './happenings.js'

const BAR = 20

/** The topology as lines of a tree: the primary with its replicas and how far they are behind, and the sentinels. */
export interface Tree {
  /** The name of the group, and how it is. */
  readonly head: string
  /** The primary. */
  readonly root: string
  readonly replicas: readonly string[]
  readonly sentinels: readonly string[]
}

export function treeOf(topology: Topology, replication: Replication | undefined, colour: Colors): Tree {
  const { primary, replicas, sentinels, name, configEpoch, settings } = topology
  const epoch = configEpoch < 0 ? '–' : String(configEpoch)
  const head = `${colour.bold(name)}  ${phaseColour(topology, colour)}  epoch ${epoch}  quorum ${settings?.quorum ?? '–'}`
  const root =
    primary === undefined ? colour.red('no primary') : `${colour.green('primary')}  ${formatAddress(primary.address)}`
  return {
    head,
    root,
    replicas: replicas.map((replica) => replicaLine(replica, replication, colour)),
    sentinels: sentinels.map((one) => sentinelLine(one, topology, colour))
  }
}

/** How far behind. */
export function lagBar(bytes: number): string {
  const filled = Math.round(lagShare(bytes) * BAR)
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`
}

function phaseColour(topology: Topology, colour: Colors): string {
  const text = phaseText(topology)
  return topology.phase.kind === 'stable' ? colour.green(text) : colour.yellow(text)
}

function replicaLine(replica: Replica, replication: Replication | undefined, colour: Colors): string {
  const address = formatAddress(replica.address)
  if (replica.down) return colour.red(`replica  ${address}  down (${tellingFlags(replica.flags).join(', ')})`)
  if (!replica.linkUp)
    return colour.yellow(`replica  ${address}  link down for ${(replica.linkDownMs / 1000).toFixed(1)} s`)
  const lag = lagBytes(address, replication)
  return `replica  ${address}  ${lag === undefined ? 'lag unknown' : `${lagBar(lag)} ${lag.toLocaleString('en-US')} B behind`}`
}

function sentinelLine(sentinel: SentinelView, { primary }: Topology, colour: Colors): string {
  const name = `sentinel ${sentinel.key}`
  if (!sentinel.reachable) return colour.red(`${name}  does not answer: ${whyNot(sentinel) ?? 'silent'}`)
  if (sentinel.unknownName) return colour.red(`${name}  does not know the group`)
  const notes = [`epoch ${sentinel.configEpoch ?? '–'}`, `${sentinel.others ?? '–'} others`]
  if (sentinel.tilt) notes.push(colour.red('TILT'))
  const named = sentinel.primary === undefined ? undefined : formatAddress(sentinel.primary)
  if (named !== undefined && primary !== undefined && named !== formatAddress(primary.address))
    notes.push(colour.yellow(`names ${named}`))
  return `${name}  ${notes.join(', ')}`
}
