import { NoPrimaryError, SentinelsUnreachableError } from '../errors.js'
import type { Address } from '../protocol/address.js'
import { formatAddress } from '../protocol/address.js'
import { isMinority } from '../topology/opening.js'
import type { SentinelView, Topology } from '../topology/topology.js'

export interface Hindrance {
  /** The last error of each sentinel that does not answer, by `host:port`. */
  readonly sentinelErrors: Readonly<Record<string, Error>>
  /** The names that the sentinels do know, when they were asked for them. */
  readonly knownNames: readonly string[]
  /** The last error of a connection to the primary. */
  readonly lastTrouble: (Error & { readonly message: string }) | undefined
  /** What about addressMap may be the reason that this node is not reached, in words. */
  mapHint(address: Address | undefined): string
}

/** Why no primary can be reached, as well as it is known. */
export function whyNotReady(topology: Topology, hindrance: Hindrance): Error {
  const { name: group, sentinels, phase, primary } = topology
  const context = { group, stage: 'discovering', phase: phase.kind } as const
  const reachable = sentinels.filter((view) => view.reachable)
  if (reachable.length === 0) {
    const causes = hindrance.sentinelErrors
    const told = Object.entries(causes).map(([key, { message }]) =>
      message.includes(key) ? message : `${key}: ${message}`
    )
    return new SentinelsUnreachableError(
      `no sentinel of "${group}" answers (${told.join('; ')})${hindrance.mapHint(undefined)}`,
      {
        ...context,
        causes
      }
    )
  }
  if (knowNoSuchGroup(sentinels, false)) {
    const { knownNames } = hindrance
    const known = knownNames.length === 0 ? '' : `; they know: ${knownNames.join(', ')}`
    return new NoPrimaryError(
      `the sentinels ${reachable.map((view) => view.key).join(', ')} know no group "${group}"${known}`,
      {
        ...context,
        knownNames
      }
    )
  }
  const { lastTrouble } = hindrance
  const named = primary?.address ?? (phase.kind === 'verifying' ? phase.candidate : undefined)
  const who =
    named === undefined
      ? isMinority(sentinels)
        ? `only ${reachable.map((view) => view.key).join(', ')} of the sentinels can be heard, and the nodes do not bear out what is said there`
        : 'the sentinels do not agree on a primary yet'
      : `${formatAddress(named)} is named as the primary`
  const trouble = lastTrouble === undefined ? '' : `: ${lastTrouble.message}`
  return new NoPrimaryError(`no primary of "${group}" could be verified; ${who}${trouble}${hindrance.mapHint(named)}`, {
    ...context,
    endpoint: named,
    cause: lastTrouble
  })
}

/** Every sentinel has answered or failed, and those that answer know no group of this name: waiting is of little use. */
export function knowNoSuchGroup(sentinels: readonly SentinelView[], primaryKnown: boolean): boolean {
  const heard = sentinels.filter((view) => view.reachable)
  const settled = sentinels.every((view) => view.seenAt > 0 || view.error !== undefined)
  return !primaryKnown && settled && heard.length > 0 && heard.every((view) => view.unknownName)
}
