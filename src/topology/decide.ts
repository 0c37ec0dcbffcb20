import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import type { Claim } from './select.js'
import { openingClaim, openingVoices } from './opening.js'
import { claims, groupSize, voices } from './select.js'
import type { ReducePolicy, TopologyState } from './state.js'
import { majority } from './topology.js'

/** Weighs what the sentinels say: the epoch rule. What it finds is only told until the node itself has said that it is the primary. */
export function decide(given: TopologyState, at: number, policy: ReducePolicy): TopologyState {
  const { sentinels, primary } = given.topology
  const all = claims(primary === undefined ? openingVoices(sentinels) : voices(sentinels))
  const size = groupSize(sentinels)
  const state = setAsideUnverified(given, all, size, at, policy)
  const standing = all.filter((claim) => claim.by.length >= majority(size) || !isSetAside(state, claim))
  if (primary === undefined) {
    const heardForMs = state.heardSince === undefined ? 0 : at - state.heardSince
    const opening = openingClaim({ sentinels, nodes: state.nodes, heardForMs }, standing)
    if (opening === 'contradicted') return withoutVerifying(state)
    return opening === undefined ? state : verify(state, opening, at)
  }
  const [top] = standing
  if (top === undefined) return state
  const doubted = isDoubted(state, at, policy)
  const held = doubted ? state.confirmedEpoch : state.topology.configEpoch
  if (top.epoch < held) {
    const dropsFence = isNewSetOfSentinels(state, top, size) || isGivenUp(state, top, size, at, policy)
    if (dropsFence) return verify(state, top, at)
    // It was given up, and says again that it is the primary.
    return (state.verifying?.epoch ?? held) < held ? withoutVerifying(state) : state
  }
  if (sameAddress(top.address, primary.address)) return confirm(state, top.epoch)
  const needed = top.epoch === held && !doubted ? majority(size) : policy.promotion === 'strict' ? Math.min(2, size) : 1
  return top.by.length >= needed ? verify(state, top, at) : state
}

function verify(state: TopologyState, { address, epoch }: Claim, at: number): TopologyState {
  const { verifying } = state
  if (verifying !== undefined && isSame(verifying, { address, epoch })) return state
  return { ...state, verifying: { address, epoch, since: at } }
}

function withoutVerifying(state: TopologyState): TopologyState {
  const { verifying, ...rest } = state
  return verifying === undefined ? state : rest
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
function isDoubted({ topology }: TopologyState, at: number, policy: ReducePolicy): boolean {
  const { primary } = topology
  return primary?.confirmed === false && at - primary.since >= policy.confirmWithinMs
}

/**
 * A majority of strangers, or of sentinels that have forgotten what they named before, agrees on a lower epoch: all were made anew, or
 * told of the group anew, and epochs begin at 0 again.
 */
function isNewSetOfSentinels({ witnesses }: TopologyState, top: Claim, size: number): boolean {
  const unbound = top.by.filter(
    ({ id, forgot }) => id !== undefined && (forgot === true || !witnesses.some((one) => one.id === id))
  )
  return unbound.length >= majority(size)
}

/** So long a node that is held may be out of reach before those who name another by a lower epoch are followed. */
const GONE_AFTER_MS = 60_000

/**
 * The node that is held says that it is a replica, or has been gone for long, no sentinel within reach names it by its epoch, and most
 * agree on another: the leader was lost before it told anybody, or all sentinels have come back with an older configuration. A client
 * that begins now would follow them too.
 */
function isGivenUp(
  { topology, suspicion }: TopologyState,
  top: Claim,
  size: number,
  at: number,
  policy: ReducePolicy
): boolean {
  if (suspicion === undefined) return false
  const longEnoughMs = suspicion.by === 'refused' ? policy.confirmWithinMs : GONE_AFTER_MS
  const isOver = at - suspicion.since >= longEnoughMs
  return isOver && top.by.length >= majority(size) && !sameAddress(top.address, topology.primary?.address)
}

/**
 * One sentinel that lives in a world of its own (restored from an old machine, cut off with a node that is gone) must not keep
 * writes waiting for ever: when most sentinels agree on another primary, its claim had time enough to prove true.
 */
function setAsideUnverified(
  state: TopologyState,
  all: readonly Claim[],
  size: number,
  at: number,
  policy: ReducePolicy
): TopologyState {
  const { verifying, ...rest } = state
  const agreed = all.find((claim) => claim.by.length >= majority(size))
  const overdue = verifying !== undefined && at - verifying.since >= policy.confirmWithinMs
  if (!overdue || agreed === undefined || isSame(agreed, verifying)) return withoutOutdated(state)
  const { address, epoch } = verifying
  return withoutOutdated({ ...rest, setAside: [...state.setAside, { address, epoch }] })
}

/** Drops what no sentinel, reachable or not, last claimed. */
function withoutOutdated(state: TopologyState): TopologyState {
  const claimed = state.setAside.filter((one) =>
    state.topology.sentinels.some((view) => view.configEpoch === one.epoch && sameAddress(view.primary, one.address))
  )
  return claimed.length === state.setAside.length ? state : { ...state, setAside: claimed }
}

function isSetAside({ setAside }: TopologyState, claim: Claim): boolean {
  return setAside.some((one) => isSame(one, claim))
}

interface Told {
  readonly address: Address
  readonly epoch: number
}

function isSame(a: Told, b: Told): boolean {
  return a.epoch === b.epoch && sameAddress(a.address, b.address)
}
