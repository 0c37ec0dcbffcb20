import type { KubernetesObject } from './objects.js'

/** Of a pod's spec: what the harness does as the kubelet does it. */
const MODELLED = new Set(
  `containers initContainers volumes restartPolicy terminationGracePeriodSeconds securityContext shareProcessNamespace dnsPolicy
  dnsConfig affinity hostname subdomain name image command args workingDir ports env envFrom volumeMounts startupProbe livenessProbe readinessProbe
  lifecycle`.split(/\s+/)
)

/** What is in the manifests and has no effect here, with the reason: `docs/kubernetes-harness.md` lists it. */
export const NOT_MODELLED: Readonly<Record<string, string>> = {
  resources: 'nothing limits processors or memory; limits only reach a container through resourceFieldRef',
  imagePullPolicy: 'there are no images: a container runs the programs of this machine',
  serviceAccountName: 'there is no API server to call',
  automountServiceAccountToken: 'there is no API server to call',
  enableServiceLinks: 'no variables named after Services are ever set',
  topologySpreadConstraints: 'pods of one name are spread evenly in any case',
  tolerations: 'nodes have no taints',
  nodeSelector: 'nodes have no labels',
  priorityClassName: 'nothing is preempted',
  hostUsers: 'no user namespaces'
}

/** Fields of pods that the harness neither does nor says it does not do: with one of these it would prove the wrong thing. */
export function unknownFields(objects: readonly KubernetesObject[]): readonly string[] {
  const known = new Set([...MODELLED, ...Object.keys(NOT_MODELLED)])
  return objects.flatMap((object) => {
    const { kind, metadata, ...rest } = object
    const { spec: own } = rest as { readonly spec?: PodShape & { readonly template?: { readonly spec?: PodShape } } }
    const spec = kind === 'Pod' ? own : own?.template?.spec
    if (spec === undefined) return []
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
    const names = [...Object.keys(spec), ...containers.flatMap((container) => Object.keys(container))]
    const unknown = [...new Set(names)]
      .filter((name) => !known.has(name))
      .map((name) => `${kind} ${metadata.name}: ${name}`)
    return [...unknown, ...unknownJobFields(object)]
  })
}

/** Of a Job: one pod, made once, is all there is. */
const OF_A_JOB: Readonly<Record<string, string>> = {
  template: 'modelled',
  backoffLimit: 'a pod that failed is not made again',
  activeDeadlineSeconds: 'who waits for it has a limit of its own',
  ttlSecondsAfterFinished: 'no cluster here lasts so long'
}

function unknownJobFields({ kind, metadata, ...rest }: KubernetesObject): readonly string[] {
  if (kind !== 'Job') return []
  const { spec = {} } = rest as { readonly spec?: object }
  return Object.keys(spec)
    .filter((name) => !(name in OF_A_JOB))
    .map((name) => `${kind} ${metadata.name}: ${name}`)
}

interface PodShape {
  readonly containers?: readonly object[]
  readonly initContainers?: readonly object[]
}
