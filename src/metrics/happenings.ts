import type { AnySentinelRedis, FailoverTimeline, ReplicaOutReason, SubscriptionGap } from '../index.js'
import type { Labels } from './readings.js'

/** What is counted, or measured, when it happens. */
export interface Happening {
  readonly name: HappeningName
  readonly help: string
  readonly kind: 'counter' | 'histogram'
  readonly labels: readonly string[]
}

export const HAPPENINGS = [
  { name: 'failovers_total', help: 'Failovers that this client saw.', kind: 'counter', labels: ['outcome'] },
  {
    name: 'failover_seconds',
    help: 'From the first sign of a failover until writes flowed again.',
    kind: 'histogram',
    labels: []
  },
  {
    name: 'failover_hold_seconds',
    help: 'The longest that a call of this client waited in a failover.',
    kind: 'histogram',
    labels: []
  },
  {
    name: 'replica_outs_total',
    help: 'How often a replica ceased to be read from.',
    kind: 'counter',
    labels: ['reason']
  },
  { name: 'subscription_gaps_total', help: 'How often messages may have been missed.', kind: 'counter', labels: [] },
  { name: 'subscription_gap_seconds_total', help: 'For how long in all.', kind: 'counter', labels: [] }
] as const

export type HappeningName = (typeof HAPPENINGS)[number]['name']

/** Seconds: from a failover that nobody notices to one that ends in deadlines. */
export const FAILOVER_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60]

/** Adds to a counter, or is one value of a histogram. */
export type Tell = (name: HappeningName, value: number, labels?: Labels) => void

const OUTCOMES: Readonly<Record<FailoverTimeline['outcome'], 0>> = { moved: 0, aborted: 0 }
const REASONS: Readonly<Record<ReplicaOutReason, 0>> = {
  ...{ lost: 0, silent: 0, refused: 0, lag: 0 },
  ...{ down: 0, 'link-down': 0, removed: 0 }
}

/** Tells what happens to this client until what it gives is called; and counters first of all as 0, since a rate over one that appears with its first failover misses that one. */
export function followHappenings(client: AnySentinelRedis, tell: Tell): () => void {
  const onFailover = ({ outcome, startedAt, endedAt, longestHoldMs }: FailoverTimeline): void => {
    tell('failovers_total', 1, { outcome })
    if (outcome !== 'moved') return
    tell('failover_seconds', (endedAt - startedAt) / 1000)
    tell('failover_hold_seconds', longestHoldMs / 1000)
  }
  const onOut = ({ reason }: { readonly reason: ReplicaOutReason }): void => {
    tell('replica_outs_total', 1, { reason })
  }
  const onGap = ({ lengthMs }: SubscriptionGap): void => {
    tell('subscription_gaps_total', 1)
    tell('subscription_gap_seconds_total', lengthMs / 1000)
  }
  for (const outcome of Object.keys(OUTCOMES)) tell('failovers_total', 0, { outcome })
  for (const reason of Object.keys(REASONS)) tell('replica_outs_total', 0, { reason })
  tell('subscription_gaps_total', 0)
  tell('subscription_gap_seconds_total', 0)
  client.on('failover', onFailover)
  client.on('replica-out', onOut)
  client.on('subscription-gap', onGap)
  return () => {
    client.off('failover', onFailover)
    client.off('replica-out', onOut)
    client.off('subscription-gap', onGap)
  }
}
