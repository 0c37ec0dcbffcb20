import type { DnsRecord } from '../dns/records.js'
import { portOf } from '../kubelet/check.js'
import type { Pod } from '../kubelet/pod.js'
import type { Service } from '../manifests/objects.js'
import type { VirtualAddress } from '../network/cluster-network.js'
import { matches } from './labels.js'

export interface Endpoints {
  readonly records: readonly DnsRecord[]
  readonly virtual: readonly VirtualAddress[]
}

/**
 * The names of all Services and of the pods behind the headless ones, and where the virtual addresses lead, for the pods as
 * they are. A Service that publishes addresses that are not ready keeps those of ending pods until they are gone.
 */
export function endpointsOf(
  services: readonly Service[],
  pods: readonly Pod[],
  namespace: string,
  virtualAddress: (service: string) => string
): Endpoints {
  const records: DnsRecord[] = []
  const virtual: VirtualAddress[] = []
  for (const { metadata, spec } of services) {
    const { selector, publishNotReadyAddresses = false, clusterIP, ports = [] } = spec
    const name = `${metadata.name}.${namespace}.svc.cluster.local`
    const members = pods.flatMap((pod) => {
      const counts =
        selector !== undefined &&
        matches(pod.setup.labels, selector) &&
        (publishNotReadyAddresses || (pod.ready && !pod.terminating))
      return counts && pod.address !== undefined ? [{ pod, address: pod.address }] : []
    })
    if (clusterIP !== 'None') {
      const address = virtualAddress(metadata.name)
      records.push({ name, addresses: [address] })
      for (const { port, targetPort = port } of ports) {
        const targets = members.map((member) => ({
          address: member.address,
          port: portOfPod(member.pod, targetPort)
        }))
        virtual.push({ address, port, targets })
      }
      continue
    }
    if (members.length > 0) records.push({ name, addresses: members.map(({ address }) => address) })
    for (const { pod, address } of members) {
      const { hostname, subdomain } = pod.setup.spec
      if (hostname !== undefined && subdomain === metadata.name)
        records.push({ name: `${hostname}.${name}`, addresses: [address] })
    }
  }
  return { records, virtual }
}

function portOfPod(pod: Pod, port: number | string): number {
  if (typeof port === 'number') return port
  const container = pod.setup.spec.containers.find(({ ports }) => ports?.some(({ name }) => name === port))
  if (container === undefined) throw new Error(`pod ${pod.name} has no port called ${port}`)
  return portOf(container, port)
}
