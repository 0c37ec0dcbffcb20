import {
  type KubernetesObject,
  type Labels,
  ofKind,
  readRendered,
  running,
  selects,
  title,
  type Workload,
  workloads
} from './objects.js'
import { type Peer, type PolicySpec, portsOf, type ServiceSpec, specOf } from './rules-network.js'

interface Monitor {
  selector: { matchLabels: Labels }
  endpoints?: { port: string }[]
  podMetricsEndpoints?: { port: string }[]
}

export function monitorsFindServices(objects: readonly KubernetesObject[]): string[] {
  const monitors = ofKind(objects, 'ServiceMonitor')
  if (monitors.length === 0) return ['there is no ServiceMonitor']
  return monitors.flatMap((monitor) => {
    const { selector, endpoints = [] } = specOf<Monitor>(monitor)
    const services = ofKind(objects, 'Service').filter(({ metadata }) =>
      selects(selector.matchLabels, metadata.labels ?? {})
    )
    if (services.length === 0) return [`${title(monitor)} finds no Service`]
    const ports = services.flatMap((service) => specOf<ServiceSpec>(service).ports.map(({ name }) => name))
    return endpoints.filter(({ port }) => !ports.includes(port)).map(({ port }) => `${title(monitor)}: no port ${port}`)
  })
}

/** Prometheus must find the clients of k8s/examples, and it must be let in wherever a monitor sends it. */
export function metricsAreLetIn(objects: readonly KubernetesObject[]): string[] {
  const clients = workloads(readRendered('examples'))
  const policies = ofKind(objects, 'NetworkPolicy').map((object) => specOf<PolicySpec>(object))
  const monitors = ofKind(objects, 'PodMonitor').map((object) => specOf<Monitor>(object))
  const asked = (pod: Workload): { name: string; containerPort: number }[] =>
    portsOf([pod]).filter(({ name }) =>
      monitors.some(
        ({ selector, podMetricsEndpoints = [] }) =>
          selects(selector.matchLabels, pod.labels) && podMetricsEndpoints.some(({ port }) => port === name)
      )
    )
  const unfound = clients
    .filter((client) => asked(client).length === 0)
    .map(({ owner }) => `no PodMonitor finds ${title(owner)}`)
  const servers = ['redis', 'sentinel'].flatMap((kind) => running(objects, kind))
  const wanted = [
    ...clients.flatMap((pod) => asked(pod).map(({ containerPort }) => ({ pod, containerPort }))),
    ...servers.map((pod) => ({ pod, containerPort: 9121 }))
  ]
  const isPrometheus = ({ namespaceSelector }: Peer): boolean =>
    namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] === 'monitoring'
  const refused = wanted
    .filter(
      ({ pod, containerPort }) =>
        !policies.some(
          ({ podSelector, policyTypes, ingress = [] }) =>
            policyTypes.includes('Ingress') &&
            selects(podSelector.matchLabels ?? {}, pod.labels) &&
            ingress.some(
              ({ from, ports }) => from?.some(isPrometheus) && ports?.some(({ port }) => port === containerPort)
            )
        )
    )
    .map(({ pod, containerPort }) => `${title(pod.owner)} does not let Prometheus in to ${containerPort}`)
  return [...unfound, ...refused]
}
