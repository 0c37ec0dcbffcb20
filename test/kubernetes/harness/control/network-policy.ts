import { portOf } from '../kubelet/check.js'
import type { Pod } from '../kubelet/pod.js'
import type { NetworkPolicy, PolicyPeer, PolicyRule } from '../manifests/objects.js'
import { DNS_ADDRESS } from '../network/cluster-network.js'
import { selects } from './labels.js'

/** Of the pods of other namespaces there are only those of the cluster's DNS. */
const DNS_NAMESPACE = { 'kubernetes.io/metadata.name': 'kube-system' }
const DNS_LABELS = { 'k8s-app': 'kube-dns' }

type Direction = 'Egress' | 'Ingress'

/** A pod that no policy of a direction selects may do all in it; one that is selected only what some policy names. */
export function policyRules(policies: readonly NetworkPolicy[], pods: readonly Pod[]): readonly string[] {
  return (['Egress', 'Ingress'] as const).flatMap((direction) =>
    pods.flatMap((pod) => rulesOf(direction, pod, policies, pods))
  )
}

function rulesOf(
  direction: Direction,
  pod: Pod,
  policies: readonly NetworkPolicy[],
  pods: readonly Pod[]
): readonly string[] {
  const mine = policies.filter(({ spec }) => applies(spec, direction) && selects(spec.podSelector, pod.setup.labels))
  if (pod.address === undefined || mine.length === 0) return []
  const chain = `-A ${direction.toUpperCase()} ${direction === 'Egress' ? '-s' : '-d'} ${pod.address}`
  const allowed = mine.flatMap(({ spec }) =>
    direction === 'Egress'
      ? (spec.egress ?? []).flatMap((rule) => matchesOf(rule, rule.to, '-d', undefined, pods))
      : (spec.ingress ?? []).flatMap((rule) => matchesOf(rule, rule.from, '-s', pod, pods))
  )
  return [
    `${chain} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN`,
    ...[...new Set(allowed)].map((match) => `${chain}${match} -j RETURN`),
    `${chain} -j DROP`
  ]
}

function applies({ policyTypes, egress }: NetworkPolicy['spec'], direction: Direction): boolean {
  return policyTypes?.includes(direction) ?? (direction === 'Ingress' || egress !== undefined)
}

/** `server` is the pod that a named port belongs to; of egress it is each peer. */
function matchesOf(
  { ports }: PolicyRule,
  peers: readonly PolicyPeer[] | undefined,
  flag: string,
  server: Pod | undefined,
  pods: readonly Pod[]
): readonly string[] {
  const ends = peers?.flatMap((peer) => endsOf(peer, pods)) ?? [{ address: undefined, pod: undefined }]
  return ends.flatMap(({ address, pod }) => {
    const end = address === undefined ? '' : ` ${flag} ${address}`
    if (ports === undefined) return [end]
    return ports.map(({ protocol = 'TCP', port }) => {
      const number = port === undefined ? '' : ` --dport ${numberOf(port, server ?? pod)}`
      return `${end} -p ${protocol.toLowerCase()}${number}`
    })
  })
}

function endsOf(
  { podSelector, namespaceSelector, ipBlock }: PolicyPeer,
  pods: readonly Pod[]
): readonly { readonly address: string; readonly pod: Pod | undefined }[] {
  if (ipBlock !== undefined) return [{ address: ipBlock.cidr, pod: undefined }]
  if (namespaceSelector !== undefined) {
    const isDns = selects(namespaceSelector, DNS_NAMESPACE) && selects(podSelector ?? {}, DNS_LABELS)
    return isDns ? [{ address: DNS_ADDRESS, pod: undefined }] : []
  }
  return pods.flatMap((pod) =>
    pod.address !== undefined && selects(podSelector, pod.setup.labels) ? [{ address: pod.address, pod }] : []
  )
}

function numberOf(port: number | string, pod: Pod | undefined): number {
  if (typeof port === 'number') return port
  const container = pod?.setup.spec.containers.find(({ ports }) => ports?.some(({ name }) => name === port))
  if (container === undefined) throw new Error(`no container has the port ${port} that a NetworkPolicy names`)
  return portOf(container, port)
}
