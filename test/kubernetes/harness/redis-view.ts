import type { Cluster } from './cluster.js'
import type { Pod } from './kubelet/pod.js'
import { accessOf } from './redis-access.js'

export interface NodeView {
  readonly pod: string
  readonly role: 'primary' | 'replica'
  /** The pod's name that it follows; of a replica only. */
  readonly follows?: string
  readonly linkUp: boolean
}

export interface Seen {
  readonly name: string
  /** Of the process that it reached last. */
  readonly runId: string
  readonly flags: string
  readonly linkUp: boolean
}

export interface SentinelView {
  readonly pod: string
  readonly id: string
  /** The first part of the primary's name: the pod's. */
  readonly primary: string
  readonly flags: string
  readonly configEpoch: number
  readonly replicas: readonly Seen[]
  readonly sentinels: readonly Seen[]
}

const GROUP = 'mymaster'
const TIMEOUT_MS = 3_000

/** What a redis pod says of itself. Rejects while it does not answer, or is LOADING. */
export async function askNode(cluster: Cluster, pod: Pod): Promise<NodeView> {
  const access = accessOf(cluster)
  const [role] = await cluster.process.call('ask', access.node(addressOf(pod)), [['ROLE']], TIMEOUT_MS)
  const [kind, ...rest] = role as [string, ...unknown[]]
  if (kind === 'master') return { pod: nameOf(pod), role: 'primary', linkUp: true }
  const [host, , link] = rest as [string, number, string]
  return { pod: nameOf(pod), role: 'replica', follows: firstPart(host), linkUp: link === 'connected' }
}

/** What a sentinel knows. Rejects while it does not answer. */
export async function askSentinel(cluster: Cluster, pod: Pod): Promise<SentinelView> {
  const access = accessOf(cluster)
  const [id, group, replicas, sentinels] = await cluster.process.call(
    'ask',
    access.sentinel(addressOf(pod)),
    [
      ['SENTINEL', 'MYID'],
      ['SENTINEL', 'MASTER', GROUP],
      ['SENTINEL', 'REPLICAS', GROUP],
      ['SENTINEL', 'SENTINELS', GROUP]
    ],
    TIMEOUT_MS
  )
  const about = fields(group)
  return {
    pod: nameOf(pod),
    id: String(id),
    primary: firstPart(about['ip'] ?? ''),
    flags: about['flags'] ?? '',
    configEpoch: Number(about['config-epoch']),
    replicas: (replicas as unknown[]).map(seen),
    sentinels: (sentinels as unknown[]).map(seen)
  }
}

/** Any commands at a redis pod, as its administrator. */
export async function commandNode(cluster: Cluster, pod: Pod, ...commands: string[][]): Promise<unknown[]> {
  return cluster.process.call('ask', accessOf(cluster).node(addressOf(pod)), commands, TIMEOUT_MS)
}

/** Any commands at a sentinel. */
export async function commandSentinel(cluster: Cluster, pod: Pod, ...commands: string[][]): Promise<unknown[]> {
  return cluster.process.call('ask', accessOf(cluster).sentinel(addressOf(pod)), commands, TIMEOUT_MS)
}

/** The redis pods, or the sentinels, of whatever kind of set. */
export function podsOf(cluster: Cluster, kind: 'redis' | 'sentinel'): readonly Pod[] {
  return cluster.pods.filter(
    ({ setup }) => setup.owner !== undefined && setup.labels['app.kubernetes.io/name'] === kind
  )
}

/** The name that it has in the topology; the pods of a Deployment have another one of their own. */
export const nameOf = (pod: Pod): string => pod.setup.spec.hostname ?? pod.name

/** The pod of this name in the topology. @throws Error that names those that are there. */
export function podNamed(cluster: Cluster, name: string): Pod {
  const found = podsOf(cluster, 'redis').find((pod) => nameOf(pod) === name)
  if (found === undefined)
    throw new Error(`no redis pod is ${name}: ${podsOf(cluster, 'redis').map(nameOf).join(', ')}`)
  return found
}

function seen(entry: unknown): Seen {
  const { ip = '', flags = '', runid: runId = '', 'master-link-status': link } = fields(entry)
  return { name: firstPart(ip), runId, flags, linkUp: link === undefined || link === 'ok' }
}

function fields(reply: unknown): Readonly<Record<string, string>> {
  const words = reply as string[]
  return Object.fromEntries(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? '']] : [])))
}

/** A pod's name out of its full one; an address stays whole. */
const firstPart = (name: string): string => (/^[0-9.]+$/.test(name) ? name : (name.split('.')[0] ?? name))

function addressOf(pod: Pod): string {
  if (pod.address === undefined) throw new Error(`pod ${pod.name} has no address yet`)
  return pod.address
}
