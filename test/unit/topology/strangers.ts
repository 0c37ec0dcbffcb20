import { formatAddress } from '../../../src/protocol/address.js'
import type { TopologyState } from '../../../src/topology/reduce.js'

/** `address epoch` of every claim that a majority of the group makes whose ids had never named the epoch held: counted anew, from the views alone. */
export function strangersIn({ topology, witnesses }: TopologyState): readonly string[] {
  const { sentinels } = topology
  const size = Math.max(1, ...sentinels.map((view) => (view.others ?? 0) + 1))
  const sober = sentinels.some((view) => view.reachable && !view.tilt)
  const counts = new Map<string, number>()
  for (const view of sentinels) {
    if (!view.reachable || (sober && view.tilt) || view.primary === undefined) continue
    if (view.id === undefined || witnesses.some(({ id }) => id === view.id)) continue
    const claim = `${formatAddress(view.primary)} ${view.configEpoch ?? NaN}`
    counts.set(claim, (counts.get(claim) ?? 0) + 1)
  }
  return [...counts].flatMap(([claim, count]) => (count * 2 > size ? [claim] : []))
}
