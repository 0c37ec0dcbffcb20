import { type Address, formatAddress, sameAddress } from '../protocol/address.js'
import type { LocalNode } from './local-node.js'
import type { Described, LocalSentinel, SentinelReport } from './local-sentinel.js'

/** The processes to look at. */
export interface Members {
  readonly name: string
  readonly nodes: readonly LocalNode[]
  readonly sentinels: readonly LocalSentinel[]
}

export type Answer<T> = { readonly done: T } | { readonly notYet: string }

const notYet = (reason: string): { readonly notYet: string } => ({ notYet: reason })

/**
 * Who the primary really is: the node that the sentinels with the highest config epoch name, once it says so itself. With no
 * sentinel left, the one node that says so.
 */
export async function findPrimary({ name, nodes, sentinels }: Members): Promise<Answer<LocalNode>> {
  const reports = await reachableReports(name, sentinels)
  if (reports.length === 0) return onlyPrimary(nodes)
  const newest = reports.reduce((best, report) => (report.configEpoch > best.configEpoch ? report : best))
  const node = nodes.find((candidate) => sameAddress(candidate.address, newest.primary))
  if (node === undefined)
    return notYet(`the sentinels name ${formatAddress(newest.primary)}, which is not one of the nodes`)
  if (!node.healthy) return notYet(`the sentinels still name ${String(node)}, which is down, frozen or cut off`)
  const { role } = await node.role()
  return role === 'primary' ? { done: node } : notYet(`the sentinels name ${String(node)}, which says it is a replica`)
}

async function reachableReports(name: string, sentinels: readonly LocalSentinel[]): Promise<SentinelReport[]> {
  const asked = await Promise.allSettled(
    sentinels.filter((sentinel) => sentinel.healthy).map((sentinel) => sentinel.report(name))
  )
  return asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

async function onlyPrimary(nodes: readonly LocalNode[]): Promise<Answer<LocalNode>> {
  const healthy = nodes.filter((node) => node.healthy)
  const roles = await Promise.allSettled(healthy.map((node) => node.role()))
  const primaries = healthy.filter((_, index) => {
    const role = roles[index]
    return role?.status === 'fulfilled' && role.value.role === 'primary'
  })
  const [only] = primaries
  return only !== undefined && primaries.length === 1
    ? { done: only }
    : notYet(`no sentinel answers and ${primaries.length} nodes say that they are primary`)
}

/** How much the sentinels must know: `flags`: nobody is held to be down. `links`: also, every replica's link is up. */
export type Depth = 'flags' | 'links'

/** Whether all healthy nodes follow one primary, and all healthy sentinels agree on it and see them all. */
export async function checkAgreement(members: Members, depth: Depth): Promise<Answer<LocalNode>> {
  const nodes = members.nodes.filter((node) => node.healthy)
  const sentinels = members.sentinels.filter((sentinel) => sentinel.healthy)
  const found = await findPrimary({ ...members, sentinels })
  if ('notYet' in found) return found
  const primary = found.done
  for (const node of nodes) {
    const reason = node === primary ? undefined : await strays(node, primary.address)
    if (reason !== undefined) return notYet(reason)
  }
  const reports = await Promise.all(sentinels.map((sentinel) => sentinel.report(members.name)))
  for (const [index, report] of reports.entries()) {
    const self = sentinels[index]
    const reason = disagrees(report, primary.address, {
      replicas: nodes.filter((node) => node !== primary).map((node) => node.address),
      sentinels: sentinels.filter((sentinel) => sentinel !== self).map((sentinel) => sentinel.address),
      depth
    })
    if (reason !== undefined) return notYet(`${String(self)} ${reason}`)
  }
  const epochs = new Set(reports.map((report) => report.configEpoch))
  return epochs.size <= 1 ? found : notYet(`the sentinels hold different config epochs: ${[...epochs].join(', ')}`)
}

async function strays(node: LocalNode, primary: Address): Promise<string | undefined> {
  const role = await node.role()
  if (role.role === 'primary') return `${String(node)} says it is the primary too`
  if (!sameAddress(role.of, primary)) return `${String(node)} still follows ${formatAddress(role.of)}`
  return role.linkUp ? undefined : `${String(node)} has no link to the primary yet`
}

interface Expected {
  readonly replicas: readonly Address[]
  readonly sentinels: readonly Address[]
  readonly depth: Depth
}

function disagrees(report: SentinelReport, primary: Address, expected: Expected): string | undefined {
  if (!sameAddress(report.primary, primary)) return `names ${formatAddress(report.primary)} as the primary`
  if (report.flags.length !== 1) return `flags the primary ${report.flags.join(',')}`
  for (const address of expected.replicas) {
    const seen = find(report.replicas, address)
    const reason = isClean(seen, expected.depth === 'links')
    if (reason !== undefined) return `${reason} replica ${formatAddress(address)}`
  }
  for (const address of expected.sentinels) {
    const reason = isClean(find(report.sentinels, address), false)
    if (reason !== undefined) return `${reason} sentinel ${formatAddress(address)}`
  }
  return undefined
}

function find(list: readonly Described[], address: Address): Described | undefined {
  return list.find((entry) => sameAddress(entry.address, address))
}

function isClean(seen: Described | undefined, withLink: boolean): string | undefined {
  if (seen === undefined) return 'does not know'
  // One flag is the kind itself; every other one (s_down, disconnected, reconf_sent …) says that something is not over.
  if (seen.flags.length !== 1) return `flags ${seen.flags.join(',')}:`
  return withLink && !seen.linkUp ? 'sees no link of' : undefined
}
