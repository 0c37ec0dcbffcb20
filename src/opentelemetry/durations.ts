import type { Attributes, Histogram, Meter } from '@opentelemetry/api'
import type { AnySentinelRedis, CommandTrace, ContactedNode } from '../index.js'
import { callAttributes, errorAttributes, nodeAttributes } from './attributes.js'
import { EVERY_CALL, SAMPLED_CALLS } from './command-channel.js'

export type DurationSetting = 'sampled' | 'all' | 'none'

/** Seconds: those that the semantic conventions advise (semantic-conventions `docs/db/database-metrics.md`). */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/** How long calls take, from when they are issued until they settle. */
export class Durations {
  readonly #histogram: Histogram
  readonly #ofNode = new WeakMap<ContactedNode, Attributes>()

  private constructor(meter: Meter) {
    this.#histogram = meter.createHistogram('db.client.operation.duration', {
      description: 'Duration of database client operations.',
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS }
    })
  }

  static follow(meter: Meter, client: AnySentinelRedis, setting: DurationSetting): () => void {
    if (setting === 'none') return () => undefined
    return (setting === 'all' ? EVERY_CALL : SAMPLED_CALLS).follow(client, new Durations(meter))
  }

  onSettled(trace: CommandTrace): void {
    const { tookMs = 0, node, error } = trace
    this.#histogram.record(tookMs / 1000, {
      ...callAttributes(trace),
      ...(node !== undefined && this.#nodeAttributes(node)),
      ...(error !== undefined && errorAttributes(error))
    })
  }

  #nodeAttributes(node: ContactedNode): Attributes {
    let known = this.#ofNode.get(node)
    if (known === undefined) this.#ofNode.set(node, (known = nodeAttributes(node)))
    return known
  }
}
