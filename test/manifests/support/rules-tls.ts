import { type KubernetesObject, ofKind, setting, title, workloads } from './objects.js'

interface ServiceSpec {
  clusterIP?: string
  publishNotReadyAddresses?: boolean
  ports: { port: number }[]
}

/** What a client asks for has to be a name of the certificate, in the namespace and the domain where it runs. */
export function certificateNames(objects: readonly KubernetesObject[]): string[] {
  const [certificate] = ofKind(objects, 'Certificate')
  if (certificate === undefined) return ['there is no Certificate']
  const given = new Set((certificate.spec as { dnsNames: string[] }).dnsNames)
  const domain = domainOf(objects)
  return ofKind(objects, 'Service').flatMap((service) => {
    const { clusterIP, publishNotReadyAddresses, ports } = service.spec as ServiceSpec
    if (!ports.some(({ port }) => port === 6379 || port === 26379)) return []
    const name = `${service.metadata.name}.${service.metadata.namespace}.svc.${domain}`
    const pods = clusterIP === 'None' && publishNotReadyAddresses === true ? [`*.${name}`] : []
    return [name, ...pods].filter((each) => !given.has(each)).map((each) => `${title(certificate)} has no name ${each}`)
  })
}

const domainOf = (objects: readonly KubernetesObject[]): string | undefined =>
  workloads(objects)
    .map((workload) => setting(objects, workload, 'CLUSTER_DOMAIN'))
    .find((domain) => domain !== undefined)

/** The domain is in topology.env, and once more wherever a pod is given a URL. */
export function oneDomain(objects: readonly KubernetesObject[]): string[] {
  const domain = domainOf(objects)
  if (domain === undefined) return []
  return workloads(objects).flatMap(({ owner, pod }) =>
    pod.containers
      .flatMap(({ env = [] }) => env)
      .flatMap(({ name, value = '' }) =>
        [...value.matchAll(/\.svc\.([a-z0-9.-]+)/g)]
          .filter(([, written]) => written !== domain)
          .map(([, written]) => `${title(owner)}: ${name} says ${written}, the scripts say ${domain}`)
      )
  )
}
