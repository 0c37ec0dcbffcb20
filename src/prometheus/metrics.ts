import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { FailoverTimeline, Phase, ReplicaOutReason, SentinelRedis } from '../index.js'

/** The labels of every metric: whom the sentinels call so, and which client of this process. */
type OwnLabel = 'group' | 'client'

interface Watched {
  readonly client: SentinelRedis
  readonly labels: Readonly<Record<OwnLabel, string>>
  /** Ends what it listens to. */
  readonly end: () => void
}

const OWN = ['group', 'client'] as const
const PREFIX = 'ioredis_sentinel_'
const OUTCOMES: readonly FailoverTimeline['outcome'][] = ['moved', 'aborted']
const PHASES: readonly Phase['kind'][] = ['unknown', 'stable', 'suspect', 'failover', 'verifying']
/** Seconds: from a failover that nobody notices to one that ends in deadlines. */
const FAILOVER_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60]

type Stats = ReturnType<SentinelRedis['stats']>

/** The metrics of one registry, and the clients that they are taken from: read when they are asked for, counted when it happens. */
export class Metrics {
  readonly #register: Registry
  readonly #watched = new Set<Watched>()
  readonly #failovers: Counter<OwnLabel | 'outcome'>
  readonly #failoverSeconds: Histogram<OwnLabel>
  readonly #holdSeconds: Histogram<OwnLabel>
  readonly #replicaOuts: Counter<OwnLabel | 'reason'>
  readonly #gaps: Counter<OwnLabel>
  readonly #gapSeconds: Counter<OwnLabel>

