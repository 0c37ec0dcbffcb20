import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'
import { voices } from './select.js'
import type { TopologyState } from './state.js'
import type { Phase, SentinelView, Topology } from './topology.js'

export function phaseOf({ topology, verifying, suspicion }: TopologyState, at: number): Phase {
  const { primary } = topology
  if (verifying !== undefined) {
    return { kind: 'verifying', since: verifying.since, candidate: verifying.address, epoch: verifying.epoch }
  }
  if (primary === undefined) return { kind: 'unknown' }
  const heard = voices(topology.sentinels)
  const failing = heard.filter((view) => sameAddress(view.failover?.from, primary.address))
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
    judged(heard, primary.address) ?? (suspicion === undefined ? { kind: 'stable' } : { kind: 'suspect', ...suspicion })
  )
}

function judged(heard: readonly SentinelView[], primary: Address): Phase | undefined {
  let worst: (Phase & { kind: 'suspect' }) | undefined
  for (const { judgement } of heard) {
    if (judgement === undefined || judgement.verdict === 'up' || !sameAddress(judgement.address, primary)) continue
    const { verdict: by, since } = judgement
    if (worst === undefined || (by === 'odown' && worst.by !== 'odown')) worst = { kind: 'suspect', since, by }
  }
  return worst
}

export interface Promotion {
  readonly candidate: Address
  readonly epoch?: number
  readonly leader: string
  readonly since: number
}

/** The latest failover of the current primary whose leader is reachable and has chosen a replica. */
export function promotionUnderWay(topology: Topology): Promotion | undefined {
  let latest: Promotion | undefined
  for (const { failover, key } of voices(topology.sentinels)) {
    if (failover?.candidate === undefined || !sameAddress(failover.from, topology.primary?.address)) continue
    const { candidate, epoch, since } = failover
    if (latest === undefined || since > latest.since)
      latest = { candidate, leader: key, since, ...(epoch === undefined ? {} : { epoch }) }
  }
  return latest
}
