import type { StatefulSet } from '../manifests/objects.js'
import type { NewPod, PodControl } from './pods.js'
import { revisionOf } from './revision.js'

/**
 * One look of the StatefulSet controller: makes what is missing, ends what is too much, and replaces one pod of an old revision,
 * the highest number first, when all that are above it are Ready. With Parallel that waiting is the only one: minReadySeconds is
 * not heeded (seen on a cluster).
 */
export function reconcileStatefulSet(set: StatefulSet, control: PodControl): void {
  const { replicas = 1, podManagementPolicy = 'OrderedReady', updateStrategy = {} } = set.spec
  const parallel = podManagementPolicy === 'Parallel'
  const pods = new Map(control.owned(ownerOf(set)).map((pod) => [ordinalOf(pod.name), pod]))
  const numbers = Array.from({ length: replicas }, (_, number) => number)

  for (const number of numbers) {
    const pod = pods.get(number)
    if (pod === undefined) control.create(newPod(set, number))
    if (!parallel && (pod === undefined || pod.terminating || !pod.ready)) return
  }
  const surplus = [...pods].filter(([number]) => number >= replicas).sort(([a], [b]) => b - a)
  for (const [, pod] of surplus) {
    if (!pod.terminating) control.remove(pod)
    if (!parallel) return
  }
  if (updateStrategy.type === 'OnDelete') return
  const revision = revisionOf(set.spec.template)
  for (const number of numbers.toReversed()) {
    if (number < (updateStrategy.rollingUpdate?.partition ?? 0)) return
    const pod = pods.get(number)
    if (pod === undefined || pod.terminating) return
    if (pod.setup.revision !== revision) {
      control.remove(pod)
      return
    }
    if (!pod.ready) return
  }
}

/** Whether `kubectl rollout status` would say that it is done. */
export function isRolledOut(set: StatefulSet, control: PodControl): boolean {
  const pods = control.owned(ownerOf(set))
  const revision = revisionOf(set.spec.template)
  return (
    pods.length === (set.spec.replicas ?? 1) &&
    pods.every((pod) => pod.ready && !pod.terminating && pod.setup.revision === revision)
  )
}

export const ownerOf = (object: StatefulSet): string => `${object.kind} ${object.metadata.name}`

export const claimName = (template: string, pod: string): string => `${template}-${pod}`

/** The number in a pod's name, -1 without one. */
export const ordinalOf = (pod: string): number => Number(/-(\d+)$/.exec(pod)?.[1] ?? -1)

function newPod(set: StatefulSet, number: number): NewPod {
  const { template, serviceName, volumeClaimTemplates = [] } = set.spec
  const name = `${set.metadata.name}-${number}`
  const claims = volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimName(metadata.name, name) }
  }))
  return {
    name,
    owner: ownerOf(set),
    revision: revisionOf(template),
    labels: {
      ...template.metadata?.labels,
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(number)
    },
    annotations: template.metadata?.annotations ?? {},
    spec: {
      ...template.spec,
      hostname: name,
      ...(serviceName === undefined ? {} : { subdomain: serviceName }),
      volumes: [...(template.spec.volumes ?? []), ...claims]
    }
  }
}
