import type { Address } from '../protocol/address.js'
import { formatAddress, sameAddress } from '../protocol/address.js'
import type { Observation } from './observation.js'
import { claims, groupSize, mergeReplicas, openingClaim } from './select.js'
import type { Phase, Primary, SentinelSettings, SentinelView, Suspicion, Topology } from './topology.js'
import { emptyTopology, majority } from './topology.js'
import { unheard, withEvent, withSnapshot } from './views.js'

/**
 * How early a new primary is followed. `fast`: when the replica that the elected leader chose says that it is the primary.
 * `confirmed`: when a sentinel publishes a higher epoch for it. `strict`: when two sentinels do.
 */
export type PromotionMode = 'fast' | 'confirmed' | 'strict'

export interface ReducePolicy {
  readonly promotion: PromotionMode
  /** A primary taken by `fast` that no sentinel has confirmed after this long is doubted again. */
  readonly confirmWithinMs: number
}

/** The topology, and what the reducer must remember to decide the next one. */
export interface TopologyState {
  readonly topology: Topology
  /** The highest epoch that a sentinel published; `topology.configEpoch` runs ahead of it while a promotion is unconfirmed. */
  readonly confirmedEpoch: number
  /** Told to be the primary, not yet seen to be. */
  readonly verifying?: { readonly address: Address; readonly epoch: number; readonly since: number }
  readonly suspicion?: { readonly by: Suspicion; readonly since: number }
  /** Run ids of sentinels that were heard to name the epoch held, or an earlier one that was. A set of strangers with lower epochs was newly made. */
  readonly witnesses: readonly string[]
}

export function initialState(name: string): TopologyState {
  return { topology: emptyTopology(name), confirmedEpoch: -1, witnesses: [] }
}

/** The next state. The same object comes back when the observation changes nothing. Pure: time comes with the observation. */
export function reduce(state: TopologyState, seen: Observation, policy: ReducePolicy): TopologyState {
  const next = settle(decide(apply(state, seen, policy), seen.at, policy), seen.at)
  if (next === state) return state
  const { topology } = next
  const changed = fingerprint(topology) !== fingerprint(state.topology)
  return changed ? { ...next, topology: { ...topology, revision: state.topology.revision + 1 } } : next
}

function apply(state: TopologyState, seen: Observation, policy: ReducePolicy): TopologyState {
  switch (seen.kind) {
    case 'sentinel-added':
      return withView(state, seen.from, (view) => view)
    case 'sentinel-lost':
      return withView(state, seen.from, (view) => ({ ...view, reachable: false, error: seen.reason }))
    case 'sentinel-removed':
      return withSentinels(
        state,
        state.topology.sentinels.filter((view) => view.key !== seen.from)
      )
    case 'snapshot': {
      const { snapshot } = seen
      const heard = withView(state, seen.from, (view) => withSnapshot(view, snapshot, seen.at))
      if (!snapshot.known || snapshot.configEpoch < state.confirmedEpoch) return heard
      return { ...heard, topology: { ...heard.topology, settings: settingsOf(snapshot) } }
    }
    case 'event':
      return withView(state, seen.from, (view) => withEvent(view, seen.event, state.topology.name, seen.at))
    case 'role':
      return withRole(state, seen.address, seen.role, seen.at, policy)
    case 'node-error':
      return sameAddress(seen.address, state.topology.primary?.address)
        ? { ...state, suspicion: state.suspicion ?? { by: seen.error, since: seen.at } }
        : state
    case 'tick':
      return state
  }
}

function settingsOf(snapshot: SentinelSettings): SentinelSettings {
  const { quorum, downAfterMs, failoverTimeoutMs } = snapshot
  return { quorum, downAfterMs, failoverTimeoutMs }
}

function withView(state: TopologyState, key: string, change: (view: SentinelView) => SentinelView): TopologyState {
  const { sentinels } = state.topology
  const index = sentinels.findIndex((view) => view.key === key)
  if (index === -1) return withSentinels(state, [...sentinels, change(unheard(key))])
  const before = sentinels[index] as SentinelView
  const after = change(before)
  return after === before ? state : withSentinels(state, sentinels.with(index, after))
}

function withSentinels(state: TopologyState, sentinels: readonly SentinelView[]): TopologyState {
  return { ...state, topology: { ...state.topology, sentinels } }
}

