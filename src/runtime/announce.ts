import type { SentinelRedisEvents } from '../events.js'
import { sameAddress } from '../protocol/address.js'
import type { Replica, Topology } from '../topology/topology.js'

export type EmitEvent = <Name extends keyof SentinelRedisEvents>(
  name: Name,
  ...args: Parameters<SentinelRedisEvents[Name]>
) => void

/** Emits what changed between two values of the topology; `topology` comes last, when the particulars are known. */
export function announce(topology: Topology, before: Topology, emit: EmitEvent): void {
  const { primary } = topology
  if (primary !== undefined && !sameAddress(primary.address, before.primary?.address)) {
    emit('primary-changed', {
      ...(before.primary === undefined ? {} : { from: before.primary }),
      to: primary,
      topology
    })
  }
  for (const replica of topology.replicas) {
    const known = find(before.replicas, replica)
    if (!replica.down && known?.down !== false) emit('replica-up', replica)
    if (replica.down && known?.down === false) emit('replica-down', replica)
  }
  for (const replica of before.replicas) {
    if (!replica.down && find(topology.replicas, replica) === undefined) emit('replica-down', replica)
  }
  for (const view of topology.sentinels) {
    const known = before.sentinels.find((one) => one.key === view.key)
    if (view.reachable && known?.reachable !== true) emit('sentinel-up', view)
    if (!view.reachable && known?.reachable === true) emit('sentinel-down', view)
  }
  for (const view of before.sentinels) {
    if (view.reachable && !topology.sentinels.some(({ key }) => key === view.key)) emit('sentinel-down', view)
  }
  emit('topology', topology)
}

function find(replicas: readonly Replica[], wanted: Replica): Replica | undefined {
  return replicas.find((one) => sameAddress(one.address, wanted.address))
}
