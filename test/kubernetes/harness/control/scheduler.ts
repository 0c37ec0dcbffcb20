import type { Pod } from '../kubelet/pod.js'
import type { AffinityTerm, PodSpec, Words } from '../manifests/objects.js'
import { selects } from './labels.js'

const HOSTNAME = 'kubernetes.io/hostname'

export interface Nodes {
  readonly count: number
  /** Those that take no new pods: cordoned, without power, not heard of. */
  readonly closed: ReadonlySet<number>
}

/**
 * The node for a new pod: one that its claims are not bound away from and that no required anti-affinity forbids; of those the
 * one that preferred anti-affinity likes best, then the one with the fewest pods. Undefined: it stays Pending.
 */
export function chooseNode(
  pod: { readonly labels: Words; readonly spec: PodSpec },
  pods: readonly Pod[],
  nodes: Nodes,
  boundTo: number | undefined
): number | undefined {
  const { requiredDuringSchedulingIgnoredDuringExecution: required = [], ...soft } =
    pod.spec.affinity?.podAntiAffinity ?? {}
  const preferred = (soft.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm)
  const on = (node: number): readonly Pod[] => pods.filter(({ setup }) => setup.node === node)
  const conflicts = (node: number, terms: readonly AffinityTerm[]): number =>
    terms.filter(
      // Each node is a zone of its own as well.
      ({ labelSelector }) => on(node).some(({ setup }) => selects(labelSelector, setup.labels))
    ).length
  const twins = (node: number): number =>
    on(node).filter(({ setup }) => setup.labels['app.kubernetes.io/name'] === pod.labels['app.kubernetes.io/name'])
      .length
  const candidates = Array.from({ length: nodes.count }, (_, index) => index + 1).filter(
    (node) =>
      !nodes.closed.has(node) &&
      (boundTo === undefined || boundTo === node) &&
      conflicts(
        node,
        required.filter(({ topologyKey }) => topologyKey === HOSTNAME || topologyKey.endsWith('zone'))
      ) === 0
  )
  const cost = (node: number): number => conflicts(node, preferred) * 1e6 + twins(node) * 1e3 + on(node).length
  return candidates.toSorted((a, b) => cost(a) - cost(b))[0]
}
