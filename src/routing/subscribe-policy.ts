import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import { successorIn } from '../topology/phase.js'
import type { Replica, Topology } from '../topology/topology.js'

export const SUBSCRIBE_POLICIES = ['primary', 'replica', 'replicaPreferred'] as const

/**
 * `primary`: on the client's own connection. `replica`: at a replica; while there is none, subscriptions wait.
 * `replicaPreferred`: at a replica, and at the primary while there is none.
 */
export type SubscribeTo = (typeof SUBSCRIBE_POLICIES)[number]

/** A node that subscriptions may be at. */
export interface FeedNode {
  readonly address: Address
  readonly role: 'primary' | 'replica'
}

export interface FeedChoice {
  readonly policy: SubscribeTo
  readonly topology: Topology
  /** It is in the client's own zone. */
  readonly isNear: (address: Address) => boolean
  /** It was tried in vain a moment ago. */
  readonly isAvoided: (address: Address) => boolean
  /** Has clients begin with different replicas. */
  readonly turn: number
  /** The primary is a new one, which its replicas do not follow yet. */
  readonly isNewPrimary: boolean
}

/** Where subscriptions may be made, the best first. */
export function feedNodes({
  policy,
  topology,
  isNear,
  isAvoided,
  turn,
  isNewPrimary
}: FeedChoice): readonly FeedNode[] {
  const fit = topology.replicas.filter((replica) => isFit(replica, topology)).map(({ address }) => address)
  const turned = fit.map((_, index) => fit[(index + turn) % fit.length] as Address)
  const rank = (address: Address): number => (isAvoided(address) ? 2 : 0) + (isNear(address) ? 0 : 1)
  const replicas = turned
    .toSorted((a, b) => rank(a) - rank(b))
    .map((address): FeedNode => ({ address, role: 'replica' }))
  const { primary } = topology
  if (policy === 'replica' || primary === undefined) return replicas
  const atPrimary: FeedNode = { address: primary.address, role: 'primary' }
  return isNewPrimary ? [atPrimary, ...replicas] : [...replicas, atPrimary]
}

/**
 * Replicas that are said to hear nothing, to be tried when no other node can be had: what sentinels say of a link is up to ten seconds old
 * (redis `src/sentinel.c` sentinel_info_period).
 */
export function doubtfulFeedNodes({ topology }: Pick<FeedChoice, 'topology'>): readonly FeedNode[] {
  return topology.replicas
    .filter(({ address, down }) => !down && !sameAddress(successorIn(topology), address))
    .filter((replica) => !isFit(replica, topology))
    .map(({ address }) => ({ address, role: 'replica' }))
}

/** One whose link to a living primary is down hears nothing; a chosen one cuts off its clients when it is promoted. */
function isFit({ address, down, linkUp }: Replica, topology: Topology): boolean {
  return !down && (linkUp || topology.phase.kind !== 'stable') && !sameAddress(successorIn(topology), address)
}

/**
 * Whether subscriptions should be elsewhere. `gone`: they are at a node that is no primary any more. `deaf`: their replica is down,
 * removed or cut off, as the sentinels see it. `could-be-better`: they are at the primary, and a replica is preferred.
 */
export type ReasonToLeave = 'gone' | 'deaf' | 'could-be-better'

export function reasonToLeave({ address, role }: FeedNode, topology: Topology): ReasonToLeave | undefined {
  const isPrimary = sameAddress(topology.primary?.address, address)
  if (role === 'primary' && !isPrimary) return 'gone'
  // While there is no primary, no replica hears anything, and lists are being made anew.
  if (topology.phase.kind !== 'stable') return undefined
  if (isPrimary) return 'could-be-better'
  const replica = topology.replicas.find((one) => sameAddress(one.address, address))
  return replica === undefined || !isFit(replica, topology) ? 'deaf' : undefined
}
