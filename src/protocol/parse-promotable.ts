import type { Address } from './address.js'
import { addressIn, flagsOf, parseList, whole } from './parse-reply.js'

/** A replica as one sentinel judges it when it chooses whom to promote: redis `sentinel.c` sentinelSelectSlave(). */
export interface Promotable {
  readonly address: Address
  /** This sentinel promoted it, or is about to. */
  readonly promoted: boolean
  /** Why this sentinel would not choose it; undefined when it might. */
  readonly unfit?: string
  /** How long ago the sentinel last had its INFO, in milliseconds. */
  readonly infoAgeMs: number
}

const DOWN = ['s_down', 'o_down', 'disconnected']

/** SENTINEL REPLICAS. Throws UnexpectedReplyError when the reply has not the form that sentinels give. */
export function parsePromotables(reply: unknown): readonly Promotable[] {
  return parseList('SENTINEL REPLICAS', reply).flatMap((fields) => {
    const address = addressIn(fields)
    if (address === undefined) return []
    const flags = flagsOf(fields)
    const down = DOWN.find((flag) => flags.includes(flag))
    const unfit =
      down !== undefined
        ? `is ${down}`
        : whole(fields, 'slave-priority', 100) === 0
          ? 'has replica-priority 0'
          : undefined
    return [
      {
        address,
        promoted: flags.includes('promoted'),
        ...(unfit === undefined ? {} : { unfit }),
        infoAgeMs: whole(fields, 'info-refresh', 0)
      }
    ]
  })
}

/** Whether SENTINEL MASTER says that this sentinel is busy with a failover of the group. */
export function failoverUnderWay(reply: unknown): boolean {
  const [fields] = parseList('SENTINEL MASTER', [reply])
  return fields !== undefined && flagsOf(fields).includes('failover_in_progress')
}
