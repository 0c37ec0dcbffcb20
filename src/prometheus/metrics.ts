import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { AnySentinelRedis } from '../index.js'
import { FAILOVER_BUCKETS, followHappenings, HAPPENINGS, type HappeningName } from '../metrics/happenings.js'
import type { OwnLabels } from '../metrics/label.js'
import { type Labels, type Reading, READINGS } from '../metrics/readings.js'

interface Watched {
  readonly client: AnySentinelRedis
  readonly labels: OwnLabels
}

const OWN = ['group', 'client'] as const
const PREFIX = 'ioredis_sentinel_'

/** The metrics of one registry, and the clients that they are taken from: read when they are asked for, counted when it happens. */
export class Metrics {
  readonly #register: Registry
  readonly #watched = new Set<Watched>()
  readonly #counters = new Map<HappeningName, Counter>()
  readonly #histograms = new Map<HappeningName, Histogram>()

  constructor(register: Registry) {
    this.#register = register
    for (const { name, help, kind, labels } of HAPPENINGS) {
      const configuration = { name: PREFIX + name, help, labelNames: [...OWN, ...labels], registers: [register] }
      if (kind === 'counter') this.#counters.set(name, new Counter(configuration))
      else this.#histograms.set(name, new Histogram({ ...configuration, buckets: FAILOVER_BUCKETS }))
    }
    for (const reading of READINGS) this.#readWhenAsked(reading)
  }

  /** Whoever clears the registry takes them out of it. */
  get isRegistered(): boolean {
    const [first] = this.#counters
    return first !== undefined && this.#register.getSingleMetric(PREFIX + first[0]) === first[1]
  }

  get labels(): readonly OwnLabels[] {
    return [...this.#watched].map(({ labels }) => labels)
  }

  /** Takes this client in; what it gives ends that. */
  add(client: AnySentinelRedis, labels: OwnLabels): () => void {
    const told = new Map<string, { readonly name: HappeningName; readonly labels: Labels }>()
    const unfollow = followHappenings(client, (name, value, more) => {
      const all = { ...labels, ...more }
      told.set(JSON.stringify([name, more]), { name, labels: all })
      this.#counters.get(name)?.inc(all, value)
      this.#histograms.get(name)?.observe(all, value)
    })
    for (const [name, histogram] of this.#histograms) {
      histogram.zero({ ...labels })
      told.set(JSON.stringify([name]), { name, labels: { ...labels } })
    }
    const watched: Watched = { client, labels }
    this.#watched.add(watched)
    return () => {
      if (!this.#watched.delete(watched)) return
      unfollow()
      for (const { name, labels: all } of told.values()) {
        this.#counters.get(name)?.remove(all)
        this.#histograms.get(name)?.remove(all)
      }
    }
  }

  #readWhenAsked({ name, help, kind, labels, read }: Reading): void {
    const all = this.#watched
    const configuration = { name: PREFIX + name, help, labelNames: [...OWN, ...labels], registers: [this.#register] }
    const readAll = (tell: (labels: Record<string, string>, value: number) => void): void => {
      for (const { client, labels: own } of all)
        read(client, client.stats(), (value, more) => {
          tell({ ...own, ...more }, value)
        })
    }
    if (kind === 'gauge') {
      new Gauge({
        ...configuration,
        collect() {
          this.reset()
          readAll((told, value) => {
            this.set(told, value)
          })
        }
      })
      return
    }
    new Counter({
      ...configuration,
      collect() {
        this.reset()
        readAll((told, value) => {
          this.inc(told, value)
        })
      }
    })
  }
}
