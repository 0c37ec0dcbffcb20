import type { Attributes, Counter, Histogram, Meter, MetricOptions, Observable } from '@opentelemetry/api'
import type { AnySentinelRedis } from '../index.js'
import { FAILOVER_BUCKETS, followHappenings, HAPPENINGS, type HappeningName } from '../metrics/happenings.js'
import type { OwnLabels } from '../metrics/label.js'
import { type Reading, READINGS } from '../metrics/readings.js'

const PREFIX = 'ioredis_sentinel.'

type BatchCallback = Parameters<Meter['addBatchObservableCallback']>[0]

interface Series {
  readonly reading: Reading
  readonly observable: Observable
  /** What was told when it was last read, by what tells them apart. */
  readonly told: Map<string, Attributes>
}

/**
 * The same metrics as for Prometheus, which sees them under the same names by way of an exporter. Read when they are collected, counted
 * when it happens. `isInUse`: another client has these labels by now.
 */
export function exportMetrics(
  meter: Meter,
  client: AnySentinelRedis,
  labels: OwnLabels,
  isInUse: () => boolean
): () => void {
  const series = READINGS.map((reading): Series => ({
    reading,
    observable: observableFor(meter, reading),
    told: new Map()
  }))
  const observables = series.map(({ observable }) => observable)
  let ended = false
  const read: BatchCallback = (result) => {
    if (ended) meter.removeBatchObservableCallback(read, observables)
    if (ended && isInUse()) return
    const stats = client.stats()
    for (const { reading, observable, told } of series) {
      const gone = new Map(told)
      if (!ended)
        reading.read(client, stats, (value, more = {}) => {
          const key = JSON.stringify(more)
          const attributes = told.get(key) ?? { ...labels, ...more }
          told.set(key, attributes)
          gone.delete(key)
          result.observe(observable, value, attributes)
        })
      for (const [key, attributes] of gone) {
        told.delete(key)
        // Once: the SDK goes on telling the last value of what is not told any more (sdk-metrics `TemporalMetricProcessor` merge()).
        if (reading.kind === 'gauge') result.observe(observable, reading.gone ?? 0, attributes)
      }
    }
  }
  meter.addBatchObservableCallback(read, observables)
  const unfollow = countHappenings(meter, client, labels)
  return () => {
    unfollow()
    ended = true
  }
}

function observableFor(meter: Meter, { name, help, kind }: Reading): Observable {
  const options = optionsOf(name, help)
  return kind === 'gauge'
    ? meter.createObservableGauge(PREFIX + name, options)
    : meter.createObservableCounter(PREFIX + name, options)
}

function optionsOf(name: string, help: string): MetricOptions {
  return { description: help, ...(/_seconds(_total)?$/.test(name) && { unit: 's' }) }
}

function countHappenings(meter: Meter, client: AnySentinelRedis, labels: OwnLabels): () => void {
  const counters = new Map<HappeningName, Counter>()
  const histograms = new Map<HappeningName, Histogram>()
  for (const { name, help, kind } of HAPPENINGS) {
    if (kind === 'counter') counters.set(name, meter.createCounter(PREFIX + name, optionsOf(name, help)))
    else {
      const advice = { explicitBucketBoundaries: [...FAILOVER_BUCKETS] }
      histograms.set(name, meter.createHistogram(PREFIX + name, { ...optionsOf(name, help), advice }))
    }
  }
  return followHappenings(client, (name, value, more) => {
    const all = { ...labels, ...more }
    counters.get(name)?.add(value, all)
    histograms.get(name)?.record(value, all)
  })
}
