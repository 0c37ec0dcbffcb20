/** @module ioredis-sentinel/prometheus */

import { register as globalRegister, type Registry } from 'prom-client'
import type { AnySentinelRedis } from '../index.js'
import { checkUnique, ownLabels } from '../metrics/label.js'
import { Metrics } from './metrics.js'

export interface MetricsOptions {
  /** Where the metrics are registered. Default: prom-client's own. */
  readonly register?: Registry
  /** Tells the clients of one group in this process apart, as the label `client`. Default `default`. */
  readonly client?: string
}

const metrics = new WeakMap<Registry, Metrics>()

/**
 * Has Prometheus see this client: `ioredis_sentinel_…`, each with the labels `group` and `client`; docs/metrics.md lists them. What
 * the client counts is read when the metrics are asked for, so that nothing is done for a call. Returns what ends it; a client that
 * is closed is to be ended too.
 *
 * @throws ConfigurationError for something that is no SentinelRedis, and for a second client of a group under the same `client` label.
 */
export function collectMetrics(client: AnySentinelRedis, options: MetricsOptions = {}): () => void {
  const { register = globalRegister, client: label = 'default' } = options
  const labels = ownLabels('collectMetrics', client, label)
  let own = metrics.get(register)
  if (own?.isRegistered === true) checkUnique('collectMetrics', labels, own.labels)
  else metrics.set(register, (own = new Metrics(register)))
  return own.add(client, labels)
}
