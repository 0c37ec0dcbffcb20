import type { AnySentinelRedis, Phase } from '../index.js'
import { formatAddress } from './label.js'

type Stats = ReturnType<AnySentinelRedis['stats']>

/** Further labels beside `group` and `client`. */
export type Labels = Readonly<Record<string, string>>

/** What is read from a client when somebody asks for it. */
export interface Reading {
  /** Without what all metrics of this library begin with. */
  readonly name: string
  readonly help: string
  /** `total`: never less than before. */
  readonly kind: 'gauge' | 'total'
  readonly labels: readonly string[]
  /** What is said of a node that is gone, to those who cannot be told to forget it. Default 0. */
  readonly gone?: number
  readonly read: (client: AnySentinelRedis, stats: Stats, tell: (value: number, labels?: Labels) => void) => void
}

const PHASES: readonly Phase['kind'][] = ['unknown', 'stable', 'suspect', 'failover', 'verifying']

/** One definition for all that export metrics, so that dashboards and alerts fit each. */
export const READINGS: readonly Reading[] = [
  figure('gauge', 'held', 'Calls that wait here now.', (stats) => stats.held),
  figure(
    'gauge',
    'in_flight',
    'Calls that were sent to the primary and are not answered yet.',
    (stats) => stats.inFlight
  ),
  figure('total', 'calls_total', 'Calls that were issued.', (stats) => stats.issued),
  figure('total', 'held_total', 'Calls that waited here.', (stats) => stats.heldTotal),
  figure('total', 'retried_total', 'Calls that were sent again, or to another node.', (stats) => stats.retried),
  figure(
    'total',
    'hedged_total',
    'Reads that were asked of a second node, since the first was late.',
    (stats) => stats.hedged
  ),
  figure('total', 'unknown_outcomes_total', 'Calls that ended in UnknownOutcomeError.', (stats) => stats.unknown),
  figure('total', 'replica_reads_total', 'Reads given to replicas.', (stats) => stats.readsOnReplicas),
  ofReplicas('replica_usable', 'Whether this replica is read from.', ({ usable }) => Number(usable)),
  ofReplicas('replica_pending', 'Reads that this replica has not answered yet.', ({ pending }) => pending),
  ofReplicas('replica_latency_seconds', 'A moving estimate of its round trip.', ({ latencyMs }) =>
    inSeconds(latencyMs)
  ),
  ofReplicas('replica_lag_seconds', 'How old its data is at most; only with maxLagMs.', ({ lagMs }) =>
    inSeconds(lagMs)
  ),
  gauge(
    'config_epoch',
    'The configuration epoch that the primary was taken with.',
    [],
    ({ topology }, _stats, tell) => {
      tell(Math.max(0, topology.configEpoch))
    }
  ),
  gauge(
    'phase',
    'What this client believes about the primary: 1 for the phase that it is in.',
    ['phase'],
    ({ topology }, _stats, tell) => {
      for (const phase of PHASES) tell(Number(topology.phase.kind === phase), { phase })
    }
  ),
  gauge('primary_info', '1, with the address of the primary.', ['address'], ({ topology }, _stats, tell) => {
    const address = topology.primary?.address
    if (address !== undefined) tell(1, { address: formatAddress(address) })
  }),
  {
    ...gauge('sentinel_reachable', 'Whether this sentinel answers.', ['address'], ({ topology }, _stats, tell) => {
      for (const { key, reachable } of topology.sentinels) tell(Number(reachable), { address: key })
    }),
    // 0 would be one that is there and does not answer.
    gone: -1
  }
]

function gauge(name: string, help: string, labels: readonly string[], read: Reading['read']): Reading {
  return { name, help, kind: 'gauge', labels, read }
}

function figure(kind: Reading['kind'], name: string, help: string, of: (stats: Stats) => number): Reading {
  return {
    name,
    help,
    kind,
    labels: [],
    read: (_client, stats, tell) => {
      tell(of(stats))
    }
  }
}

function ofReplicas(
  name: string,
  help: string,
  of: (replica: Stats['replicas'][number]) => number | undefined
): Reading {
  return gauge(name, help, ['address'], (_client, { replicas }, tell) => {
    for (const replica of replicas) {
      const value = of(replica)
      if (value !== undefined) tell(value, { address: replica.address })
    }
  })
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