  constructor(register: Registry) {
    this.#register = register
    this.#failovers = this.#counter('failovers_total', 'Failovers that this client saw.', ['outcome'])
    this.#replicaOuts = this.#counter('replica_outs_total', 'How often a replica ceased to be read from.', ['reason'])
    this.#gaps = this.#counter('subscription_gaps_total', 'How often messages may have been missed.')
    this.#gapSeconds = this.#counter('subscription_gap_seconds_total', 'For how long in all.')
    this.#failoverSeconds = this.#histogram(
      'failover_seconds',
      'From the first sign of a failover until writes flowed again.'
    )
    this.#holdSeconds = this.#histogram(
      'failover_hold_seconds',
      'The longest that a call of this client waited in a failover.'
    )
    this.#readWhenAsked()
  }

  has(labels: Watched['labels']): boolean {
    return [...this.#watched].some((one) => OWN.every((label) => one.labels[label] === labels[label]))
  }

  /** Takes this client in; what it gives ends that. */
  add(client: SentinelRedis, labels: Watched['labels']): () => void {
    const reasons = new Set<ReplicaOutReason>()
    const onFailover = (timeline: FailoverTimeline): void => {
      this.#failovers.inc({ ...labels, outcome: timeline.outcome })
      if (timeline.outcome !== 'moved') return
      this.#failoverSeconds.observe(labels, (timeline.endedAt - timeline.startedAt) / 1000)
      this.#holdSeconds.observe(labels, timeline.longestHoldMs / 1000)
    }
    const onOut = ({ reason }: { readonly reason: ReplicaOutReason }): void => {
      reasons.add(reason)
      this.#replicaOuts.inc({ ...labels, reason })
    }
    const onGap = ({ lengthMs }: { readonly lengthMs: number }): void => {
      this.#gaps.inc(labels)
      this.#gapSeconds.inc(labels, lengthMs / 1000)
    }
    client.on('failover', onFailover)
    client.on('replica-out', onOut)
    client.on('subscription-gap', onGap)
    const watched: Watched = {
      client,
      labels,
      end: () => {
        client.off('failover', onFailover)
        client.off('replica-out', onOut)
        client.off('subscription-gap', onGap)
      }
    }
    // There from the start: a rate over a counter that appears with its first failover misses that one.
    for (const outcome of OUTCOMES) this.#failovers.inc({ ...labels, outcome }, 0)
    this.#gaps.inc(labels, 0)
    this.#gapSeconds.inc(labels, 0)
    this.#failoverSeconds.zero(labels)
    this.#holdSeconds.zero(labels)
    this.#watched.add(watched)
    return () => {
      if (!this.#watched.delete(watched)) return
      watched.end()
      for (const histogram of [this.#failoverSeconds, this.#holdSeconds]) histogram.remove(labels)
      for (const counter of [this.#gaps, this.#gapSeconds]) counter.remove(labels)
      for (const outcome of OUTCOMES) this.#failovers.remove({ ...labels, outcome })
      for (const reason of reasons) this.#replicaOuts.remove({ ...labels, reason })
    }
  }

  #readWhenAsked(): void {
    this.#read('held', 'Calls that wait here now.', (stats) => stats.held)
    this.#read('in_flight', 'Calls that were sent to the primary and are not answered yet.', (stats) => stats.inFlight)
    this.#total('held_total', 'Calls that waited here.', (stats) => stats.heldTotal)
    this.#total('retried_total', 'Calls that were sent again, or to another node.', (stats) => stats.retried)
    this.#total(
      'hedged_total',
      'Reads that were asked of a second node, since the first was late.',
      (stats) => stats.hedged
    )
    this.#total('unknown_outcomes_total', 'Calls that ended in UnknownOutcomeError.', (stats) => stats.unknown)
    this.#total('replica_reads_total', 'Reads given to replicas.', (stats) => stats.readsOnReplicas)
    this.#each(
      'replica_usable',
      'Whether this replica is read from.',
      ({ replicas }) => replicas,
      ({ usable }) => Number(usable)
    )
    this.#each(
      'replica_pending',
      'Reads that this replica has not answered yet.',
      ({ replicas }) => replicas,
      ({ pending }) => pending
    )
    this.#each(
      'replica_latency_seconds',
      'A moving estimate of its round trip.',
      ({ replicas }) => replicas,
      ({ latencyMs }) => inSeconds(latencyMs)
    )
    this.#each(
      'replica_lag_seconds',
      'How old its data is at most; only with maxLagMs.',
      ({ replicas }) => replicas,
      ({ lagMs }) => inSeconds(lagMs)
    )
    this.#gauge(
      'config_epoch',
      'The configuration epoch that the primary was taken with.',
      [],
      (set, { client, labels }) => {
        set(labels, Math.max(0, client.topology.configEpoch))
      }
    )
    this.#gauge(
      'phase',
      'What this client believes about the primary: 1 for the phase that it is in.',
      ['phase'],
      (set, { client, labels }) => {
        for (const phase of PHASES) set({ ...labels, phase }, Number(client.topology.phase.kind === phase))
      }
    )
    this.#gauge('primary_info', '1, with the address of the primary.', ['address'], (set, { client, labels }) => {
      const { primary } = client.topology
      if (primary !== undefined) set({ ...labels, address: `${primary.address.host}:${primary.address.port}` }, 1)
    })
    this.#gauge('sentinel_reachable', 'Whether this sentinel answers.', ['address'], (set, { client, labels }) => {
      for (const { key, reachable } of client.topology.sentinels) set({ ...labels, address: key }, Number(reachable))
    })
  }

  #read(name: string, help: string, figure: (stats: Stats) => number): void {
    this.#gauge(name, help, [], (set, { client, labels }) => {
      set(labels, figure(client.stats()))
    })
  }

  #each(
    name: string,
    help: string,
    list: (stats: Stats) => Stats['replicas'],
    figure: (replica: Stats['replicas'][number]) => number | undefined
  ): void {
    this.#gauge(name, help, ['address'], (set, { client, labels }) => {
      for (const replica of list(client.stats())) {
        const value = figure(replica)
        if (value !== undefined) set({ ...labels, address: replica.address }, value)
      }
    })
  }

  #gauge<Label extends string>(
    name: string,
    help: string,
    more: readonly Label[],
    read: (set: (labels: Record<string, string>, value: number) => void, watched: Watched) => void
  ): void {
    const all = this.#watched
    new Gauge({
      name: PREFIX + name,
      help,
      labelNames: [...OWN, ...more],
      registers: [this.#register],
      collect() {
        this.reset()
        for (const watched of all)
          read((labels, value) => this.set(labels as Record<OwnLabel | Label, string>, value), watched)
      }
    })
  }

  /** What the client counts itself: never less than before. */
  #total(name: string, help: string, figure: (stats: Stats) => number): void {
    const all = this.#watched
    new Counter({
      name: PREFIX + name,
      help,
      labelNames: OWN,
      registers: [this.#register],
      collect() {
        this.reset()
        for (const { client, labels } of all) this.inc(labels, figure(client.stats()))
      }
    })
  }

  #counter<Label extends string>(name: string, help: string, more: readonly Label[] = []): Counter<OwnLabel | Label> {
    return new Counter({ name: PREFIX + name, help, labelNames: [...OWN, ...more], registers: [this.#register] })
  }

  #histogram(name: string, help: string): Histogram<OwnLabel> {
    const buckets = FAILOVER_BUCKETS
    return new Histogram({ name: PREFIX + name, help, labelNames: OWN, buckets, registers: [this.#register] })
  }
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
