import { formatAddress, sameAddress } from '../protocol/address.js'
import type { Address } from '../protocol/address.js'
import { standingOf } from '../protocol/flags.js'
import type { Claim } from './select.js'
import { groupSize, voices } from './select.js'
import type { NodeWord } from './state.js'
import type { SentinelView } from './topology.js'
import { majority } from './topology.js'

/** Without a majority, this long after the first answer the words of the nodes are taken instead of waiting for the other sentinels to fail. */
export const OPEN_BY_NODES_AFTER_MS = 250

export interface OpeningEvidence {
  readonly sentinels: readonly SentinelView[]
  /** What nodes said of themselves so far. */
  readonly nodes: readonly NodeWord[]
  /** How long ago the first sentinel answered. */
  readonly heardForMs: number
}

/**
 * The claim to start with, or undefined while it is worth waiting. A majority decides at once, of the group and of the sentinels
 * that this client asks. Without one the highest epoch does, when every sentinel has answered or failed, or when the nodes bear
 * it out. `contradicted`: few sentinels can be heard, and another node says that it is the primary too.
 */
export function openingClaim(
  evidence: OpeningEvidence,
  standing: readonly Claim[]
): Claim | 'contradicted' | undefined {
  const { sentinels, nodes, heardForMs } = evidence
  const [top] = standing
  if (top === undefined) return undefined
  if (top.by.length >= majority(Math.max(groupSize(sentinels), sentinels.length))) return top
  if (isMinority(sentinels) && nodes.some((node) => node.role === 'primary' && !sameAddress(node.address, top.address)))
    return 'contradicted'
  const settled = sentinels.every((view) => view.seenAt > 0 || view.error !== undefined)
  if (settled) return top
  return heardForMs >= OPEN_BY_NODES_AFTER_MS && isBorneOut(top, nodes) ? top : undefined
}

/** Whose word a start weighs: where the sober ones are too few, that of those in TILT too. They distrust their clock, and still know the last epoch. */
export function openingVoices(sentinels: readonly SentinelView[]): readonly SentinelView[] {
  const sober = voices(sentinels)
  return sober.length >= majority(groupSize(sentinels)) ? sober : sentinels.filter((view) => view.reachable)
}

/** Fewer sentinels answer than would have to agree. */
export function isMinority(sentinels: readonly SentinelView[]): boolean {
  return openingVoices(sentinels).length < majority(groupSize(sentinels))
}

/** All nodes that can be asked whether a claim is true: those that it is about, by any sentinel that answers. */
export function nodesNamed(sentinels: readonly SentinelView[]): {
  readonly primaries: readonly Address[]
  readonly replicas: readonly Address[]
} {
  const heard = openingVoices(sentinels)
  const primaries = distinct(heard.flatMap(({ primary }) => (primary === undefined ? [] : [primary])))
  const replicas = distinct(heard.flatMap((view) => view.replicas.map(({ address }) => address)))
  return {
    primaries,
    replicas: replicas.filter((replica) => !primaries.some((primary) => sameAddress(primary, replica)))
  }
}

/** It says itself that it is the primary, and all that its sentinels hold to be its living replicas, one at least, say that they are replicas. */
function isBorneOut({ address, by }: Claim, nodes: readonly NodeWord[]): boolean {
  if (by.some((view) => view.tilt)) return false
  const roleOf = (wanted: Address): NodeWord['role'] | undefined =>
    nodes.find((node) => sameAddress(node.address, wanted))?.role
  const living = by.flatMap((view) => view.replicas.filter(({ flags }) => standingOf(flags) === 'up'))
  return roleOf(address) === 'primary' && living.length > 0 && living.every((one) => roleOf(one.address) === 'replica')
}

function distinct(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()]
}
