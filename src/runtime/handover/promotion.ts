import type { Address } from '../../protocol/address.js'
import { sameAddress } from '../../protocol/address.js'
import { failoverUnderWay, parsePromotables } from '../../protocol/parse-promotable.js'
import { parseAddressPair } from '../../protocol/parse-reply.js'
import { pause } from '../backoff.js'
import { Limit } from '../limit.js'
import type { AskedNode } from './asked-node.js'
import type { FailoverHost } from './failover-host.js'
import { soundSentinels } from './failover-host.js'

const ASK_NODES_EVERY_MS = 10
const ASK_LEADER_EVERY_MS = 100
const ASK_SENTINELS_EVERY_MS = 15

/** The primary that this sentinel names; undefined when it does not answer or does not know. */
export async function primaryNamedBy(host: FailoverHost, sentinel: string): Promise<Address | undefined> {
  try {
    return parseAddressPair(await host.askSentinel(sentinel, 'GET-MASTER-ADDR-BY-NAME', host.group))
  } catch {
    return undefined
  }
}

/**
 * The node among these that has been promoted: it says that it is the primary and the leader marks it as promoted, or a sentinel
 * names it. Undefined when the leader gave the failover up, or the signal aborts.
 */
export async function promotionOf(
  host: FailoverHost,
  replicas: readonly AskedNode[],
  { leader, from }: { readonly leader: string; readonly from: Address },
  signal: AbortSignal
): Promise<Address | undefined> {
  const limit = new Limit({ and: signal })
  const stop = limit.signal
  const watch = async (replica: AskedNode): Promise<Address | undefined> => {
    while (!stop.aborted) {
      const position = await replica.position().catch(() => undefined)
      if (position?.role === 'primary' && (await isSanctioned(host, leader, replica.address))) return replica.address
      await pause(ASK_NODES_EVERY_MS, stop)
    }
    return undefined
  }
  const never = new Promise<undefined>((resolve) => {
    stop.addEventListener('abort', () => {
      resolve(undefined)
    })
  })
  try {
    const candidates = replicas.map(({ address }) => address)
    const told = namedOrGivenUp(host, candidates, { leader, from }, stop)
    return await Promise.race([...replicas.map(watch), told, never])
  } finally {
    limit.abort()
  }
}

async function isSanctioned(host: FailoverHost, leader: string, address: Address): Promise<boolean> {
  const marked = await host
    .askSentinel(leader, 'REPLICAS', host.group)
    .then((reply) => parsePromotables(reply).some((one) => one.promoted && sameAddress(one.address, address)))
    .catch(() => false)
  if (marked) return true
  const named = await Promise.all(soundSentinels(host.topology()).map((key) => primaryNamedBy(host, key)))
  return named.some((one) => sameAddress(one, address))
}

/**
 * A candidate that a sentinel names: its epoch is written down then, and the promotion is not taken back, whether that node answers
 * here or not. Resolves with nothing when the leader is no longer busy with a failover and still names the old primary.
 */
async function namedOrGivenUp(
  host: FailoverHost,
  candidates: readonly Address[],
  { leader, from }: { readonly leader: string; readonly from: Address },
  signal: AbortSignal
): Promise<Address | undefined> {
  for (let idle = 0; idle < 2;) {
    await pause(ASK_LEADER_EVERY_MS, signal)
    if (signal.aborted) return undefined
    const named = await Promise.all(soundSentinels(host.topology()).map((key) => primaryNamedBy(host, key)))
    const candidate = candidates.find((one) => named.some((address) => sameAddress(address, one)))
    if (candidate !== undefined) return candidate
    const busy = await host
      .askSentinel(leader, 'MASTER', host.group)
      .then(failoverUnderWay)
      .catch(() => true)
    idle = !busy && sameAddress(await primaryNamedBy(host, leader), from) ? idle + 1 : 0
  }
  return undefined
}

/** Resolves with true when all sound sentinels name this primary, with false when the signal aborts first. */
export async function allName(host: FailoverHost, to: Address, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const named = await Promise.all(soundSentinels(host.topology()).map((key) => primaryNamedBy(host, key)))
    if (named.length > 0 && named.every((one) => one === undefined || sameAddress(one, to))) return true
    await pause(ASK_SENTINELS_EVERY_MS, signal)
  }
  return false
}
