import {
  containers,
  type KubernetesObject,
  type Labels,
  ofKind,
  running,
  selects,
  title,
  type Workload,
  workloads
} from './objects.js'

export interface ServiceSpec {
  selector?: Labels
  ports: { name: string; port: number; targetPort: string | number }[]
}

export interface Peer {
  podSelector?: { matchLabels?: Labels }
  namespaceSelector?: { matchLabels?: Labels }
  ipBlock?: { cidr: string }
}

export interface PolicySpec {
  podSelector: { matchLabels?: Labels }
  policyTypes: string[]
  ingress?: { from?: Peer[]; ports?: { protocol: string; port: number }[] }[]
  egress?: { to?: Peer[]; ports?: { protocol: string; port: number }[] }[]
}

export const specOf = <T>({ spec }: KubernetesObject): T => spec as T

export const portsOf = (pods: readonly Workload[]): { name: string; containerPort: number }[] =>
  pods.flatMap((pod) => containers(pod).flatMap(({ ports }) => ports ?? []))

export function servicesLeadToPods(objects: readonly KubernetesObject[]): string[] {
  return ofKind(objects, 'Service').flatMap((service) => {
    const { selector = {}, ports } = specOf<ServiceSpec>(service)
    // This label is given at run time.
    const { ['redis-role']: _role, ...fixed } = selector
    const pods = workloads(objects).filter(({ labels }) => selects(fixed, labels))
    if (pods.length === 0) return [`${title(service)} selects no pod`]
    return ports
      .filter(({ targetPort }) => !portsOf(pods).some(({ name }) => name === targetPort))
      .map(({ targetPort }) => `${title(service)}: its pods have no port ${targetPort}`)
  })
}

/** 6379 and 26379 are written in Services, containers, probes, policies, scripts and configuration: all must say the same. */
export function portsAgree(objects: readonly KubernetesObject[]): string[] {
  const wanted: Readonly<Record<string, number>> = { redis: 6379, sentinel: 26379, metrics: 9121, http: 8080 }
  const inServices = ofKind(objects, 'Service').flatMap((service) =>
    specOf<ServiceSpec>(service)
      .ports.filter(({ name, port }) => port !== wanted[name])
      .map(({ name, port }) => `${title(service)}: ${name} is ${port}, not ${wanted[name]}`)
  )
  const inPods = workloads(objects).flatMap((workload) => {
    const named = portsOf([workload])
    const wrong = named
      .filter(({ name, containerPort }) => containerPort !== wanted[name])
      .map(({ name, containerPort }) => `${title(workload.owner)}: ${name} is ${containerPort}, not ${wanted[name]}`)
    const probed = containers(workload)
      .flatMap(({ startupProbe, livenessProbe, readinessProbe }) => [startupProbe, livenessProbe, readinessProbe])
      .map((probe) => probe?.tcpSocket?.port ?? probe?.httpGet?.port)
      .filter((port) => port !== undefined && !named.some(({ name }) => name === port))
      .map((port) => `${title(workload.owner)}: a probe asks at ${port}, which is no port of its containers`)
    return [...wrong, ...probed]
  })
  const known = new Set([...Object.values(wanted), 53])
  const inPolicies = ofKind(objects, 'NetworkPolicy').flatMap((policy) => {
    const { ingress = [], egress = [] } = specOf<PolicySpec>(policy)
    const pods = workloads(objects).filter(({ labels }) =>
      selects(specOf<PolicySpec>(policy).podSelector.matchLabels ?? {}, labels)
    )
    const served = portsOf(pods).map(({ containerPort }) => containerPort)
    return [
      ...[...ingress, ...egress]
        .flatMap(({ ports }) => ports ?? [])
        .filter(({ port }) => !known.has(port))
        .map(({ port }) => `${title(policy)}: nobody has the port ${port}`),
      ...ingress
        .flatMap(({ ports }) => ports ?? [])
        .filter(({ port }) => pods.length > 0 && known.has(port) && !served.includes(port))
        .map(({ port }) => `${title(policy)}: lets in to ${port}, which its pods do not have`)
    ]
  })
  const inFiles = ofKind(objects, 'ConfigMap').flatMap((object) =>
    Object.entries(object.data ?? {}).flatMap(([file, text]) => {
      const port = /^(?:tls-)?port ([1-9]\d*)$/m.exec(text)?.[1]
      const expected = file.startsWith('redis') ? 6379 : 26379
      return port === undefined || Number(port) === expected ? [] : [`${title(object)}: ${file} says port ${port}`]
    })
  )
  return [...inServices, ...inPods, ...inPolicies, ...inFiles]
}