/** A role alone never makes a primary: the node must have been named for it by an epoch, or by the leader that promotes it. */
function withRole(
  state: TopologyState,
  address: Address,
  role: 'primary' | 'replica',
  at: number,
  policy: ReducePolicy
): TopologyState {
  const { topology, verifying } = state
  if (role === 'replica') {
    return sameAddress(address, topology.primary?.address)
      ? { ...state, suspicion: { by: 'refused', since: state.suspicion?.since ?? at } }
      : state
  }
  if (verifying !== undefined && sameAddress(address, verifying.address)) {
    return follow(state, address, verifying.epoch, at, true)
  }
  if (sameAddress(address, topology.primary?.address)) return withoutSuspicion(state)
  const led = promotionUnderWay(topology)
  if (policy.promotion === 'fast' && led !== undefined && sameAddress(address, led.candidate)) {
    // The leader's epoch is at least one above any that a sentinel has published: sentinel.c sentinelStartFailover() takes ++current_epoch.
    return follow(state, address, Math.max(led.epoch ?? 0, state.confirmedEpoch + 1), at, false)
  }
  return state
}

/** The failover of the current primary whose leader is reachable and has chosen a replica. */
function promotionUnderWay(
  topology: Topology
): { candidate: Address; epoch?: number; leader: string; since: number } | undefined {
  for (const { reachable, failover, key } of topology.sentinels) {
    if (!reachable || failover?.candidate === undefined || !sameAddress(failover.from, topology.primary?.address))
      continue
    const { candidate, epoch, since } = failover
    return { candidate, leader: key, since, ...(epoch === undefined ? {} : { epoch }) }
  }
  return undefined
}

function follow(state: TopologyState, address: Address, epoch: number, at: number, confirmed: boolean): TopologyState {
  const { verifying: _told, suspicion: _doubt, ...rest } = state
  const { primary } = state.topology
  const kept = primary !== undefined && sameAddress(primary.address, address)
  const next: Primary = { address, since: kept ? primary.since : at, confirmed }
  return {
    ...rest,
    confirmedEpoch: confirmed ? epoch : state.confirmedEpoch,
    topology: { ...state.topology, configEpoch: epoch, primary: next }
  }
}

function withoutSuspicion(state: TopologyState): TopologyState {
  const { suspicion, ...rest } = state
  return suspicion === undefined ? state : rest
}

/** Weighs what the sentinels say: the epoch rule. */
function decide(state: TopologyState, at: number, policy: ReducePolicy): TopologyState {
  const { topology } = state
  if (topology.primary === undefined) {
    const opening = openingClaim(topology.sentinels)
    return opening === undefined ? state : verify(state, opening.address, opening.epoch, at)
  }
  const doubted = unconfirmed(state, at, policy)
  const [top] = claims(topology.sentinels)
  if (top === undefined) return doubted
  const held = doubted.topology.configEpoch
  const { primary } = topology
  const told = top.by.length
  const size = groupSize(topology.sentinels)
  if (top.epoch < held)
    return newSetOfSentinels(doubted, top.epoch, size) ? verify(doubted, top.address, top.epoch, at) : doubted
  if (sameAddress(top.address, primary.address)) return confirm(doubted, top.epoch)
  if (top.epoch > held)
    return told >= (policy.promotion === 'strict' ? Math.min(2, size) : 1)
      ? verify(doubted, top.address, top.epoch, at)
      : doubted
  return told >= majority(size) ? verify(doubted, top.address, top.epoch, at) : doubted
}

function verify(state: TopologyState, address: Address, epoch: number, at: number): TopologyState {
  const { verifying } = state
  if (verifying !== undefined && verifying.epoch === epoch && sameAddress(verifying.address, address)) return state
  return { ...state, verifying: { address, epoch, since: at } }
}

/** The sentinels name the primary that is held: by an epoch as high, or higher. */
function confirm(state: TopologyState, epoch: number): TopologyState {
  const { primary } = state.topology
  if (primary === undefined) return state
  const { verifying, ...rest } = state
  if (primary.confirmed && state.topology.configEpoch === epoch && verifying === undefined) return state
  return {
    ...rest,
    confirmedEpoch: epoch,
    topology: {
      ...state.topology,
      configEpoch: epoch,
      primary: primary.confirmed ? primary : { ...primary, confirmed: true }
    }
  }
}

