import type { Counter, Histogram, Meter, Observable } from '@opentelemetry/api'
import type { SentinelRedis } from '../index.js'
import { FAILOVER_BUCKETS, followHappenings, HAPPENINGS, type HappeningName } from '../metrics/happenings.js'
import type { OwnLabels } from '../metrics/label.js'
import { READINGS } from '../metrics/readings.js'

const PREFIX = 'ioredis_sentinel.'

/** The same metrics as for Prometheus, which see them under the same names by way of an exporter. Read when they are collected, counted when it happens. */
export function exportMetrics(meter: Meter, client: SentinelRedis, labels: OwnLabels): () => void {
  const observables = READINGS.map(({ name, help, kind }): Observable => {
    const options = { description: help, ...(/_seconds(_total)?$/.test(name) && { unit: 's' }) }
    return kind === 'gauge'
      ? meter.createObservableGauge(PREFIX + name, options)
      : meter.createObservableCounter(PREFIX + name, options)
  })
  const read: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    const stats = client.stats()
    READINGS.forEach((reading, index) => {
      const observable = observables[index]
      if (observable === undefined) return
      reading.read(client, stats, (value, more) => {
        result.observe(observable, value, { ...labels, ...more })
      })
    })
  }
  meter.addBatchObservableCallback(read, observables)
  const unfollow = countHappenings(meter, client, labels)
  return () => {
    unfollow()
    meter.removeBatchObservableCallback(read, observables)
  }
}

function countHappenings(meter: Meter, client: SentinelRedis, labels: OwnLabels): () => void {
  const counters = new Map<HappeningName, Counter>()
  const histograms = new Map<HappeningName, Histogram>()
  for (const { name, help, kind } of HAPPENINGS) {
    if (kind === 'counter') counters.set(name, meter.createCounter(PREFIX + name, { description: help }))
    else {
      const advice = { explicitBucketBoundaries: [...FAILOVER_BUCKETS] }
      histograms.set(name, meter.createHistogram(PREFIX + name, { description: help, unit: 's', advice }))
    }
  }
  return followHappenings(client, (name, value, more) => {
    const all = { ...labels, ...more }
    counters.get(name)?.add(value, all)
    histograms.get(name)?.record(value, all)
  })
}
