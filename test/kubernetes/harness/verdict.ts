import { waitUntil } from '../../../src/testkit/wait-until.js'
import type { Cluster } from './cluster.js'
import { describePods } from './kubectl.js'
import { askNode, askSentinel, podsOf, type Seen } from './redis-view.js'

/** A topology about which all are of one mind. */
export interface Agreement {
  /** The pod's name. */
  readonly primary: string
  readonly configEpoch: number
  /** The sentinels' ids by their pods' names. */
  readonly ids: Readonly<Record<string, string>>
}

export interface AgreementOptions {
  readonly timeoutMs?: number
  /** Replicas that sentinels may still list although their pods are gone, after a scale-down. */
  readonly ghosts?: readonly string[]
}

/**
 * The end conditions of every hazard: all pods Ready, exactly one primary, every other node linked to it, every sentinel naming
 * it with one epoch, and knowing exactly the others, by name, all well.
 *
 * @throws TopologyTimeoutError that says what is still wrong.
 */
export async function untilAgreed(cluster: Cluster, options: AgreementOptions = {}): Promise<Agreement> {
  const { timeoutMs = 180_000, ghosts = [] } = options
  return waitUntil('one primary and sentinels that agree', timeoutMs, () => agreement(cluster, ghosts), {
    everyMs: 250
  })
}

async function agreement(
  cluster: Cluster,
  ghosts: readonly string[]
): Promise<{ readonly done: Agreement } | { readonly notYet: string }> {
  const pods = [...podsOf(cluster, 'redis'), ...podsOf(cluster, 'sentinel')]
  if (pods.some((pod) => !pod.ready || pod.terminating)) return { notYet: describePods(cluster) }
  const nodes = await Promise.all(podsOf(cluster, 'redis').map((pod) => askNode(cluster, pod)))
  const primaries = nodes.filter(({ role }) => role === 'primary').map(({ pod }) => pod)
  const [primary] = primaries
  if (primary === undefined || primaries.length > 1) return { notYet: `primaries: ${primaries.join(', ') || 'none'}` }
  const stray = nodes.find((node) => node.role === 'replica' && (node.follows !== primary || !node.linkUp))
  if (stray !== undefined)
    return { notYet: `${stray.pod} follows ${stray.follows ?? ''}, link ${String(stray.linkUp)}` }

  const views = await Promise.all(podsOf(cluster, 'sentinel').map((pod) => askSentinel(cluster, pod)))
  const replicas = nodes.map(({ pod }) => pod).filter((pod) => pod !== primary)
  for (const view of views) {
    if (view.primary !== primary || view.flags !== 'master')
      return { notYet: `${view.pod} names ${view.primary} (${view.flags}), the primary is ${primary}` }
    const others = views.map(({ pod }) => pod).filter((pod) => pod !== view.pod)
    const wrong = differs(view.replicas, replicas, 'slave', ghosts) ?? differs(view.sentinels, others, 'sentinel', [])
    if (wrong !== undefined) return { notYet: `${view.pod}: ${wrong}` }
  }
  const epochs = new Set(views.map(({ configEpoch }) => configEpoch))
  if (epochs.size !== 1) return { notYet: `config epochs ${[...epochs].join(', ')}` }
  const ids = Object.fromEntries(views.map(({ pod, id }) => [pod, id]))
  return { done: { primary, configEpoch: views[0]?.configEpoch ?? -1, ids } }
}

function differs(
  seen: readonly Seen[],
  wanted: readonly string[],
  flags: string,
  ghosts: readonly string[]
): string | undefined {
  const list = (names: readonly string[]): string => names.toSorted().join(', ')
  const counted = seen.filter(({ name }) => !ghosts.includes(name))
  const names = counted.map(({ name }) => name)
  if (list(names) !== list(wanted)) return `knows ${list(names) || 'nobody'} instead of ${list(wanted)}`
  const unwell = counted.find((each) => each.flags !== flags || !each.linkUp)
  return unwell === undefined ? undefined : `sees ${unwell.name} as ${unwell.flags}, link ${String(unwell.linkUp)}`
}
