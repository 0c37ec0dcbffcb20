import type { Attributes, Histogram, Meter } from '@opentelemetry/api'
import type { AnySentinelRedis, CommandTrace, ContactedNode } from '../index.js'
import { callAttributes, errorAttributes, nodeAttributes } from './attributes.js'
import { EVERY_CALL, SAMPLED_CALLS } from './command-channel.js'

export type DurationSetting = 'sampled' | 'all' | 'none'

/** Seconds: those that the semantic conventions advise (semantic-conventions `docs/db/database-metrics.md`). */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/** Callers may make names of commands up. */
const MOST_NAMES = 1_000

/** How long calls take, from when they are issued until they settle. */
export class Durations {
  readonly #histogram: Histogram
  /** By name and database, of single calls that succeeded: to put the attributes of one together took a third of all that is done for it. */
  readonly #ofNode = new WeakMap<ContactedNode, Map<string, Attributes>>()

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
    const { tookMs = 0 } = trace
    this.#histogram.record(tookMs / 1000, this.#attributesOf(trace))
  }

  #attributesOf(trace: CommandTrace): Attributes {
    const { name, database, batch, node, error } = trace
    if (node === undefined || batch !== undefined || error !== undefined) return attributesOf(trace)
    const known = this.#knownOf(node)
    const key = `${database} ${name}`
    let attributes = known.get(key)
    if (attributes === undefined) {
      attributes = attributesOf(trace)
      if (known.size < MOST_NAMES) known.set(key, attributes)
    }
    return attributes
  }

  #knownOf(node: ContactedNode): Map<string, Attributes> {
    let known = this.#ofNode.get(node)
    if (known === undefined) {
      known = new Map()
      this.#ofNode.set(node, known)
    }
    return known
  }
}

function attributesOf(trace: CommandTrace): Attributes {
  const { node, error } = trace
  return {
    ...callAttributes(trace),
    ...(node !== undefined && nodeAttributes(node)),
    ...(error !== undefined && errorAttributes(error))
  }
}
