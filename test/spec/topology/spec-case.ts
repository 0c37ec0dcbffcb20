import type { PromotionMode } from '../../../src/topology/reduce.js'
import type { Phase, SentinelSettings, Suspicion } from '../../../src/topology/topology.js'

/** Nodes are 10.0.0.1:6379 … 10.0.0.5:6379. */
export type NodeName = 'A' | 'B' | 'C' | 'D' | 'E'

/** What a sentinel answers. Left out: it knows two others, sees its primary up and the replicas B and C, and is called after its key. */
export interface Says {
  readonly primary: NodeName
  readonly epoch: number
  /** The address in SENTINEL MASTER, where it is not the primary's. */
  readonly judged?: NodeName
  readonly flags?: readonly string[]
  readonly others?: number
  readonly id?: string
  /** Names, or a name with flags. */
  readonly replicas?: readonly (
    NodeName | { readonly node: NodeName; readonly flags: readonly string[]; readonly linkUp?: boolean }
  )[]
  readonly settings?: SentinelSettings
  readonly tilt?: boolean
}

/** One observation; `after`: how many milliseconds after the one before, 10 if left out. */
export type Seen = { readonly after?: number } & (
  | { readonly sentinel: string; readonly added: true }
  | { readonly sentinel: string; readonly removed: true }
  | { readonly sentinel: string; readonly lost: string }
  | { readonly sentinel: string; readonly says: Says }
  | { readonly sentinel: string; readonly knowsNoSuchGroup: true }
  /** A message as it is on the wire, with `{A}` for a node: `master mymaster {A} #quorum 2/2`, `slave {B} @ mymaster {A}`. */
  | { readonly sentinel: string; readonly publishes: string; readonly message: string }
  | { readonly node: NodeName; readonly role: 'primary' | 'replica' }
  | { readonly node: NodeName; readonly error: 'link-lost' | 'refused' }
  | { readonly tick: true }
)

export interface Outcome {
  readonly primary: NodeName | undefined
  /** Of the topology: the one that the primary was taken with. */
  readonly epoch: number
  readonly phase: Phase['kind']
  /** True if left out, where there is a primary. */
  readonly confirmed?: boolean
  readonly by?: Suspicion
  /** Of a failover, or the node that is verified. */
  readonly candidate?: NodeName
  readonly leader?: string
  readonly failoverEpoch?: number
  readonly replicas?: Partial<Record<NodeName, 'up' | 'down' | 'link down'>>
  readonly reachable?: readonly string[]
  readonly unknownName?: readonly string[]
  readonly settings?: SentinelSettings
  /** The topology's revision is what it was before this step. */
  readonly unchanged?: true
}

export interface Step {
  readonly why: string
  readonly seen: readonly Seen[]
  readonly outcome: Outcome
}

export interface SpecCase {
  readonly description: string
  /** `fast` if left out. An unconfirmed promotion and an unverified claim have 5000 ms. */
  readonly promotion?: PromotionMode
  readonly steps: readonly Step[]
}

export const SENTINELS = ['s1', 's2', 's3'] as const

export const allAdded: readonly Seen[] = SENTINELS.map((sentinel) => ({ sentinel, added: true }))

export function allSay(says: Says): readonly Seen[] {
  return SENTINELS.map((sentinel) => ({ sentinel, says }))
}

export function allLost(reason = 'connect ECONNREFUSED'): readonly Seen[] {
  return SENTINELS.map((sentinel) => ({ sentinel, lost: reason }))
}

/** A group in which all is well: A is the primary by epoch 1, B and C follow it. */
export const stable: Step = {
  why: 'three sentinels name A by epoch 1, and A says so itself',
  seen: [...allAdded, ...allSay({ primary: 'A', epoch: 1 }), { node: 'A', role: 'primary' }],
  outcome: { primary: 'A', epoch: 1, phase: 'stable', replicas: { B: 'up', C: 'up' }, reachable: SENTINELS }
}

/** s1 leads a failover of A by epoch 2 and has chosen B. */
export const chosen: Step = {
  why: 's1 is elected by epoch 2 and chooses B',
  seen: [
    { sentinel: 's1', publishes: '+sdown', message: 'master mymaster {A}' },
    { sentinel: 's1', publishes: '+odown', message: 'master mymaster {A} #quorum 2/2' },
    { sentinel: 's1', publishes: '+new-epoch', message: '2' },
    { sentinel: 's1', publishes: '+try-failover', message: 'master mymaster {A}' },
    { sentinel: 's1', publishes: '+elected-leader', message: 'master mymaster {A}' },
    { sentinel: 's1', publishes: '+failover-state-select-slave', message: 'master mymaster {A}' },
    { sentinel: 's1', publishes: '+selected-slave', message: 'slave {B} @ mymaster {A}' },
    { sentinel: 's1', publishes: '+failover-state-wait-promotion', message: 'slave {B} @ mymaster {A}' }
  ],
  outcome: { primary: 'A', epoch: 1, phase: 'failover', failoverEpoch: 2, candidate: 'B', leader: 's1' }
}

/** B says that it is the primary, before any sentinel does. */
export const promotedEarly: Step = {
  why: 'B says that it is the primary',
  seen: [{ node: 'B', role: 'primary' }],
  outcome: { primary: 'B', epoch: 2, phase: 'stable', confirmed: false }
}

/** What the leader answers between +promoted-slave and +failover-end: the new address, and the old one under SENTINEL MASTER. */
export const leaderSaysB: Says = {
  primary: 'B',
  judged: 'A',
  epoch: 2,
  flags: ['s_down', 'o_down', 'master', 'disconnected', 'failover_in_progress'],
  replicas: ['B', 'C']
}

/** After the failover: B is the primary, A and C its replicas, A being dead. */
export const saysB: Says = {
  primary: 'B',
  epoch: 2,
  replicas: [{ node: 'A', flags: ['s_down', 'slave', 'disconnected'], linkUp: false }, 'C']
}

/** The group after a failover that everybody knows of. */
export const movedToB: Step = {
  why: 'all sentinels name B by epoch 2, and B says so itself',
  seen: [...allSay(saysB), { node: 'B', role: 'primary' }],
  outcome: { primary: 'B', epoch: 2, phase: 'stable', replicas: { A: 'down', C: 'up' } }
}
