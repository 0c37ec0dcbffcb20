import { formatAddress } from '../../../src/protocol/address.js'
import type { TopologyState } from '../../../src/topology/reduce.js'
import type { SentinelView } from '../../../src/topology/topology.js'

/** `address epoch` of every claim that a majority of the group makes whose ids had never named the epoch held, or that are back at epoch 0: counted anew, from the views alone. */
export function strangersIn({ topology, witnesses }: TopologyState): readonly string[] {
  return agreedBy(
    topology.sentinels,
    ({ id, forgot }) => id !== undefined && (forgot === true || !witnesses.some((one) => one.id === id))
  )
}

/** The same of any majority, once the node held has said for long enough that it is a replica. */
export function givenUpFor(
  { topology, suspicion }: TopologyState,
  at: number,
  longEnoughMs: number
): readonly string[] {
  if (suspicion?.by !== 'refused' || at - suspicion.since < longEnoughMs) return []
  return agreedBy(topology.sentinels, () => true)
}

function agreedBy(sentinels: readonly SentinelView[], counts: (view: SentinelView) => boolean): readonly string[] {
  const size = Math.max(1, ...sentinels.map((view) => (view.others ?? 0) + 1))
  const sober = sentinels.some((view) => view.reachable && !view.tilt)
  const found = new Map<string, number>()
  for (const view of sentinels) {
    if (!view.reachable || (sober && view.tilt) || view.primary === undefined || !counts(view)) continue
    const claim = `${formatAddress(view.primary)} ${view.configEpoch ?? NaN}`
    found.set(claim, (found.get(claim) ?? 0) + 1)
  }
  return [...found].flatMap(([claim, count]) => (count * 2 > size ? [claim] : []))
}