export function selectorsHit(objects: readonly KubernetesObject[]): string[] {
  const pods = workloads(objects)
  const hits = (labels: Labels): boolean => pods.some((pod) => selects(labels, pod.labels))
  const budgets = ofKind(objects, 'PodDisruptionBudget')
    .filter((object) => !hits(specOf<{ selector: { matchLabels: Labels } }>(object).selector.matchLabels))
    .map((object) => `${title(object)} protects no pod`)
  // Clients bring their own label: they are not part of an overlay.
  const isClient = (labels: Labels): boolean => labels['redis-client'] === 'true'
  const policies = ofKind(objects, 'NetworkPolicy').flatMap((object) => {
    const { podSelector, ingress = [], egress = [] } = specOf<PolicySpec>(object)
    const peers = [...ingress.flatMap(({ from }) => from ?? []), ...egress.flatMap(({ to }) => to ?? [])]
    return [
      podSelector,
      ...peers
        .filter(({ namespaceSelector, ipBlock }) => namespaceSelector === undefined && ipBlock === undefined)
        .map((peer) => peer.podSelector ?? {})
    ]
      .map(({ matchLabels = {} }) => matchLabels)
      .filter((labels) => !isClient(labels) && !hits(labels))
      .map((labels) => `${title(object)}: no pod has ${JSON.stringify(labels)}`)
  })
  const sets = pods.flatMap(({ owner, labels }) => {
    const selector = specOf<{ selector?: { matchLabels?: Labels } }>(owner).selector?.matchLabels
    return selector === undefined || selects(selector, labels) ? [] : [`${title(owner)} does not select its own pods`]
  })
  return [...budgets, ...policies, ...sets]
}

export function defaultDeny(objects: readonly KubernetesObject[]): string[] {
  const denies = ofKind(objects, 'NetworkPolicy').some((object) => {
    const { podSelector, policyTypes, ingress, egress } = specOf<PolicySpec>(object)
    const all =
      Object.keys(podSelector).length === 0 && ['Ingress', 'Egress'].every((type) => policyTypes.includes(type))
    return all && ingress === undefined && egress === undefined
  })
  return denies ? [] : ['no policy denies all ingress and egress of all pods']
}

/** Who must reach whom, for failover, bootstrap, handover and clients; and everyone the DNS. */
export function allowedTalk(objects: readonly KubernetesObject[]): string[] {
  const policies = ofKind(objects, 'NetworkPolicy').map((object) => specOf<PolicySpec>(object))
  const labels: Readonly<Record<string, Labels>> = {
    redis: running(objects, 'redis')[0]?.labels ?? {},
    sentinel: running(objects, 'sentinel')[0]?.labels ?? {},
    client: { 'redis-client': 'true' }
  }
  const of = (who: string): Labels => labels[who] ?? {}
  const matches = (peers: readonly Peer[] | undefined, who: string): boolean =>
    (peers ?? []).some(
      ({ podSelector, namespaceSelector, ipBlock }) =>
        namespaceSelector === undefined && ipBlock === undefined && selects(podSelector?.matchLabels ?? {}, of(who))
    )
  const wanted = [
    ['redis', 'redis', 6379],
    ['redis', 'sentinel', 26379],
    ['sentinel', 'redis', 6379],
    ['sentinel', 'sentinel', 26379],
    ['client', 'redis', 6379],
    ['client', 'sentinel', 26379]
  ] as const
  const missing = wanted.flatMap(([from, to, port]) => {
    const applies = ({ podSelector }: PolicySpec, who: string): boolean =>
      selects(podSelector.matchLabels ?? {}, of(who))
    const out = policies.some(
      (policy) =>
        applies(policy, from) &&
        (policy.egress ?? []).some((rule) => matches(rule.to, to) && rule.ports?.some((each) => each.port === port))
    )
    const into = policies.some(
      (policy) =>
        applies(policy, to) &&
        (policy.ingress ?? []).some(
          (rule) => matches(rule.from, from) && rule.ports?.some((each) => each.port === port)
        )
    )
    return [
      ...(out ? [] : [`${from} may not go out to ${to}:${port}`]),
      ...(into ? [] : [`${to} does not let ${from} in to ${port}`])
    ]
  })
  const dns = policies
    .filter(({ podSelector }) => Object.keys(podSelector).length === 0)
    .flatMap(({ egress }) => egress ?? [])
    .filter(({ ports }) =>
      ['UDP', 'TCP'].every((protocol) => ports?.some((each) => each.port === 53 && each.protocol === protocol))
    )
    .flatMap(({ to }) => to ?? [])
  const unheard = Object.entries(DNS_SERVERS)
    .filter(([, isIt]) => !dns.some(isIt))
    .map(([server]) => `not every pod may ask the DNS by UDP and TCP: ${server}`)
  return [...missing, ...unheard]
}

