import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import { decide } from './decide.js'
import { equal } from './equal.js'
import type { Observation } from './observation.js'
import { phaseOf, promotionUnderWay } from './phase.js'
import { mergeReplicas, voices } from './select.js'
import type { ReducePolicy, TopologyState, Witness } from './state.js'
import type { Primary, SentinelView, Topology } from './topology.js'
import { unheard, withEvent, withoutCandidate, withoutContact, withReplicaSeen, withSnapshot } from './views.js'

export type { PromotionMode, ReducePolicy, TopologyState } from './state.js'
export { initialState } from './state.js'

/** The next state. The same object comes back when the observation changes nothing. Pure: time comes with the observation. */
export function reduce(state: TopologyState, seen: Observation, policy: ReducePolicy): TopologyState {
  const next = settle(decide(apply(state, seen, policy), seen.at, policy), seen.at)
  if (next === state) return state
  const { topology } = next
  const changed = !equal(announced(topology), announced(state.topology))
  return changed ? { ...next, topology: { ...topology, revision: state.topology.revision + 1 } } : next
}

function apply(state: TopologyState, seen: Observation, policy: ReducePolicy): TopologyState {
  switch (seen.kind) {
    case 'sentinel-added':
      return withView(state, seen.from, (view) => view)
    case 'sentinel-lost':
      return withView(state, seen.from, (view) => withoutContact(view, seen.reason))
    case 'sentinel-removed': {
      const { sentinels } = state.topology
      const kept = sentinels.filter((view) => view.key !== seen.from)
      return kept.length === sentinels.length ? state : withSentinels(state, kept)
    }
    case 'snapshot':
      return withView(heard(state, seen.at), seen.from, (view) => withSnapshot(view, seen.snapshot, seen.at))
    case 'event':
      return withView(state, seen.from, (view) => withEvent(view, seen.event, state.topology.name, seen.at))
    case 'role':
      return withRole(withWord(state, seen.address, seen.role), seen.address, seen.role, seen.at, policy)
    case 'node-error':
      if (state.topology.primary === undefined) return withoutWord(state, seen.address)
      return sameAddress(seen.address, state.topology.primary?.address) && state.suspicion === undefined
        ? { ...state, suspicion: { by: seen.error, since: seen.at } }
        : state
    case 'tick':
      return state
  }
}

/** The first answer of all begins the wait for the others. */
function heard(state: TopologyState, at: number): TopologyState {
  return state.heardSince === undefined && state.topology.primary === undefined ? { ...state, heardSince: at } : state
}

function withWord(state: TopologyState, address: Address, role: 'primary' | 'replica'): TopologyState {
  const known = state.nodes.find((node) => sameAddress(node.address, address))
  if (state.topology.primary !== undefined || known?.role === role) return state
  const others = state.nodes.filter((node) => node !== known)
  return { ...state, nodes: [...others, { address, role }] }
}

/** A node that cannot be asked any more speaks neither for nor against a claim. */
function withoutWord(state: TopologyState, address: Address): TopologyState {
  const nodes = state.nodes.filter((node) => !sameAddress(node.address, address))
  return nodes.length === state.nodes.length ? state : { ...state, nodes }
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
  if (role === 'replica') return withReplicaRole(state, address, at)
  if (verifying !== undefined && sameAddress(address, verifying.address)) {
    return follow(state, address, verifying.epoch, at, true)
  }
  if (sameAddress(address, topology.primary?.address)) return withoutSuspicion(state)
  const led = promotionUnderWay(topology)
  const isChosen = led?.ordered === true && sameAddress(address, led.candidate)
  // Whose epoch is not known may be late: another failover may have passed it.
  if (policy.promotion === 'fast' && isChosen && led.epoch !== undefined)
    return follow(state, address, led.epoch, at, false)
  return state
}

function withReplicaRole(state: TopologyState, address: Address, at: number): TopologyState {
  const sentinels = unlessEqualItems(
    state.topology.sentinels,
    state.topology.sentinels.map((view) => withReplicaSeen(view, address))
  )
  const told = sentinels === state.topology.sentinels ? state : withSentinels(state, sentinels)
  return sameAddress(address, state.topology.primary?.address) && state.suspicion?.by !== 'refused'
    ? { ...told, suspicion: { by: 'refused', since: state.suspicion?.since ?? at } }
    : told
}

