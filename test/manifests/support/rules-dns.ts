import { configFile, type KubernetesObject, ofKind, running, setting, title, workloads } from './objects.js'

/** A look-up that nobody answers stops Sentinel while it lasts: 5 s and two tries by default, for each search domain. */
export function resolver(objects: readonly KubernetesObject[]): string[] {
  const wanted: Readonly<Record<string, string>> = { timeout: '1', attempts: '2', ndots: '1' }
  return workloads(objects).flatMap(({ owner, pod }) => {
    const options = Object.fromEntries((pod.dnsConfig?.options ?? []).map(({ name, value }) => [name, value]))
    const wrong = Object.keys(wanted).filter((name) => options[name] !== wanted[name])
    return [
      ...wrong.map((name) => `${title(owner)}: the resolver's ${name} is ${options[name]}, not ${wanted[name]}`),
      ...(pod.enableServiceLinks === false ? [] : [`${title(owner)}: enableServiceLinks is not false`])
    ]
  })
}

/** The names that the scripts and sentinels use must be names that the cluster gives. */
export function names(objects: readonly KubernetesObject[]): string[] {
  return (['redis', 'sentinel'] as const).flatMap((kind) =>
    running(objects, kind).flatMap((workload) => {
      const { owner, pod } = workload
      const told = setting(objects, workload, kind === 'redis' ? 'REDIS_SERVICE' : 'SENTINEL_SERVICE')
      const given = owner.kind === 'StatefulSet' ? (owner.spec as { serviceName: string }).serviceName : pod.subdomain
      const service = ofKind(objects, 'Service').find(({ metadata }) => metadata.name === given)?.spec as
        { clusterIP?: string; publishNotReadyAddresses?: boolean } | undefined
      const host = pod.containers.find(({ name }) => name === kind)?.env?.find(({ name }) => name === 'POD_HOST')
      const conf = configFile(objects, workload, 'sentinel.conf')?.split('\n') ?? []
      return [
        told !== given && `the scripts say ${told}, the pods' names end in ${given}`,
        service?.clusterIP !== 'None' && `${given} is not headless`,
        service?.publishNotReadyAddresses !== true && `${given} hides pods that are not Ready`,
        owner.kind === 'Deployment' &&
          host?.value !== pod.hostname &&
          `POD_HOST is ${host?.value}, its name is ${pod.hostname}`,
        kind === 'sentinel' && !conf.includes('sentinel resolve-hostnames yes') && 'sentinels do not resolve names',
        kind === 'sentinel' && !conf.includes('sentinel announce-hostnames yes') && 'sentinels do not announce names'
      ]
        .filter((found) => found !== false)
        .map((found) => `${title(owner)}: ${found}`)
    })
  )
}
