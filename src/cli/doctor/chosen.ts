import { formatAddress } from '../address.js'
import type { Examination, Follower, GroupView, NodeFacts, NodeInfo, SentinelFacts } from './examination.js'

export interface ReadSentinel {
  readonly key: string
  readonly facts: SentinelFacts
}

export interface WatchingSentinel {
  readonly key: string
  readonly group: GroupView
}

export interface ReadNode {
  readonly key: string
  readonly facts: NodeFacts
}

export interface TellingNode extends ReadNode {
  readonly info: NodeInfo
}

/** The sentinels that answered. */
export function readSentinels({ sentinels }: Pick<Examination, 'sentinels'>): ReadSentinel[] {
  return sentinels.flatMap((one) => ('facts' in one ? [one] : []))
}

/** Those of them that know the group. */
export function watching(examination: Pick<Examination, 'sentinels'>): WatchingSentinel[] {
  return readSentinels(examination).flatMap(({ key, facts: { group } }) =>
    group === undefined || group === 'unknown' ? [] : [{ key, group }]
  )
}

/** What those of them say who told this, each by its key. */
export function saying<Field extends keyof GroupView>(
  examination: Examination,
  field: Field
): { readonly key: string; readonly said: NonNullable<GroupView[Field]> }[] {
  return watching(examination).flatMap(({ key, group }) => {
    const said = group[field]
    return said == null ? [] : [{ key, said }]
  })
}

/** The nodes that answered. */
export function readNodes({ nodes }: Examination): ReadNode[] {
  return nodes.flatMap((one) => ('facts' in one ? [one] : []))
}

/** Those of them that did not refuse INFO. */
export function tellingNodes(examination: Examination): TellingNode[] {
  return readNodes(examination).flatMap(({ key, facts }) =>
    facts.info === undefined ? [] : [{ key, facts, info: facts.info }]
  )
}

/** The node that the sentinels with the highest config epoch name, `host:port`; of several the one that most of them name. */
export function namedPrimary(examination: Examination): string | undefined {
  const views = watching(examination)
  const epoch = ({ group }: WatchingSentinel): number => group.configEpoch ?? -1
  const highest = Math.max(...views.map(epoch))
  const votes = tally(
    views.filter((view) => epoch(view) === highest),
    ({ group }) => formatAddress(group.primary)
  )
  return [...votes].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0]
}

/** The named primary, when it told its INFO. */
export function primaryRead(examination: Examination): TellingNode | undefined {
  const key = namedPrimary(examination)
  return tellingNodes(examination).find((node) => node.key === key)
}

/** The replicas that the primary lists. */
export function followers(examination: Examination): readonly Follower[] {
  const role = primaryRead(examination)?.info.role
  return role?.kind === 'primary' ? role.replicas : []
}

/** All other nodes that did; the primary under a second address is none. */
export function replicasRead(examination: Examination): TellingNode[] {
  const key = namedPrimary(examination)
  const primary = primaryRead(examination)
  return tellingNodes(examination).filter(
    (node) => node.key !== key && (primary === undefined || !isSameNode(node, primary))
  )
}

/** Whether these are two addresses of one node. */
export function isSameNode(node: ReadNode, other: ReadNode): boolean {
  return node.key === other.key || isSameRun(node.facts, other.facts)
}

/** By INFO; where that was refused, nobody knows. */
export function isSameRun({ info }: Pick<NodeFacts, 'info'>, other: Pick<NodeFacts, 'info'>): boolean {
  const runId = info?.runId ?? ''
  return runId !== '' && runId === other.info?.runId
}

/** How many sentinels the group has, by the one that knows most; undefined when none said. */
export function sentinelCount(examination: Examination): number | undefined {
  const known = saying(examination, 'others').map(({ said }) => said.length + 1)
  const answering = new Set(readSentinels(examination).map(({ key, facts: { id } }) => id ?? key))
  return known.length === 0 ? undefined : Math.max(answering.size, ...known)
}

/** How many replicas the group has, those that are down too; one with two addresses that both answer is one. */
export function replicaCount(examination: Examination): number {
  const answering = readNodes(examination)
  const again = answering.filter((node, at) => answering.slice(0, at).some((earlier) => isSameNode(node, earlier)))
  return Math.max(0, examination.nodes.length - again.length - 1)
}

/** Who says the same. */
export function tally<T extends { readonly key: string }>(
  all: readonly T[],
  say: (one: T) => string
): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const one of all) found.set(say(one), [...(found.get(say(one)) ?? []), one.key])
  return found
}

/** `2 by 10.0.0.1:26379, 10.0.0.2:26379; 3 by 10.0.0.3:26379` */
export function tallied(found: ReadonlyMap<string, readonly string[]>): string {
  return [...found].map(([said, keys]) => `${said} by ${keys.join(', ')}`).join('; ')
}
