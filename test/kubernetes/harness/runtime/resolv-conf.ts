import type { PodSpec } from '../manifests/objects.js'
import { DNS_ADDRESS } from '../network/cluster-network.js'

/** /etc/resolv.conf of dnsPolicy ClusterFirst, with the pod's dnsConfig put over it. */
export function resolvConf({ dnsPolicy = 'ClusterFirst', dnsConfig = {} }: PodSpec, namespace: string): string {
  if (dnsPolicy !== 'ClusterFirst' && dnsPolicy !== 'None')
    throw new Error(`dnsPolicy ${dnsPolicy}: the harness has ClusterFirst and None`)
  const own = dnsPolicy === 'None'
  const nameservers = [...(own ? [] : [DNS_ADDRESS]), ...(dnsConfig.nameservers ?? [])]
  const cluster = [`${namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local']
  const searches = [...(own ? [] : cluster), ...(dnsConfig.searches ?? [])]
  const options = new Map<string, string | undefined>(own ? [] : [['ndots', '5']])
  for (const { name, value } of dnsConfig.options ?? []) options.set(name, value)
  const words = [...options].map(([name, value]) => (value === undefined ? name : `${name}:${value}`))
  return [
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}`]),
    ...(words.length === 0 ? [] : [`options ${words.join(' ')}`]),
    ''
  ].join('\n')
}
