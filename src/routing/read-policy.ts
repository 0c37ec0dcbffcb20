import type { Topology } from '../topology/topology.js'
import type { Address } from '../protocol/address.js'
import { sameAddress } from '../protocol/address.js'

export const READ_POLICIES = ['replicaPreferred', 'primary', 'primaryPreferred', 'replica', 'nearest', 'any'] as const

/**
 * `replicaPreferred`: a replica, else the primary. `primaryPreferred`: the primary while it takes commands, else a replica.
 * `replica`: never the primary; NoReplicaError without one. `nearest`: the node that answers fastest, the primary too.
 * `any`: the node with the least work waiting, the primary too. All of them take a node of the client's own zone first.
 */
export type ReadPolicy = (typeof READ_POLICIES)[number]

/** A command as a read policy sees it. */
export interface ReadRequest {
  readonly name: string
  readonly args: readonly unknown[]
}

/** Addresses that may answer, the best first; the first that is connected is used, and the primary when none is. */
export type ReadFromFunction = (topology: Topology, command: ReadRequest) => readonly Address[]

export type ReadFrom = ReadPolicy | ReadFromFunction

/** A node that could answer a read now. */
export interface ReadCandidate {
  readonly address: Address
  readonly isPrimary: boolean
  /** Commands written to it and not yet answered. */
  readonly pending: number
  /** A moving estimate of its round trip in milliseconds; undefined before the first sample. */
  readonly latencyMs: number | undefined
  /** It is in the client's own zone, as far as that is known. */
  readonly sameZone?: boolean | undefined
}

/**
 * The candidate to use, or undefined for the primary's own path, which waits for a primary when there is none. `candidates`
 * holds the connected, healthy replicas, and the primary while it takes commands.
 */
export function chooseNode<Candidate extends ReadCandidate>(
  policy: ReadFrom,
  candidates: readonly Candidate[],
  topology: Topology,
  request: ReadRequest,
  turn: number
): Candidate | undefined {
  if (typeof policy === 'function') {
    for (const wanted of policy(topology, request)) {
      const found = candidates.find((candidate) => sameAddress(candidate.address, wanted))
      if (found !== undefined) return found
    }
    return undefined
  }
  switch (policy) {
    case 'primary':
      return undefined
    case 'primaryPreferred':
      return candidates.some((one) => one.isPrimary) ? undefined : leastPending(candidates, turn)
    case 'replicaPreferred':
    case 'replica':
      return leastPending(
        candidates.filter((one) => !one.isPrimary),
        turn
      )
    case 'any':
      return leastPending(candidates, turn)
    case 'nearest':
      return nearest(candidates, turn)
  }
}

/** A node of the own zone first, then the one with the least work. Of equals, each takes its turn. */
function leastPending<Candidate extends ReadCandidate>(
  candidates: readonly Candidate[],
  turn: number
): Candidate | undefined {
  let best: Candidate | undefined
  for (let i = 0; i < candidates.length; i++) {
    const one = candidates[(turn + i) % candidates.length]
    if (one !== undefined && (best === undefined || isBetter(one, best))) best = one
  }
  return best
}

function isBetter(one: ReadCandidate, best: ReadCandidate): boolean {
  return isNear(one) === isNear(best) ? one.pending < best.pending : isNear(one)
}

function isNear({ sameZone }: ReadCandidate): boolean {
  return sameZone === true
}

/** Latencies closer than this are the same distance: 20 % or 0.2 ms, whichever is more. */
function nearest<Candidate extends ReadCandidate>(
  candidates: readonly Candidate[],
  turn: number
): Candidate | undefined {
  if (candidates.some(isNear) && !candidates.every(isNear)) return nearest(candidates.filter(isNear), turn)
  const best = Math.min(...candidates.map((one) => one.latencyMs ?? 0))
  const reach = Math.max(best * 1.2, best + 0.2)
  return leastPending(
    candidates.filter((one) => (one.latencyMs ?? 0) <= reach),
    turn
  )
}
