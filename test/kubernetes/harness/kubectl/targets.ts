import type { Cluster } from '../cluster.js'
import type { Pod } from '../kubelet/pod.js'
import type { KubernetesObject } from '../manifests/objects.js'

const KINDS: Readonly<Record<string, string>> = {
  pod: 'Pod',
  statefulset: 'StatefulSet',
  sts: 'StatefulSet',
  deployment: 'Deployment',
  deploy: 'Deployment',
  job: 'Job',
  cronjob: 'CronJob',
  secret: 'Secret',
  configmap: 'ConfigMap',
  persistentvolumeclaim: 'PersistentVolumeClaim',
  pvc: 'PersistentVolumeClaim'
}

export interface Target {
  readonly kind: string
  readonly name: string
}

/** `statefulset/redis`, or a pod's name alone. @throws Error that says which kinds there are. */
export function targetOf(word: string): Target {
  const [first = '', name] = word.split('/')
  if (name === undefined) return { kind: 'Pod', name: first }
  return { kind: kindOf(first), name }
}

/** @throws Error that says which kinds there are. */
export function kindOf(word: string): string {
  const kind = KINDS[word.replace(/s$/, '')] ?? KINDS[word]
  if (kind === undefined) throw new Error(`there is no kind "${word}"; known are ${Object.keys(KINDS).join(', ')}`)
  return kind
}

/** As kubectl names it: `statefulset.apps/redis`. */
export function titleOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0] ?? ''}` : ''
  return `${kind.toLowerCase()}${group}/${metadata.name}`
}

/** The pod that is meant: itself, or the first one of what owns it. @throws Error that says what there is. */
export function podOf(cluster: Cluster, { kind, name }: Target): Pod {
  if (kind === 'Pod') return cluster.pod(name)
  cluster.objects.get(kind, name)
  const pods = cluster.pods.filter(({ setup }) => setup.owner === `${kind} ${name}`)
  const pod = pods.find(({ terminating }) => !terminating) ?? pods[0]
  if (pod === undefined) throw new Error(`${kind} ${name} has no pod`)
  return pod
}
