import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** A Kubernetes object as it lies in k8s/rendered. What is asserted of its fields is read through the shapes below. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: Metadata
  spec?: unknown
  data?: Record<string, string>
}

interface Metadata {
  name: string
  namespace?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

export type Labels = Record<string, string>

export interface Container {
  name: string
  image: string
  command?: string[]
  args?: string[]
  env?: { name: string; value?: string; valueFrom?: unknown }[]
  ports?: { name: string; containerPort: number }[]
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
  securityContext?: Record<string, unknown> & { capabilities?: { drop?: string[]; add?: string[] } }
  startupProbe?: Probe
  livenessProbe?: Probe
  readinessProbe?: Probe
  lifecycle?: { preStop?: { exec?: { command: string[] } } }
  volumeMounts?: { name: string; mountPath: string }[]
}

export interface Probe {
  exec?: { command: string[] }
  tcpSocket?: { port: string | number }
  httpGet?: { port: string | number; path: string }
  timeoutSeconds?: number
  periodSeconds?: number
  failureThreshold?: number
}

export interface PodSpec {
  containers: Container[]
  initContainers?: Container[]
  volumes?: ({ name: string } & Record<string, { name?: string; secretName?: string } | string | undefined>)[]
  securityContext?: Record<string, unknown> & { seccompProfile?: { type: string } }
  terminationGracePeriodSeconds?: number
  enableServiceLinks?: boolean
  automountServiceAccountToken?: boolean
  shareProcessNamespace?: boolean
  hostname?: string
  subdomain?: string
  dnsConfig?: { options?: { name: string; value?: string }[] }
  topologySpreadConstraints?: {
    topologyKey: string
    labelSelector: { matchLabels: Labels }
    whenUnsatisfiable?: string
    minDomains?: number
    nodeTaintsPolicy?: string
  }[]
  tolerations?: { key: string; effect?: string; tolerationSeconds?: number }[]
  affinity?: {
    podAntiAffinity?: {
      preferredDuringSchedulingIgnoredDuringExecution?: {
        podAffinityTerm: { topologyKey: string; labelSelector: { matchLabels: Labels } }
      }[]
    }
  }
}

/** Something that makes pods, and what it makes them of. */
export interface Workload {
  readonly owner: KubernetesObject
  readonly labels: Labels
  readonly annotations: Labels
  readonly pod: PodSpec
  readonly claims: readonly string[]
}

interface PodTemplate {
  metadata?: Partial<Metadata>
  spec: PodSpec
}

export const RENDERED = readdirSync(join(ROOT, 'k8s/rendered'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length))

/** The overlays, which hold a whole topology each. */
export const OVERLAYS = RENDERED.filter(
  (name) =>
    !['examples', 'examples-image', 'examples-production', 'drills', 'drills-production', 'restore'].includes(name)
)

export function readRendered(name: string): KubernetesObject[] {
  return parseAllDocuments(readFileSync(join(ROOT, `k8s/rendered/${name}.yaml`), 'utf8')).map(
    (document) => document.toJS() as KubernetesObject
  )
}

export const title = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`

export const ofKind = (objects: readonly KubernetesObject[], kind: string): KubernetesObject[] =>
  objects.filter((object) => object.kind === kind)

/** All StatefulSets, Deployments, Jobs and CronJobs, and pods of nobody's. */
export function workloads(objects: readonly KubernetesObject[]): Workload[] {
  return objects.flatMap((owner) => {
    const spec = owner.spec as
      | {
          template?: PodTemplate
          jobTemplate?: { spec: { template: PodTemplate } }
          volumeClaimTemplates?: { metadata: { name: string } }[]
        }
      | undefined
    const own = owner.kind === 'Pod' ? { metadata: owner.metadata, spec: owner.spec as PodSpec } : undefined
    const template = own ?? spec?.jobTemplate?.spec.template ?? spec?.template
    if (template === undefined) return []
    const claims = (spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name)
    const { labels = {}, annotations = {} } = template.metadata ?? {}
    return [{ owner, labels, annotations, pod: template.spec, claims }]
  })
}

export const containers = ({ pod }: Workload): Container[] => [...pod.containers, ...(pod.initContainers ?? [])]

export const selects = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value)

/** The workloads that run a container of this name: "redis", "sentinel". */
export const running = (objects: readonly KubernetesObject[], name: string): Workload[] =>
  workloads(objects).filter(({ pod }) => pod.containers.some((container) => container.name === name))

/** The files of the ConfigMap that a workload mounts at /config. */
function configFiles(objects: readonly KubernetesObject[], workload: Workload): Readonly<Record<string, string>> {
  const name = (
    workload.pod.volumes?.find((volume) => volume.name === 'config')?.configMap as { name?: string } | undefined
  )?.name
  return ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name === name)?.data ?? {}
}

/** What one of them says. */
export const configFile = (
  objects: readonly KubernetesObject[],
  workload: Workload,
  file: string
): string | undefined => configFiles(objects, workload)[file]

/** What redis takes for a directive: start.sh includes redis.conf and then redis-*.conf, and the last word counts. */
export function directive(objects: readonly KubernetesObject[], workload: Workload, key: string): string | undefined {
  const files = Object.entries(configFiles(objects, workload)).filter(([file]) => /^redis-.*\.conf$/.test(file))
  const sorted = files.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  return [configFile(objects, workload, 'redis.conf') ?? '', ...sorted]
    .flatMap((text) => text.split('\n'))
    .findLast((line) => line.startsWith(`${key} `))
    ?.slice(key.length + 1)
}

/** The value of a KEY=value line in what the scripts read, in their order: the last one counts. */
export function setting(objects: readonly KubernetesObject[], workload: Workload, key: string): string | undefined {
  const lines = ['topology.env', 'redis.env', 'overlay.env', 'acl.env', 'tls.env'].flatMap((file) =>
    (configFile(objects, workload, file) ?? '').split('\n')
  )
  return lines.findLast((line) => line.startsWith(`${key}=`))?.slice(key.length + 1)
}
