/** @module ioredis-sentinel/opentelemetry */

import { metrics as metricsApi, type MeterProvider, trace as traceApi, type TracerProvider } from '@opentelemetry/api'
import { version } from '../../package.json'
import { type AnySentinelRedis, ConfigurationError } from '../index.js'
import { checkUnique, type OwnLabels, ownLabels } from '../metrics/label.js'
import { CommandSpans, type CommandSpanSetting } from './command-spans.js'
import { type DurationSetting, Durations } from './durations.js'
import { followFailovers } from './failover-spans.js'
import { exportMetrics } from './metrics.js'

export type { CommandSpanSetting, DurationSetting }

export interface InstrumentOptions {
  /** Tells the clients of one group in this process apart, as the attribute `client` of metrics and `ioredis_sentinel.client` of spans. Default `default`. */
  readonly client?: string
  /** Default: the global one, also if it is registered later. */
  readonly tracerProvider?: TracerProvider
  /** Default: the global one, which has to be registered before. */
  readonly meterProvider?: MeterProvider
  /**
   * Which calls get a span. `withParent`: those that are made within another span. `all`: every one. `none`. Default `withParent`.
   */
  readonly commandSpans?: CommandSpanSetting
  /** Spans of calls have `db.query.text`: the command and its keys, never its other arguments. Default false, since keys can be secret too. */
  readonly queryText?: boolean
  /**
   * Which calls are measured in `db.client.operation.duration`. `sampled`: all while this process makes less than about forty a second,
   * and about forty a second of more. `all`: every one, at a cost. `none`. Default `sampled`.
   */
  readonly durations?: DurationSetting
}

const NAME = 'ioredis-sentinel'
const SPANS: readonly CommandSpanSetting[] = ['withParent', 'all', 'none']
const DURATIONS: readonly DurationSetting[] = ['sampled', 'all', 'none']

const instrumented = new Map<AnySentinelRedis, OwnLabels>()

/**
 * Has OpenTelemetry see this client: metrics, a span for each failover and a span for each call, by the names of the semantic
 * conventions for Redis; docs/metrics.md lists them. Needs `@opentelemetry/api`, and an SDK to do anything. Returns what ends it; a
 * client that is closed is to be ended too.
 *
 * @throws ConfigurationError for something that is no SentinelRedis, for a wrong option, for a client that is instrumented already,
 * and for a second client of a group under the same `client`.
 */
export function instrument(client: AnySentinelRedis, options: InstrumentOptions = {}): () => void {
  const { client: label = 'default', commandSpans = 'withParent', durations = 'sampled', queryText = false } = options
  const labels = ownLabels('instrument', client, label)
  if (instrumented.has(client))
    throw new ConfigurationError('instrument() was given a client that is instrumented already: end that first')
  checkUnique('instrument', labels, instrumented.values())
  checkChoice('commandSpans', commandSpans, SPANS)
  checkChoice('durations', durations, DURATIONS)
  const tracer = (options.tracerProvider ?? traceApi).getTracer(NAME, version)
  const meter = (options.meterProvider ?? metricsApi).getMeter(NAME, version)
  instrumented.set(client, labels)
  const ends = [
    exportMetrics(meter, client, labels, () => isInUse(labels)),
    followFailovers(tracer, client, labels),
    CommandSpans.follow(tracer, client, labels, commandSpans, queryText),
    Durations.follow(meter, client, durations)
  ]
  return () => {
    if (!instrumented.delete(client)) return
    for (const end of ends) end()
  }
}

function isInUse({ group, client }: OwnLabels): boolean {
  return [...instrumented.values()].some((one) => one.group === group && one.client === client)
}

function checkChoice<Choice extends string>(name: string, given: Choice, allowed: readonly Choice[]): void {
  if (allowed.includes(given)) return
  throw new ConfigurationError(
    `instrument({ ${name} }) is ${JSON.stringify(given)}; allowed: ${allowed.map((one) => `"${one}"`).join(', ')}`
  )
}
