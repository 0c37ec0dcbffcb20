import { isIP } from 'node:net'
import type { Address } from '../../index.js'
import { formatAddress } from '../address.js'
import { watching } from './chosen.js'
import type { Examination, ExaminedSentinel, Listed } from './examination.js'

/**
 * Whether an entry of SENTINEL SENTINELS is about this sentinel. One that answers is known by its id, since it may have been reached at
 * another address than the one that is announced: what a seed's name resolves to, or the loopback of its own machine.
 */
export function isAbout(sentinel: ExaminedSentinel, { id, address }: Listed): boolean {
  const own = 'facts' in sentinel ? sentinel.facts.id : undefined
  return own === undefined || id === undefined ? formatAddress(address) === sentinel.key : own === id
}

/** Where the others say that a sentinel is; undefined when none lists it. */
export function announcedAddress(examination: Examination, sentinel: ExaminedSentinel): Address | undefined {
  const listed = watching(examination).flatMap(({ group }) => group.others ?? [])
  return listed.find((one) => isAbout(sentinel, one))?.address
}

/** Whether it leads every machine to itself: all of 127.0.0.0/8 does, of which Debian gives 127.0.1.1 to a machine's own name. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Every server at the address that is announced, once; without sentinels that none lists. */
export function announcedServers(examination: Examination): readonly { readonly key: string; readonly host: string }[] {
  const sentinels = examination.sentinels.map((one) => announcedAddress(examination, one))
  const all = [...examination.nodes.map(({ address }) => address), ...sentinels]
  const hosts = all.flatMap((one) => (one === undefined ? [] : [[formatAddress(one), one.host] as const]))
  return [...new Map(hosts)].map(([key, host]) => ({ key, host }))
}