/** The list before when the one after has the same items. */
function unlessEqualItems<Item>(before: readonly Item[], after: readonly Item[]): readonly Item[] {
  return before.every((item, index) => item === after[index]) ? before : after
}

function follow(state: TopologyState, address: Address, epoch: number, at: number, confirmed: boolean): TopologyState {
  const { verifying: _told, suspicion: _doubt, heardSince: _opened, ...rest } = state
  const { primary, sentinels } = state.topology
  const kept = primary !== undefined && sameAddress(primary.address, address)
  const next: Primary = { address, since: kept ? primary.since : at, confirmed }
  const takenBack = primary?.confirmed === false && !kept
  return {
    ...rest,
    nodes: [],
    // Who was there before is not newly made, however late it is to name the new epoch.
    witnesses: withAlso(state.witnesses, sentinels),
    confirmedEpoch: confirmed ? epoch : state.confirmedEpoch,
    topology: {
      ...state.topology,
      configEpoch: epoch,
      primary: next,
      sentinels: takenBack ? sentinels.map((view) => withoutCandidate(view, primary.address)) : sentinels
    }
  }
}

function withoutSuspicion(state: TopologyState): TopologyState {
  const { suspicion, ...rest } = state
  return suspicion === undefined ? state : rest
}

/** What follows from the decision: who bears witness, the settings, which replicas there are, and the phase. */
function settle(state: TopologyState, at: number): TopologyState {
  const witnessed = withWitnesses(state)
  const { topology } = witnessed
  const listed = mergeReplicas(topology.sentinels, topology.primary?.address)
  const replicas = unlessEqual(topology.replicas, listed.length > 0 ? listed : orphans(topology))
  const settings = unlessEqual(topology.settings, settingsOf(witnessed))
  const told: Topology = settings === undefined ? topology : { ...topology, settings }
  const phase = unlessEqual(topology.phase, phaseOf({ ...witnessed, topology: told }, at))
  if (replicas === topology.replicas && phase === topology.phase && settings === topology.settings) return witnessed
  return { ...witnessed, topology: { ...told, replicas, phase } }
}

/** The value before when the one after says the same. */
function unlessEqual<Value>(before: Value, after: Value): Value {
  return equal(before, after) ? before : after
}

/** Of the first sentinel that is not behind: if they differ, they do not take turns. */
function settingsOf({ topology, confirmedEpoch }: TopologyState): Topology['settings'] {
  const current = voices(topology.sentinels).find(
    (view) => view.settings !== undefined && (view.configEpoch ?? -1) >= confirmedEpoch
  )
  return current?.settings ?? topology.settings
}

/** While no sentinel names the primary that is held (all lost, or it was just promoted), the replicas known before still serve. */
function orphans(topology: Topology): Topology['replicas'] {
  const named = topology.sentinels.some(
    (view) => view.reachable && sameAddress(view.primary, topology.primary?.address)
  )
  return named ? [] : topology.replicas.filter((replica) => !sameAddress(replica.address, topology.primary?.address))
}

function withWitnesses(state: TopologyState): TopologyState {
  const { topology, confirmedEpoch, witnesses } = state
  const naming = topology.sentinels.filter((view) => view.reachable && view.configEpoch === confirmedEpoch)
  // While a promotion is not confirmed, that epoch is no longer the one held: whoever is new at a known address was made anew.
  const known = naming.filter(
    ({ key, id }) =>
      confirmedEpoch === topology.configEpoch || !witnesses.some((one) => one.key === key && one.id !== id)
  )
  const all = withAlso(witnesses, known)
  return all === witnesses ? state : { ...state, witnesses: all }
}

function withAlso(witnesses: readonly Witness[], views: readonly SentinelView[]): readonly Witness[] {
  const fresh = views.flatMap(({ id, key }) =>
    id === undefined || witnesses.some((one) => one.id === id) ? [] : [{ id, key }]
  )
  return fresh.length === 0 ? witnesses : [...witnesses, ...fresh].slice(-MOST_WITNESSES)
}

/** Sentinels of one group, over all their lives: beyond this the oldest are forgotten. */
const MOST_WITNESSES = 64

/** What listeners care about; offsets and times of answers alone are no change. */
function announced(topology: Topology): unknown {
  const { configEpoch, phase, primary, replicas, sentinels, settings } = topology
  return [
    configEpoch,
    phase,
    primary,
    replicas.map((one) => [one.address, one.down, one.linkUp, one.priority, one.flags]),
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
  ]
}