/** A promotion that nobody confirmed in time no longer outranks what the sentinels publish. */
function unconfirmed(state: TopologyState, at: number, policy: ReducePolicy): TopologyState {
  const { primary, configEpoch } = state.topology
  if (primary === undefined || primary.confirmed || at - primary.since < policy.confirmWithinMs) return state
  return configEpoch === state.confirmedEpoch
    ? state
    : { ...state, topology: { ...state.topology, configEpoch: state.confirmedEpoch - 1 } }
}

/** A majority of strangers agrees on a lower epoch: all sentinels were made anew, and epochs begin at 0 again. */
function newSetOfSentinels(state: TopologyState, epoch: number, size: number): boolean {
  const [top] = claims(state.topology.sentinels)
  if (top?.epoch !== epoch || top.by.length < majority(size)) return false
  return top.by.every((view) => view.id !== undefined && !state.witnesses.includes(view.id))
}

/** What follows from the decision: who bears witness, which replicas there are, and the phase. */
function settle(state: TopologyState, at: number): TopologyState {
  const witnessed = witnesses(state)
  const { topology } = witnessed
  const replicas = mergeReplicas(topology.sentinels, topology.primary?.address)
  const phase = phaseOf(witnessed, at)
  return {
    ...witnessed,
    topology: { ...topology, replicas: replicas.length > 0 ? replicas : orphans(topology), phase }
  }
}

/** While no sentinel names the primary that is held (all lost, or it was just promoted), the replicas known before still serve. */
function orphans(topology: Topology): Topology['replicas'] {
  const named = topology.sentinels.some(
    (view) => view.reachable && sameAddress(view.primary, topology.primary?.address)
  )
  return named ? [] : topology.replicas.filter((replica) => !sameAddress(replica.address, topology.primary?.address))
}

function witnesses(state: TopologyState): TopologyState {
  const { topology } = state
  const fresh = topology.sentinels.flatMap((view) =>
    view.reachable &&
    view.id !== undefined &&
    view.configEpoch === state.confirmedEpoch &&
    !state.witnesses.includes(view.id)
      ? [view.id]
      : []
  )
  return fresh.length === 0 ? state : { ...state, witnesses: [...state.witnesses, ...fresh].slice(-MOST_WITNESSES) }
}

/** Sentinels of one group, over all their lives: beyond this the oldest are forgotten. */
const MOST_WITNESSES = 64

function phaseOf(state: TopologyState, at: number): Phase {
  const { topology, verifying, suspicion } = state
  const { primary, sentinels, phase: before } = topology
  if (verifying !== undefined) {
    return { kind: 'verifying', since: verifying.since, candidate: verifying.address, epoch: verifying.epoch }
  }
  if (primary === undefined) return { kind: 'unknown' }
  const failing = sentinels.filter((view) => view.reachable && sameAddress(view.failover?.from, primary.address))
  if (failing.length > 0) {
    const led = promotionUnderWay(topology)
    const since = Math.min(...failing.map((view) => view.failover?.since ?? at))
    const epoch = led?.epoch ?? failing.find((view) => view.failover?.epoch !== undefined)?.failover?.epoch
    return {
      kind: 'failover',
      since,
      ...(epoch === undefined ? {} : { epoch }),
      ...(led === undefined ? {} : { candidate: { address: led.candidate, leader: led.leader } })
    }
  }
  const judged = sentinels.flatMap(({ reachable, judgement }) =>
    reachable &&
    judgement !== undefined &&
    judgement.verdict !== 'up' &&
    sameAddress(judgement.address, primary.address)
      ? [judgement]
      : []
  )
  const worst = judged.find((one) => one.verdict === 'odown') ?? judged[0]
  if (worst !== undefined && worst.verdict !== 'up') return { kind: 'suspect', since: worst.since, by: worst.verdict }
  if (suspicion !== undefined) return { kind: 'suspect', since: suspicion.since, by: suspicion.by }
  return before.kind === 'stable' ? before : { kind: 'stable' }
}

/** What listeners care about; offsets and times of answers alone are no change. */
function fingerprint(topology: Topology): string {
  const { configEpoch, phase, primary, replicas, sentinels, settings } = topology
  return JSON.stringify([
    configEpoch,
    phase,
    primary,
    replicas.map((one) => [formatAddress(one.address), one.down, one.linkUp, one.priority, one.flags]),
    sentinels.map((one) => [
      one.key,
      one.id,
      one.reachable,
      one.error,
      one.primary,
      one.configEpoch,
      one.others,
      one.tilt,
      one.unknownName
    ]),
    settings
  ])
}
