import { waitUntil } from '../../../src/testkit/wait-until.js'
import type { Cluster } from './cluster.js'
import { isDeploymentRolledOut } from './control/deployment.js'
import { whyNotEvict } from './control/eviction.js'
import { selects } from './control/labels.js'
import { isRolledOut } from './control/stateful-set.js'
import type { Pod } from './kubelet/pod.js'
import type { Deployment, PodDisruptionBudget, PodTemplate, StatefulSet } from './manifests/objects.js'

type Workload = StatefulSet | Deployment
export type WorkloadKind = 'StatefulSet' | 'Deployment'

const EVICT_AGAIN_MS = 5_000

/** `kubectl scale`. */
export function scale(cluster: Cluster, name: string, replicas: number, kind: WorkloadKind = 'StatefulSet'): void {
  cluster.events.say(`scale ${name} to ${replicas}`)
  change(cluster, kind, name, (object) => ({ ...object.spec, replicas }))
}

/** `kubectl rollout restart`. */
export function rolloutRestart(cluster: Cluster, name: string, kind: WorkloadKind = 'StatefulSet'): void {
  cluster.events.say(`rollout restart ${name}`)
  changeTemplate(cluster, name, (template) => withAnnotation(template, String(Date.now())), kind)
}

/** `kubectl set image`: of the container that is called as the set is. */
export function setImage(cluster: Cluster, name: string, image: string, kind: WorkloadKind = 'StatefulSet'): void {
  cluster.events.say(`set image ${name}=${image}`)
  const edit = (template: PodTemplate): PodTemplate => {
    const containers = template.spec.containers.map((each) => (each.name === name ? { ...each, image } : each))
    return { ...template, spec: { ...template.spec, containers } }
  }
  changeTemplate(cluster, name, edit, kind)
}

/** `kubectl rollout status`: resolves when all pods are of the newest revision and Ready. */
export async function rolloutStatus(
  cluster: Cluster,
  name: string,
  { kind = 'StatefulSet', timeoutMs = 300_000 }: { readonly kind?: WorkloadKind; readonly timeoutMs?: number } = {}
): Promise<void> {
  await waitUntil(`the rollout of ${name}`, timeoutMs, async () => {
    const object = cluster.objects.get<Workload>(kind, name)
    const done =
      kind === 'StatefulSet' ? isRolledOut(object, cluster.control) : isDeploymentRolledOut(object, cluster.control)
    return done ? { done: undefined } : { notYet: describePods(cluster) }
  })
}

export function changeTemplate(
  cluster: Cluster,
  name: string,
  edit: (template: PodTemplate) => PodTemplate,
  kind: WorkloadKind = 'StatefulSet'
): void {
  change(cluster, kind, name, ({ spec }) => ({ ...spec, template: edit(spec.template) }))
}

/** `kubectl drain`: no new pods, and all evicted as the disruption budgets allow. Resolves when none of them is left. */
export async function drain(cluster: Cluster, node: number, owners: readonly string[]): Promise<void> {
  cluster.events.say(`drain node-${node}`)
  cluster.closedNodes.add(node)
  const here = cluster.pods.filter(({ setup }) => setup.node === node && owners.includes(setup.owner ?? ''))
  await Promise.all(here.map((pod) => evict(cluster, pod)))
}

export function uncordon(cluster: Cluster, node: number): void {
  cluster.events.say(`uncordon node-${node}`)
  cluster.closedNodes.delete(node)
}

/** The node that a pod is on. */
export const nodeOf = (pod: Pod): number => pod.setup.node

async function evict(cluster: Cluster, pod: Pod): Promise<void> {
  for (;;) {
    const budgets = cluster.objects.all<PodDisruptionBudget>('PodDisruptionBudget')
    const refused = whyNotEvict(pod, cluster.pods, budgets, (budget) => expected(cluster, budget))
    if (refused === undefined) return cluster.deletePod(pod)
    cluster.events.say(`eviction of ${pod.name} is refused: ${refused}`)
    await new Promise((resolve) => setTimeout(resolve, EVICT_AGAIN_MS))
  }
}

/** How many pods the budget's selector should find: what their sets are to have. */
function expected(cluster: Cluster, { spec }: PodDisruptionBudget): number {
  return [...cluster.objects.all<Workload>('StatefulSet'), ...cluster.objects.all<Workload>('Deployment')]
    .filter((workload) => selects(spec.selector, workload.spec.template.metadata?.labels ?? {}))
    .reduce((sum, workload) => sum + (workload.spec.replicas ?? 1), 0)
}

function change(
  cluster: Cluster,
  kind: WorkloadKind,
  name: string,
  spec: (object: Workload) => Workload['spec']
): void {
  const object = cluster.objects.get<Workload>(kind, name)
  cluster.apply([{ ...object, spec: spec(object) } as Workload])
}

function withAnnotation(template: PodTemplate, value: string): PodTemplate {
  const annotations = { ...template.metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': value }
  return { ...template, metadata: { ...template.metadata, annotations } }
}

/** One line for who waits: each pod with its state. */
export function describePods(cluster: Cluster): string {
  return cluster.pods
    .map((pod) => `${pod.name} ${pod.terminating ? 'Terminating' : pod.ready ? 'Ready' : pod.phase}`)
    .join(', ')
}
