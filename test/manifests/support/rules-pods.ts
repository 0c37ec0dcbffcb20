import {
  configFile,
  containers,
  type KubernetesObject,
  ofKind,
  running,
  selects,
  setting,
  title,
  type Workload,
  workloads
} from './objects.js'

const eachContainer = (
  objects: readonly KubernetesObject[],
  look: (container: ReturnType<typeof containers>[number], workload: Workload) => (string | false)[]
): string[] =>
  workloads(objects).flatMap((workload) =>
    containers(workload).flatMap((container) =>
      look(container, workload)
        .filter((found) => found !== false)
        .map((found) => `${title(workload.owner)}, ${container.name}: ${found}`)
    )
  )

/** kubernetes.io/docs/concepts/security/pod-security-standards, level "restricted". */
export function restricted(objects: readonly KubernetesObject[]): string[] {
  const pods = workloads(objects).flatMap(({ owner, pod }) => {
    const seccomp = pod.securityContext?.seccompProfile?.type
    const hosts = ['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => key in pod)
    const volumes = (pod.volumes ?? []).filter((volume) => 'hostPath' in volume).map(({ name }) => name)
    return [
      ...(seccomp === 'RuntimeDefault' ? [] : [`${title(owner)}: seccompProfile is ${seccomp}, not RuntimeDefault`]),
      ...(pod.securityContext?.runAsNonRoot === true ? [] : [`${title(owner)}: runAsNonRoot is not set`]),
      ...hosts.map((key) => `${title(owner)}: ${key} is set`),
      ...volumes.map((name) => `${title(owner)}: the volume ${name} is a hostPath`)
    ]
  })
  const inContainers = eachContainer(objects, ({ securityContext }) => [
    securityContext?.allowPrivilegeEscalation !== false && 'allowPrivilegeEscalation is not false',
    !(securityContext?.capabilities?.drop ?? []).includes('ALL') && 'capabilities are not dropped',
    (securityContext?.capabilities?.add ?? []).length > 0 && 'capabilities are added',
    securityContext?.privileged === true && 'it is privileged',
    securityContext?.runAsUser === 0 && 'it runs as root'
  ])
  return [...pods, ...inContainers]
}

export function namespaceEnforces(objects: readonly KubernetesObject[]): string[] {
  return ofKind(objects, 'Namespace')
    .map(({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'])
    .filter((level) => level !== 'restricted')
    .map((level) => `the namespace enforces ${level}, not restricted`)
}

/** `kubectl delete -k` deletes what an overlay has, and with a namespace all claims in it. */
export function noNamespaceShipped(objects: readonly KubernetesObject[]): string[] {
  return ofKind(objects, 'Namespace').map(
    (object) => `${title(object)} is part of the overlay, and its end that of the volumes`
  )
}

/** Whom `kubectl exec` and `kubectl logs` mean without -c, and whom patches mean by the first place. */
export function serverComesFirst(objects: readonly KubernetesObject[]): string[] {
  return ['redis', 'sentinel'].flatMap((kind) =>
    running(objects, kind).flatMap(({ owner, annotations, pod }) => {
      const meant = annotations['kubectl.kubernetes.io/default-container']
      const [first] = pod.containers
      return [
        ...(meant === kind
          ? []
          : [`${title(owner)}: exec and logs mean ${meant ?? 'whichever is first'}, not ${kind}`]),
        ...(first?.name === kind ? [] : [`${title(owner)}: the first container is ${first?.name}, not ${kind}`])
      ]
    })
  )
}

interface Claim {
  metadata: { name: string }
  spec: { resources: { requests: { storage: string } } }
}

/** Some providers refuse a claim of less than 1 Gi. */
export function claimsAreTaken(objects: readonly KubernetesObject[]): string[] {
  return objects.flatMap((object) => {
    const templates = (object.spec as { volumeClaimTemplates?: Claim[] } | undefined)?.volumeClaimTemplates ?? []
    const claims = object.kind === 'PersistentVolumeClaim' ? [object as Claim] : templates
    return claims
      .map(({ spec }) => spec.resources.requests.storage)
      .filter((storage) => !/^[1-9]\d*[GT]i$/.test(storage))
      .map((storage) => `${title(object)}: a claim of ${storage} is less than some providers give`)
  })
}

/** A lost node keeps a pod for 300 s by default, and meanwhile nobody labels the primary. */
const LEAVES_WITHIN_SECONDS = 10

export function labellerLeaves(objects: readonly KubernetesObject[]): string[] {
  return running(objects, 'label-primary').flatMap(({ owner, pod }) => {
    const slow = ['unreachable', 'not-ready'].filter((condition) => {
      const toleration = pod.tolerations?.find(({ key }) => key === `node.kubernetes.io/${condition}`)
      return toleration?.effect !== 'NoExecute' || (toleration.tolerationSeconds ?? Infinity) > LEAVES_WITHIN_SECONDS
    })
    const isApart = pod.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.some(
      ({ podAffinityTerm: { topologyKey, labelSelector } }) =>
        topologyKey === 'kubernetes.io/hostname' &&
        running(objects, 'redis').some(({ labels }) => selects(labelSelector.matchLabels, labels))
    )
    return [
      ...slow.map((condition) => `${title(owner)} stays too long at a node that is ${condition}`),
      ...(isApart === true ? [] : [`${title(owner)} does not keep away from the redis pods`])
    ]
  })
}

export function resources(objects: readonly KubernetesObject[]): string[] {
  return eachContainer(objects, ({ resources: { requests = {}, limits = {} } = {} }) =>
    ['cpu', 'memory'].flatMap((what) => [
      requests[what] === undefined && `no request for ${what}`,
      limits[what] === undefined && `no limit for ${what}`
    ])
  )
}

/**
 * The first patch of each minor version without a hole that these manifests open to the network. Redis: CVE-2026-81934, a use after
 * free in its TLS; 8.0 never got a patch for it. Valkey: CVE-2026-56684, the same with CLIENT KILL. Valkey before 8.1.2 besides
 * executed commands while it was paused (#2109), which is what a handover rests on.
 */
const LEAST: Readonly<Record<string, readonly string[]>> = {
  redis: ['7.2.16', '7.4.11', '8.2.9', '8.4.6', '8.6.6', '8.8.2', '8.10.1'],
  'valkey/valkey': ['8.1.9', '9.0.5', '9.1.1']
}

const numbers = (version: string): number[] => version.split('.').map(Number)

/** Whether a version is as new as the list asks for its minor version; one that is newer than the whole list is. */
function isMended(version: string, least: readonly string[]): boolean {
  const [major = 0, minor = 0, patch = 0] = numbers(version)
  const own = least.map(numbers).find(([a, b]) => a === major && b === minor)
  if (own !== undefined) return patch >= (own[2] ?? 0)
  const [newestMajor = 0, newestMinor = 0] = numbers(least.at(-1) ?? '')
  return major > newestMajor || (major === newestMajor && minor > newestMinor)
}

export function pinnedImages(objects: readonly KubernetesObject[]): string[] {
  return eachContainer(objects, ({ image }) => {
    const [, name = '', version] = /^(.*):v?(\d+\.\d+\.\d+)[^:/]*$/.exec(image) ?? []
    if (version === undefined) return [`the image ${image} has no whole version for a tag`]
    const least = LEAST[name] ?? ['0.0.0']
    return [
      !isMended(version, least) && `the image ${image} has a known hole: take one of ${least.join(', ')}, or newer`
    ]
  })
}

/** A read-only root needs a place for /tmp and for what is made at the start. */
export function readOnlyRoot(objects: readonly KubernetesObject[]): string[] {
  return eachContainer(objects, ({ securityContext, command, volumeMounts }) => {
    const places = (volumeMounts ?? []).map(({ mountPath }) => mountPath)
    const starts = command?.includes('/config/start.sh') === true
    return [
      securityContext?.readOnlyRootFilesystem !== true && 'its root file system can be written to',
      ...['/tmp', '/runtime', '/data'].map(
        (path) => starts && !places.includes(path) && `nothing is mounted at ${path}`
      )
    ]
  })
}

/** The hook and what redis needs for SIGTERM must fit into the grace period. */
export function gracePeriod(objects: readonly KubernetesObject[]): string[] {
  return workloads(objects).flatMap((workload) => {
    if (!workload.pod.containers.some(({ lifecycle }) => lifecycle?.preStop !== undefined)) return []
    const hook = Number(setting(objects, workload, 'HOOK_SECONDS'))
    const grace = workload.pod.terminationGracePeriodSeconds ?? 30
    return hook + 10 <= grace
      ? []
      : [`${title(workload.owner)}: the hook may take ${hook} s and SIGTERM 10 s, the grace period is ${grace} s`]
  })
}

/** One question takes ASK_SECONDS; a look-up takes 2 s for each server, and a probe that is cut off leaves processes behind. */
export function probesEndInTime(objects: readonly KubernetesObject[]): string[] {
  return eachContainer(objects, ({ startupProbe, livenessProbe, readinessProbe }, workload) => {
    const ask = Number(setting(objects, workload, 'ASK_SECONDS') ?? 0)
    return Object.entries({ startupProbe, livenessProbe, readinessProbe }).map(
      ([name, probe]) =>
        probe?.exec !== undefined &&
        (probe.timeoutSeconds ?? 1) <= 2 * ask &&
        `${name} has ${probe.timeoutSeconds ?? 1} s, and one question may take ${ask} s`
    )
  })
}

const userOf = (context: Readonly<Record<string, unknown>> | undefined): number | undefined => {
  const user = context?.['runAsUser']
  return typeof user === 'number' ? user : undefined
}

/** Where processes are shared, /proc shows to one of the same user the other's memory, environment and files. */
export function ownUsers(objects: readonly KubernetesObject[]): string[] {
  return workloads(objects).flatMap((workload) => {
    const { owner, pod } = workload
    if (pod.shareProcessNamespace !== true) return []
    const users = containers(workload).map(({ name, image, securityContext }) => ({
      name,
      image,
      uid: userOf(securityContext) ?? userOf(pod.securityContext) ?? 'the one of its image'
    }))
    return users.flatMap(({ name, image, uid }, at) =>
      users
        .slice(at + 1)
        .filter((other) => other.uid === uid && other.image !== image)
        .map((other) => `${title(owner)}: ${name} and ${other.name} share processes, and both run as ${uid}`)
    )
  })
}

export function volumesExist(objects: readonly KubernetesObject[]): string[] {
  return workloads(objects).flatMap((workload) => {
    const { owner, pod, claims } = workload
    const names = new Set([...(pod.volumes ?? []).map(({ name }) => name), ...claims])
    const mounts = containers(workload).flatMap(({ volumeMounts }) => volumeMounts ?? [])
    const missing = mounts
      .filter(({ name }) => !names.has(name))
      .map(({ name }) => `${title(owner)}: no volume ${name}`)
    const generated = ofKind(objects, 'ConfigMap').map(({ metadata }) => metadata.name)
    const mapped = (pod.volumes ?? []).flatMap(
      ({ configMap }) => (configMap as { name?: string } | undefined)?.name ?? []
    )
    const unknown = mapped
      // Those of the bundles are made by kubectl: docs/kubernetes.md.
      .filter(
        (name) =>
          !/^(example-(writer|reader)|label-primary|ioredis-sentinel-cli)$/.test(name) && !generated.includes(name)
      )
      .map((name) => `${title(owner)}: no ConfigMap ${name}`)
    return [...missing, ...unknown]
  })
}

/** One ConfigMap for both sets would roll both at the same time. */
export function oneConfigMapEach(objects: readonly KubernetesObject[]): string[] {
  const kinds = ['redis', 'sentinel'].map((kind) =>
    running(objects, kind).flatMap(({ pod }) => {
      const volume = pod.volumes?.find(({ name }) => name === 'config')?.configMap
      return (volume as { name?: string } | undefined)?.name ?? []
    })
  )
  const shared = (kinds[0] ?? []).filter((name) => kinds[1]?.includes(name))
  return shared.map((name) => `redis and sentinel share the ConfigMap ${name}`)
}

/** Without DNS a sentinel does not answer, and would be killed for it. */
export function sentinelLiveness(objects: readonly KubernetesObject[]): string[] {
  return running(objects, 'sentinel').flatMap(({ owner, pod }) =>
    pod.containers
      .filter(({ name, livenessProbe }) => name === 'sentinel' && livenessProbe?.tcpSocket === undefined)
      .map(() => `${title(owner)}: sentinel is killed by a probe that asks it`)
  )
}

export function scriptsExist(objects: readonly KubernetesObject[]): string[] {
  return eachContainer(objects, ({ command, lifecycle, startupProbe, livenessProbe, readinessProbe }, workload) => {
    const commands = [command, lifecycle?.preStop?.exec?.command]
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) commands.push(probe?.exec?.command)
    return commands
      .flatMap((words) => words ?? [])
      .filter((word) => word.startsWith('/config/'))
      .map(
        (word) => configFile(objects, workload, word.slice('/config/'.length)) === undefined && `there is no ${word}`
      )
  })
}
