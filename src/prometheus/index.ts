import { register as globalRegister, type Registry } from 'prom-client'
import { ConfigurationError, type SentinelRedis } from '../index.js'
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
export function collectMetrics(client: SentinelRedis, options: MetricsOptions = {}): () => void {
  // Not by instanceof: two copies of the package may meet.
  const given = client as Partial<SentinelRedis> | null | undefined
  if (typeof given?.stats !== 'function' || typeof given.topology?.name !== 'string')
    throw new ConfigurationError('collectMetrics() was given something that is no SentinelRedis')
  const { register = globalRegister, client: name = 'default' } = options
  if (typeof name !== 'string' || name === '')
    throw new ConfigurationError(
      `collectMetrics({ client }) is ${JSON.stringify(name)}; allowed is a text that is not empty`
    )
  const labels = { group: client.topology.name, client: name }
  let own = metrics.get(register)
  if (own?.has(labels) === true) {
    throw new ConfigurationError(
      `collectMetrics() was given a second client of "${labels.group}" as "${name}"; allowed is a \`client\` label of its own, or to end the first`
    )
  }
  if (own === undefined) metrics.set(register, (own = new Metrics(register)))
  return own.add(client, labels)
}
