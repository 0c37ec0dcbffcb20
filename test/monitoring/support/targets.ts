import {
  type Container,
  type KubernetesObject,
  type Labels,
  ofKind,
  selects,
  type Workload,
  workloads
} from '../../manifests/support/objects.js'

/** What Prometheus asks because of a ServiceMonitor or a PodMonitor, one for each container that it leads to. */
export interface Target {
  readonly workload: Workload
  readonly container: Container
  readonly path: string
  /** As the operator's relabelling sets them (prometheus-operator, pkg/prometheus/promcfg.go), but for `pod` and `instance`. */
  readonly labels: Labels
}

interface Endpoint {
  port: string
  path?: string
}

interface ServiceSpec {
  selector: Labels
  ports: { name: string; targetPort: string }[]
}

export function targetsOf(objects: readonly KubernetesObject[]): readonly Target[] {
  return [...throughServices(objects), ...ofPods(objects)]
}

function throughServices(objects: readonly KubernetesObject[]): readonly Target[] {
  return ofKind(objects, 'ServiceMonitor').flatMap(({ spec }) => {
    const { selector, endpoints } = spec as { selector: { matchLabels: Labels }; endpoints: Endpoint[] }
    return ofKind(objects, 'Service')
      .filter(({ metadata }) => selects(selector.matchLabels, metadata.labels ?? {}))
      .flatMap((service) => {
        const { selector: ofService, ports } = service.spec as ServiceSpec
        return endpoints.flatMap(({ port, path = '/metrics' }) => {
          const { targetPort = '' } = ports.find(({ name }) => name === port) ?? {}
          const { name } = service.metadata
          const pods = workloads(objects).filter(({ labels }) => selects(ofService, labels))
          return containersAt(pods, targetPort).map(({ workload, container }) => ({
            workload,
            container,
            path,
            labels: { ...common(workload, container), service: name, job: name, endpoint: port }
          }))
        })
      })
  })
}

function ofPods(objects: readonly KubernetesObject[]): readonly Target[] {
  return ofKind(objects, 'PodMonitor').flatMap(({ metadata, spec }) => {
    const { selector, podMetricsEndpoints } = spec as {
      selector: { matchLabels: Labels }
      podMetricsEndpoints: Endpoint[]
    }
    const pods = workloads(objects).filter(({ labels }) => selects(selector.matchLabels, labels))
    return podMetricsEndpoints.flatMap(({ port, path = '/metrics' }) =>
      containersAt(pods, port).map(({ workload, container }) => ({
        workload,
        container,
        path,
        labels: { ...common(workload, container), job: `${metadata.namespace}/${metadata.name}`, endpoint: port }
      }))
    )
  })
}

function containersAt(pods: readonly Workload[], port: string): readonly Pick<Target, 'workload' | 'container'>[] {
  return pods.flatMap((workload) =>
    workload.pod.containers
      .filter(({ ports }) => ports?.some(({ name }) => name === port))
      .map((container) => ({ workload, container }))
  )
}

function common({ owner }: Workload, { name }: Container): Labels {
  return { namespace: owner.metadata.namespace ?? 'default', container: name }
}
