import { randomBytes } from 'node:crypto'
import type { Pod } from '../kubelet/pod.js'
import type { Deployment } from '../manifests/objects.js'
import type { PodControl } from './pods.js'
import { revisionOf } from './revision.js'

/** One look of the Deployment controller and its ReplicaSets, as one. */
export function reconcileDeployment(deployment: Deployment, control: PodControl): void {
  const { replicas = 1, template, strategy = {} } = deployment.spec
  const owner = ownerOfDeployment(deployment)
  const revision = revisionOf(template)
  // A ReplicaSet replaces a pod as soon as its end has begun.
  const present = control.owned(owner).filter((pod) => !pod.terminating)
  const current = present.filter(({ setup }) => setup.revision === revision)
  const old = present.filter(({ setup }) => setup.revision !== revision)
  const recreate = strategy.type === 'Recreate'
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy.rollingUpdate ?? {}
  const surge = recreate ? 0 : amount(maxSurge, replicas, Math.ceil)
  const unavailable = recreate ? replicas : amount(maxUnavailable, replicas, Math.floor)

  if (recreate) for (const pod of old) control.remove(pod)
  const mayBegin = !recreate || control.owned(owner).every(({ setup }) => setup.revision === revision)
  const room = mayBegin ? Math.min(replicas - current.length, replicas + surge - present.length) : 0
  for (let made = 0; made < room; made += 1) {
    const name = `${deployment.metadata.name}-${revision}-${randomBytes(3).toString('hex').slice(0, 5)}`
    const { labels = {}, annotations = {} } = template.metadata ?? {}
    const marked = { ...labels, 'pod-template-hash': revision }
    control.create({ name, owner, revision, labels: marked, annotations, spec: template.spec })
  }
  for (const pod of current.slice(replicas)) control.remove(pod)
  // Those that are not Ready go first: they are no loss.
  let spare = ready(present).length - (replicas - unavailable)
  for (const pod of recreate ? [] : [...old.filter((pod) => !pod.ready), ...ready(old)]) {
    if (pod.ready) {
      if (spare <= 0) break
      spare -= 1
    }
    control.remove(pod)
  }
}

export function isDeploymentRolledOut(deployment: Deployment, control: PodControl): boolean {
  const revision = revisionOf(deployment.spec.template)
  const pods = control.owned(ownerOfDeployment(deployment))
  return (
    pods.length === (deployment.spec.replicas ?? 1) &&
    pods.every((pod) => pod.ready && !pod.terminating && pod.setup.revision === revision)
  )
}

export const ownerOfDeployment = (object: Deployment): string => `${object.kind} ${object.metadata.name}`

const ready = (pods: readonly Pod[]): readonly Pod[] => pods.filter((pod) => pod.ready)

/** A number, or a part of all, rounded as the API says. */
export function amount(value: number | string, all: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * all)
}
