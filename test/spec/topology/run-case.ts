import { expect } from 'vitest'
import type { Address } from '../../../src/protocol/address.js'
import { isSentinelChannel } from '../../../src/protocol/channels.js'
import { parseEvent } from '../../../src/protocol/parse-event.js'
import type { Snapshot } from '../../../src/protocol/parse-reply.js'
import type { Observation } from '../../../src/topology/observation.js'
import type { TopologyState } from '../../../src/topology/reduce.js'
import { initialState, reduce } from '../../../src/topology/reduce.js'
import type { Topology } from '../../../src/topology/topology.js'
import { deepFreeze } from '../../support/deep-freeze.js'
import type { NodeName, Outcome, Says, Seen, SpecCase } from './spec-case.js'

export const GROUP = 'mymaster'
const NODES: readonly NodeName[] = ['A', 'B', 'C', 'D', 'E']
const CONFIRM_WITHIN_MS = 5_000

/** Folds the observations of each step in and compares what comes of it. */
export function runCase({ promotion = 'fast', steps }: SpecCase): void {
  let state: TopologyState = deepFreeze(initialState(GROUP))
  let at = 1_000_000
  for (const [index, { why, seen, outcome }] of steps.entries()) {
    const before = state.topology
    for (const one of seen) {
      at += one.after ?? 10
      const next = reduce(state, observation(one, at), { promotion, confirmWithinMs: CONFIRM_WITHIN_MS })
      expect(next.topology.revision).toBeGreaterThanOrEqual(state.topology.revision)
      state = deepFreeze(next)
    }
    expect(described(state.topology, before, outcome), `step ${index + 1}: ${why}`).toEqual(outcome)
  }
}

export function address(node: NodeName): Address {
  return { host: `10.0.0.${NODES.indexOf(node) + 1}`, port: 6379 }
}

function observation(seen: Seen, at: number): Observation {
  if ('tick' in seen) return { kind: 'tick', at }
  if ('role' in seen) return { kind: 'role', at, address: address(seen.node), role: seen.role }
  if ('error' in seen) return { kind: 'node-error', at, address: address(seen.node), error: seen.error }
  const from = keyOf(seen.sentinel)
  if ('added' in seen) return { kind: 'sentinel-added', at, from }
  if ('removed' in seen) return { kind: 'sentinel-removed', at, from }
  if ('lost' in seen) return { kind: 'sentinel-lost', at, from, reason: seen.lost }
  if ('publishes' in seen) {
    if (!isSentinelChannel(seen.publishes)) throw new Error(`${seen.publishes} is no channel of a sentinel`)
    return { kind: 'event', at, from, event: parseEvent(seen.publishes, onTheWire(seen.message)) }
  }
  const snapshot: Snapshot =
    'says' in seen ? snapshotOf(seen.sentinel, seen.says) : { known: false, id: `id-${seen.sentinel}` }
  return { kind: 'snapshot', at, from, snapshot }
}

function keyOf(sentinel: string): string {
  return `${sentinel}.example:26379`
}

function onTheWire(message: string): string {
  const both = (node: string): string => `${address(node as NodeName).host} ${address(node as NodeName).port}`
  return message
    .replace(/^slave \{(\w)\}/, (_, node: string) => `slave ${both(node).replace(' ', ':')} ${both(node)}`)
    .replace(/\{(\w)\}/g, (_, node: string) => both(node))
}

function snapshotOf(sentinel: string, says: Says): Snapshot {
  const { primary, epoch, judged = primary, others = 2, id = `id-${sentinel}`, replicas = ['B', 'C'] } = says
  return {
    known: true,
    id,
    primary: address(primary),
    judged: address(judged),
    configEpoch: epoch,
    flags: says.flags ?? ['master'],
    others,
    sentinels: [],
    replicas: replicas.map((replica) => {
      const { node, flags, linkUp = true } = typeof replica === 'string' ? { node: replica, flags: ['slave'] } : replica
      return { address: address(node), flags, linkUp, linkDownMs: 0, priority: 100, offset: 1, announced: true }
    }),
    ...(says.settings ?? { quorum: 2, downAfterMs: 1_000, failoverTimeoutMs: 10_000 }),
    ...(says.tilt === undefined ? {} : { tilt: says.tilt })
  }
}

/** The topology in the words of an outcome; what the outcome does not name is left out, but for what would be news. */
function described(topology: Topology, before: Topology, asked: Outcome): Outcome {
  const { phase, primary, sentinels, settings } = topology
  const candidate =
    phase.kind === 'failover' ? phase.candidate?.address : phase.kind === 'verifying' ? phase.candidate : undefined
  const told: Outcome = {
    primary: primary === undefined ? undefined : nameOf(primary.address),
    epoch: topology.configEpoch,
    phase: phase.kind,
    ...(primary?.confirmed === false ? { confirmed: false } : {}),
    ...(phase.kind === 'suspect' ? { by: phase.by } : {}),
    ...(candidate === undefined ? {} : { candidate: nameOf(candidate) }),
    ...(phase.kind === 'failover' && phase.candidate !== undefined
      ? { leader: nameOfKey(phase.candidate.leader) }
      : {}),
    ...(phase.kind === 'failover' && phase.epoch !== undefined ? { failoverEpoch: phase.epoch } : {})
  }
  return {
    ...told,
    ...(asked.replicas === undefined ? {} : { replicas: replicasOf(topology) }),
    ...(asked.reachable === undefined
      ? {}
      : { reachable: sentinels.filter((view) => view.reachable).map((view) => nameOfKey(view.key)) }),
    ...(asked.unknownName === undefined
      ? {}
      : { unknownName: sentinels.filter((view) => view.unknownName).map((view) => nameOfKey(view.key)) }),
    ...(asked.settings === undefined || settings === undefined ? {} : { settings }),
    ...(asked.unchanged === undefined || topology.revision !== before.revision ? {} : { unchanged: true as const })
  }
}

function replicasOf({ replicas }: Topology): NonNullable<Outcome['replicas']> {
  return Object.fromEntries(
    replicas.map((one) => [nameOf(one.address), one.down ? 'down' : one.linkUp ? 'up' : 'link down'])
  )
}

function nameOf(wanted: Address): NodeName {
  const found = NODES.find((node) => address(node).host === wanted.host)
  if (found === undefined) throw new Error(`${wanted.host} is no node of a case`)
  return found
}

function nameOfKey(key: string): string {
  return key.replace(/\..*/, '')
}
