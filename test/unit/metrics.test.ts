import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { EventEmitter } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Address, SentinelRedis } from '../../src/index.js'
import { followHappenings } from '../../src/metrics/happenings.js'
import { READINGS } from '../../src/metrics/readings.js'
import { followFailovers } from '../../src/opentelemetry/failover-spans.js'
import { exportMetrics } from '../../src/opentelemetry/metrics.js'
import { statsOf } from '../../src/runtime/client-stats.js'

const V6: Address = { host: 'fd00::1', port: 6379 }
const LABELS = { group: 'mymaster', client: 'default' }

interface Seen {
  primary: Address
  sentinels: { readonly key: string; readonly reachable: boolean }[]
}

/** What the metrics read of a client, with this to be seen. */
function clientThatSees(seen: Seen): SentinelRedis & EventEmitter {
  const topology = () => ({
    configEpoch: 1,
    phase: { kind: 'stable' },
    primary: { address: seen.primary },
    sentinels: seen.sentinels
  })
  const client = Object.assign(new EventEmitter(), { stats: () => ({ replicas: [] }) })
  return Object.defineProperty(client, 'topology', { get: topology }) as unknown as SentinelRedis & EventEmitter
}

/** What OpenTelemetry is told of this client, each time that it asks. */
function exported(client: SentinelRedis): {
  readonly news: () => Promise<readonly MetricData[]>
  readonly end: () => void
} {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })
  const provider = new MeterProvider({ readers: [reader] })
  onTestFinished(() => provider.shutdown())
  const end = exportMetrics(provider.getMeter('test'), client, LABELS, () => false)
  return {
    end,
    news: async () => {
      exporter.reset()
      await reader.forceFlush()
      return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    }
  }
}

const byAddress = (metrics: readonly MetricData[], name: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries<unknown>(
    (metrics.find(({ descriptor }) => descriptor.name === `ioredis_sentinel.${name}`)?.dataPoints ?? []).map(
      ({ attributes, value }) => [String(attributes['address']), value]
    )
  )

describe('an address of IPv6 is in brackets', () => {
  it('in primary_info', () => {
    const told: unknown[] = []
    const client = clientThatSees({ primary: V6, sentinels: [] })
    READINGS.find(({ name }) => name === 'primary_info')?.read(client, client.stats(), (...one) => void told.push(one))
    expect(told).toEqual([[1, { address: '[fd00::1]:6379' }]])
  })

  it('in what replica_… are read from', () => {
    const core = {
      dispatcher: { counts: {} },
      reads: { replicas: [{ address: V6 }], isUsable: () => true, lagMsOf: () => undefined }
    }
    const { replicas } = statsOf({ commandQueue: [] } as never, core as never, { size: 0, waiting: 0 })
    expect(replicas).toMatchObject([{ address: '[fd00::1]:6379' }])
  })

  it('in the span of a failover', () => {
    const exporter = new InMemorySpanExporter()
    const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    const client = clientThatSees({ primary: V6, sentinels: [] })
    followFailovers(tracers.getTracer('test'), client, LABELS)
    client.emit('failover', { outcome: 'moved', from: V6, to: { ...V6, host: 'fd00::2' }, entries: [] })
    expect(exporter.getFinishedSpans()[0]?.attributes).toMatchObject({
      'server.address': 'fd00::2',
      'ioredis_sentinel.from': '[fd00::1]:6379',
      'ioredis_sentinel.to': '[fd00::2]:6379'
    })
  })
})

describe('what is told to OpenTelemetry', () => {
  it('of a node that is gone is told once, and of a sentinel not that it does not answer', async () => {
    const sentinel = (host: string, reachable = true) => ({ key: `${host}:26379`, reachable })
    const seen: Seen = { primary: { host: 'a', port: 1 }, sentinels: [sentinel('s1'), sentinel('s2', false)] }
    const { news, end } = exported(clientThatSees(seen))
    expect(byAddress(await news(), 'sentinel_reachable')).toEqual({ 's1:26379': 1, 's2:26379': 0 })
    seen.primary = { host: 'b', port: 1 }
    seen.sentinels = [sentinel('s1')]
    const after = await news()
    expect(byAddress(after, 'primary_info')).toEqual({ 'a:1': 0, 'b:1': 1 })
    expect(byAddress(after, 'sentinel_reachable')).toEqual({ 's1:26379': 1, 's2:26379': -1 })
    const later = await news()
    expect(byAddress(later, 'primary_info')).toEqual({ 'b:1': 1 })
    expect(byAddress(later, 'sentinel_reachable')).toEqual({ 's1:26379': 1 })
    seen.primary = { host: 'a', port: 1 }
    expect(byAddress(await news(), 'primary_info')).toEqual({ 'a:1': 1, 'b:1': 0 })
    end()
    const last = await news()
    expect([byAddress(last, 'primary_info'), byAddress(last, 'sentinel_reachable')]).toEqual([
      { 'a:1': 0 },
      { 's1:26379': -1 }
    ])
    expect(byAddress(await news(), 'primary_info')).toEqual({})
  })

  it('has the unit of what is measured in seconds', async () => {
    const client = clientThatSees({ primary: V6, sentinels: [] })
    const { news } = exported(client)
    client.emit('failover', { outcome: 'moved', startedAt: 0, endedAt: 1, longestHoldMs: 1 })
    const units = (await news()).map(({ descriptor: { name, unit } }) => [name, unit])
    expect(units.filter(([name]) => name?.includes('_seconds'))).toEqual([
      ['ioredis_sentinel.failover_seconds', 's'],
      ['ioredis_sentinel.failover_hold_seconds', 's'],
      ['ioredis_sentinel.subscription_gap_seconds_total', 's']
    ])
    expect(units.filter(([name, unit]) => !name?.includes('_seconds') && unit !== '')).toEqual([])
  })
})

it('every counter of what happens begins at 0, with each of its labels', () => {
  const told: unknown[] = []
  followHappenings(clientThatSees({ primary: V6, sentinels: [] }), (...one) => void told.push(one))
  expect(told).toEqual([
    ['failovers_total', 0, { outcome: 'moved' }],
    ['failovers_total', 0, { outcome: 'aborted' }],
    ...['lost', 'silent', 'refused', 'lag', 'down', 'link-down', 'removed'].map((reason) => [
      ...['replica_outs_total', 0],
      { reason }
    ]),
    ['subscription_gaps_total', 0],
    ['subscription_gap_seconds_total', 0]
  ])
})
