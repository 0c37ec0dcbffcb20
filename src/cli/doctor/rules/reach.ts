import { formatAddress } from '../../address.js'
import { isAbout } from '../announced.js'
import { watching, type WatchingSentinel } from '../chosen.js'
import { denialBy } from '../denial.js'
import type { Examination, ExaminedNode, ExaminedSentinel, Listed } from '../examination.js'
import type { Rule, Sign } from '../rule.js'

const GONE = ['s_down', 'disconnected']

interface Listing {
  readonly by: string
  /** The server's address there, where it is not the one at which it was asked. */
  readonly as: string
  readonly flags: readonly string[]
}

type Kind = 'nodes' | 'sentinels'

/** What the sentinels say about one server. */
function listings(examination: Examination, one: ExaminedNode | ExaminedSentinel, kind: Kind): Listing[] {
  return watching(examination).flatMap((view) =>
    listed(view, one, kind).map(({ address, flags }) => {
      const announced = formatAddress(address)
      return { by: view.key, as: announced === one.key ? '' : ` of ${announced}`, flags }
    })
  )
}

function listed({ group }: WatchingSentinel, one: ExaminedNode | ExaminedSentinel, kind: Kind): readonly Listed[] {
  const { primary, flags, replicas = [], others = [] } = group
  if (kind === 'sentinels') return others.filter((other) => isAbout(one as ExaminedSentinel, other))
  const nodes = flags === undefined ? replicas : [{ address: primary, flags }, ...replicas]
  return nodes.filter(({ address }) => formatAddress(address) === one.key)
}

const isGone = ({ flags }: Listing): boolean => flags.some((flag) => GONE.includes(flag))
const told = (all: readonly Listing[]): string =>
  all.map(({ by, as, flags }) => `${by} says ${flags.join(', ')}${as}`).join('; ')

/** Servers that do not answer here: those that a sentinel sees all the same, or those that none sees. Without those of which protectedMode tells. */
function silent(examination: Examination, kind: Kind, seen: boolean): Sign[] {
  return examination[kind].flatMap((one) => {
    if (!('unreachable' in one) || (kind === 'nodes' && denialBy(one) !== undefined)) return []
    const all = listings(examination, one, kind)
    if (all.some((listing) => !isGone(listing)) !== seen) return []
    const sentinels = all.length === 0 ? 'no sentinel lists it' : told(all)
    return [{ at: one.key, evidence: `from here: ${one.unreachable}; ${sentinels}`, fill: { at: one.key } }]
  })
}

export const nodeUnreachable: Rule = {
  code: 'node-unreachable',
  severity: 'error',
  meaning:
    'A node works for the sentinels and cannot be used from here at the address that is announced: clients here cannot use it either.',
  remedy:
    "what was read tells which: where there is no way, let the node announce an address that clients reach (replica-announce-ip <host>, replica-announce-port <port>), open the way to {at}, or translate addresses with the client's option addressMap; WRONGPASS or NOAUTH: give the right password; max number of clients: end some, or CONFIG SET maxclients <more>; a certificate: give the authority that issued it (--ca), or renew it",
  find: (examination) => silent(examination, 'nodes', true)
}

export const nodeDown: Rule = {
  code: 'node-down',
  severity: 'error',
  meaning: 'A node answers neither the sentinels nor here.',
  remedy:
    'start it again; if it is gone for good: SENTINEL RESET {name}, at one sentinel after the other, 30 s apart, since a replica is never forgotten otherwise',
  find: (examination) => silent(examination, 'nodes', false)
}

export const sentinelUnreachable: Rule = {
  code: 'sentinel-unreachable',
  severity: 'error',
  meaning:
    'A sentinel works for the others and cannot be used from here at the address that is announced: clients here do not hear it.',
  remedy:
    "what was read tells which: where there is no way, let it announce an address that clients reach (sentinel announce-ip <host>, sentinel announce-port <port>), open the way to {at}, or translate addresses with the client's option addressMap; WRONGPASS or NOAUTH: give the right password; a certificate: give the authority that issued it (--ca), or renew it",
  find: (examination) => silent(examination, 'sentinels', true)
}

export const sentinelDown: Rule = {
  code: 'sentinel-down',
  severity: 'error',
  meaning:
    'A sentinel answers neither the others nor here, and still counts: the majority is that of all that are known, the dead included.',
  remedy:
    'start it again; if it is gone for good: SENTINEL RESET {name}, at one sentinel after the other, 30 s apart, since a sentinel is never forgotten otherwise',
  find: (examination) => silent(examination, 'sentinels', false)
}

export const nodeUnusable: Rule = {
  code: 'node-unusable',
  severity: 'error',
  meaning:
    'A node answers here, and a sentinel cannot use it: wrong auth-user or auth-pass, TLS, or a broken way between the two. That sentinel will hold it to be down.',
  remedy:
    'at {by}: SENTINEL SET {name} auth-pass <password> (with an ACL user also auth-user <user>); if these are right, see whether it reaches {at}, and ACL LOG there',
  find: (examination) => unusable(examination, 'nodes')
}

export const sentinelUnusable: Rule = {
  code: 'sentinel-unusable',
  severity: 'error',
  meaning:
    'A sentinel answers here, and another one cannot use it: a password that the other does not have, TLS, or a broken way between the two. The other will not count it.',
  remedy:
    'at {by}: sentinel sentinel-pass <password> (with an ACL user also sentinel sentinel-user <user>); if these are right, see whether it reaches {at}',
  find: (examination) => unusable(examination, 'sentinels')
}

/** Servers that answer here, and that a sentinel has lost. */
function unusable(examination: Examination, kind: Kind): Sign[] {
  return examination[kind].flatMap((one) =>
    'unreachable' in one
      ? []
      : listings(examination, one, kind)
          .filter(isGone)
          .map((listing) => ({
            at: one.key,
            evidence: `it answers here; ${told([listing])}`,
            fill: { by: listing.by, at: one.key }
          }))
  )
}