const inKubeSystem =
  (app: string) =>
  ({ namespaceSelector, podSelector }: Peer): boolean =>
    namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] === 'kube-system' &&
    podSelector?.matchLabels?.['k8s-app'] === app

const at =
  (address: string) =>
  ({ ipBlock }: Peer): boolean =>
    ipBlock?.cidr === `${address}/32`

/** Where a cluster's DNS may be, whoever made the cluster. */
const DNS_SERVERS: Readonly<Record<string, (peer: Peer) => boolean>> = {
  'CoreDNS or kube-dns': inKubeSystem('kube-dns'),
  'NodeLocal DNSCache, by its pods': inKubeSystem('node-local-dns'),
  // kubernetes.io/docs/tasks/administer-cluster/nodelocaldns
  'NodeLocal DNSCache, at its address': at('169.254.20.10'),
  // cloud.google.com/kubernetes-engine/docs/how-to/cloud-dns
  'Cloud DNS of GKE': at('169.254.169.254')
}

export function budgets(objects: readonly KubernetesObject[]): string[] {
  return ['redis', 'sentinel'].flatMap((kind) => {
    const [pods] = running(objects, kind)
    const budget = ofKind(objects, 'PodDisruptionBudget')
      .map((object) =>
        specOf<{ maxUnavailable?: number; unhealthyPodEvictionPolicy?: string; selector: { matchLabels: Labels } }>(
          object
        )
      )
      .find(({ selector }) => selects(selector.matchLabels, pods?.labels ?? {}))
    return [
      ...(budget?.maxUnavailable === 1 ? [] : [`the budget of ${kind} lets ${budget?.maxUnavailable} go`]),
      ...(budget?.unhealthyPodEvictionPolicy === 'AlwaysAllow'
        ? []
        : [`pods of ${kind} that are not Ready stop a drain`])
    ]
  })
}

/** How many nodes it takes so that one of them never has the majority of three. */
const NODES = 3

export function spread(objects: readonly KubernetesObject[]): string[] {
  return ['redis', 'sentinel'].flatMap((kind) =>
    running(objects, kind).flatMap(({ owner, pod, labels }) => {
      const byNode = pod.topologySpreadConstraints?.find(
        ({ topologyKey, labelSelector, whenUnsatisfiable }) =>
          topologyKey === 'kubernetes.io/hostname' &&
          whenUnsatisfiable === 'DoNotSchedule' &&
          selects(labelSelector.matchLabels, labels)
      )
      const { minDomains = 1, nodeTaintsPolicy } = byNode ?? {}
      return [
        ...(byNode === undefined ? [`${title(owner)} may lie on one node`] : []),
        ...(minDomains < NODES
          ? [`${title(owner)}: two pods may lie on one node while there are fewer than ${NODES}`]
          : []),
        ...(nodeTaintsPolicy === 'Honor' ? [] : [`${title(owner)}: nodes that take none of its pods count too`])
      ]
    })
  )
}
