import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import { groupSize, voices } from './select.js'
import type { TopologyState } from './state.js'
import type { FailoverView, Phase, SentinelView, Topology } from './topology.js'
import { majority } from './topology.js'

/** Longer than down-after, for which a sentinel alone may hold the primary to be down before that is no sign of trouble any more. */
const ALONE_FOR_MS = 5_000

export function phaseOf({ topology, verifying, suspicion }: TopologyState, at: number): Phase {
  const { primary } = topology
  if (verifying !== undefined) {
    return { kind: 'verifying', since: verifying.since, candidate: verifying.address, epoch: verifying.epoch }
  }
  if (primary === undefined) return { kind: 'unknown' }
  const heard = voices(topology.sentinels)
  const failing = heard.filter(
    ({ failover }) => sameAddress(failover?.from, primary.address) && !isOutdated(failover, topology)
  )
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
  return (
    judged(heard, primary.address, topology, at) ??
    (suspicion === undefined ? { kind: 'stable' } : { kind: 'suspect', ...suspicion })
  )
}

function judged(
  heard: readonly SentinelView[],
  primary: Address,
  { sentinels, settings }: Topology,
  at: number
): Phase | undefined {
  let worst: (Phase & { kind: 'suspect' }) | undefined
  const judgements = heard.flatMap(({ judgement }) =>
    judgement !== undefined && sameAddress(judgement.address, primary) ? [judgement] : []
  )
  const found = judgements.flatMap(({ verdict, since }) => (verdict === 'up' ? [] : [{ by: verdict, since }]))
  const isContradicted = found.length < judgements.length
  const { quorum = majority(groupSize(sentinels)), downAfterMs = 0 } = settings ?? {}
  for (const { by, since } of found) {
    // The others had the time to see the same, and do not: it is that sentinel that does not reach the primary.
    if (by === 'sdown' && isContradicted && found.length < quorum && at - since > downAfterMs + ALONE_FOR_MS) continue
    if (worst === undefined || (by === 'odown' && worst.by !== 'odown')) worst = { kind: 'suspect', since, by }
  }
  return worst
}

/** The replica that the leader of a failover has chosen to be the primary next. */
export function successorIn({ phase }: Topology): Address | undefined {
  return phase.kind === 'failover' ? phase.candidate?.address : undefined
}

export interface Promotion {
  readonly candidate: Address
  readonly epoch?: number
  readonly leader: string
  readonly since: number
  /** Its role of primary, if it has it, comes from this promotion. */
  readonly ordered: boolean
}

/**
 * A late leader's: it replaces this node as the primary that it was before, by an epoch that a later failover, which made it the
 * primary again, has passed.
 */
function isOutdated(failover: FailoverView | undefined, { configEpoch }: Topology): boolean {
  return failover?.epoch !== undefined && failover.epoch <= configEpoch
}

/** The latest failover of the current primary whose leader is reachable and has chosen a replica. */
export function promotionUnderWay(topology: Topology): Promotion | undefined {
  let latest: Promotion | undefined
  for (const { failover, key } of voices(topology.sentinels)) {
    if (failover?.candidate === undefined || !sameAddress(failover.from, topology.primary?.address)) continue
    if (isOutdated(failover, topology)) continue
    const { candidate, epoch, since, ordered = false } = failover
    if (latest === undefined || since > latest.since)
      latest = { candidate, leader: key, since, ordered, ...(epoch === undefined ? {} : { epoch }) }
  }
  return latest
}
