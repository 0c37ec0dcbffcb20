import { isDeploymentRolledOut, ownerOfDeployment } from '../control/deployment.js'
import { revisionOf } from '../control/revision.js'
import { isRolledOut, ownerOf } from '../control/stateful-set.js'
import { rolloutRestart, scale as scaleSet, type WorkloadKind } from '../kubectl.js'
import type { Deployment, StatefulSet } from '../manifests/objects.js'
import type { Call } from './call.js'
import { targetOf, titleOf } from './targets.js'
import { until } from './until.js'

export function scale({ cluster, out }: Call, word: string, replicas: number): void {
  const { kind, name } = workloadOf(word)
  scaleSet(cluster, name, replicas, kind)
  out(`${titleOf(cluster.objects.get(kind, name))} scaled\n`)
}

export function restart({ cluster, out }: Call, word: string): void {
  const { kind, name } = workloadOf(word)
  rolloutRestart(cluster, name, kind)
  out(`${titleOf(cluster.objects.get(kind, name))} restarted\n`)
}

/** `rollout status`: says what it waits for, and resolves when all pods are of the newest revision and Ready. */
export async function status(call: Call, word: string, timeoutMs?: number): Promise<void> {
  const { kind, name } = workloadOf(word)
  let told = ''
  const look = (): boolean => {
    const { done, words } = kind === 'StatefulSet' ? ofStatefulSet(call, name) : ofDeployment(call, name)
    if (words !== told) call.out(`${words}\n`)
    told = words
    return done
  }
  await until(call, look, { timeoutMs })
}

interface Progress {
  readonly done: boolean
  readonly words: string
}

function ofStatefulSet({ cluster }: Call, name: string): Progress {
  const set = cluster.objects.get<StatefulSet>('StatefulSet', name)
  const { replicas = 1, template } = set.spec
  const revision = `${name}-${revisionOf(template)}`
  if (isRolledOut(set, cluster.control))
    return { done: true, words: `statefulset rolling update complete ${replicas} pods at revision ${revision}...` }
  const pods = cluster.control.owned(ownerOf(set))
  const missing = replicas - pods.filter(({ ready, terminating }) => ready && !terminating).length
  if (missing > 0) return { done: false, words: `Waiting for ${missing} pods to be ready...` }
  const updated = pods.filter(({ setup }) => setup.revision === revisionOf(template)).length
  const words = `waiting for statefulset rolling update to complete ${updated} pods at revision ${revision}...`
  return { done: false, words }
}

function ofDeployment({ cluster }: Call, name: string): Progress {
  const deployment = cluster.objects.get<Deployment>('Deployment', name)
  const { replicas = 1, template } = deployment.spec
  if (isDeploymentRolledOut(deployment, cluster.control))
    return { done: true, words: `deployment "${name}" successfully rolled out` }
  const pods = cluster.control.owned(ownerOfDeployment(deployment))
  const updated = pods.filter(({ setup }) => setup.revision === revisionOf(template))
  const available = updated.filter(({ ready }) => ready).length
  const reason =
    updated.length < replicas
      ? `${updated.length} out of ${replicas} new replicas have been updated...`
      : pods.length > updated.length
        ? `${pods.length - updated.length} old replicas are pending termination...`
        : `${available} of ${updated.length} updated replicas are available...`
  return { done: false, words: `Waiting for deployment "${name}" rollout to finish: ${reason}` }
}

function workloadOf(word: string): { readonly kind: WorkloadKind; readonly name: string } {
  const { kind, name } = targetOf(word)
  if (kind === 'StatefulSet' || kind === 'Deployment') return { kind, name }
  throw new Error(`"${word}" is neither statefulset/NAME nor deployment/NAME`)
}
