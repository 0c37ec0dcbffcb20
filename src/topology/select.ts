import type { Address } from '../protocol/address.js'
import { formatAddress, sameAddress } from '../protocol/address.js'
import type { Replica, SentinelView } from './topology.js'
import { standingOf } from '../protocol/flags.js'

/** An address that sentinels name as the primary, with the epoch they hold it by and the sentinels that say so. */
export interface Claim {
  readonly address: Address
  readonly epoch: number
  readonly by: readonly SentinelView[]
}

/** Sentinels whose word counts now: reachable, and not in TILT unless there is nobody else. */
export function voices(sentinels: readonly SentinelView[]): readonly SentinelView[] {
  const reachable = sentinels.filter((view) => view.reachable)
  const sober = reachable.filter((view) => !view.tilt)
  return sober.length > 0 ? sober : reachable
}

/** What these sentinels claim, the strongest first: higher epoch, then more sentinels, then the address for a stable order. */
export function claims(heard: readonly SentinelView[]): readonly Claim[] {
  const found = new Map<string, { address: Address; epoch: number; by: SentinelView[] }>()
  for (const view of heard) {
    if (view.primary === undefined || view.configEpoch === undefined) continue
    const key = `${view.configEpoch} ${formatAddress(view.primary)}`
    const claim = found.get(key) ?? { address: view.primary, epoch: view.configEpoch, by: [] }
    claim.by.push(view)
    found.set(key, claim)
  }
  return [...found.values()].sort(
    (a, b) =>
      b.epoch - a.epoch || b.by.length - a.by.length || (formatAddress(a.address) < formatAddress(b.address) ? -1 : 1)
  )
}

/**
 * How many sentinels the group has, as far as anybody told: a client that reaches one of three needs two to agree. What those
 * said that are out of reach now still counts: one that was made anew knows of no other.
 */
export function groupSize(sentinels: readonly SentinelView[]): number {
  return Math.max(1, ...sentinels.map((view) => 1 + (view.others ?? 0)))
}

/** The replicas of `primary` that any sentinel lists which names that primary; down when most of those that are connected to it say so, or none is. */
export function mergeReplicas(sentinels: readonly SentinelView[], primary: Address | undefined): readonly Replica[] {
  const telling = voices(sentinels).filter((view) => primary === undefined || sameAddress(view.primary, primary))
  const found = new Map<string, { replica: Replica; down: number; up: number }>()
  for (const view of telling) {
    for (const reply of view.replicas) {
      if (!reply.announced || sameAddress(reply.address, primary)) continue
      const key = formatAddress(reply.address)
      const standing = standingOf(reply.flags)
      const known = found.get(key)
      const replica: Replica = {
        address: reply.address,
        flags: reply.flags,
        down: standing !== 'up',
        linkUp: reply.linkUp || known?.replica.linkUp === true,
        linkDownMs: reply.linkUp ? 0 : Math.min(reply.linkDownMs, known?.replica.linkDownMs ?? Infinity),
        priority: reply.priority,
        offset: Math.max(reply.offset, known?.replica.offset ?? 0)
      }
      found.set(key, {
        replica,
        down: (known?.down ?? 0) + (standing === 'down' ? 1 : 0),
        up: (known?.up ?? 0) + (standing === 'up' ? 1 : 0)
      })
    }
  }
  return [...found.values()]
    .map(({ replica, down, up }) => ({ ...replica, down: down > up || up === 0 }))
    .sort((a, b) => (formatAddress(a.address) < formatAddress(b.address) ? -1 : 1))
}
