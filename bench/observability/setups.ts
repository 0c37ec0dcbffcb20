import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { context, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type Sampler
} from '@opentelemetry/sdk-trace-base'
import type { SentinelRedis } from 'ioredis-sentinel'
import { instrument, type InstrumentOptions } from 'ioredis-sentinel/opentelemetry'
import { collectMetrics } from 'ioredis-sentinel/prometheus'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Registry } from 'prom-client'

/** What is switched on: what it gives has all metrics read once, and switches it off. */
export interface Switched {
  readonly scrape: () => Promise<unknown>
  readonly off: () => void
}

const EVENTS = [
  'topology',
  'primary-changed',
  'failover-started',
  'failover',
  'subscription-gap',
  'session-lost',
  'replica-up',
  'replica-down',
  'replica-out',
  'replica-back',
  'sentinel-up',
  'sentinel-down'
]

const nothing = (): Promise<void> => Promise.resolve()

/** It does not read by itself. */
function metered(client: SentinelRedis, options: InstrumentOptions): Switched {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const off = instrument(client, { meterProvider, commandSpans: 'none', ...options })
  return {
    scrape: async () => {
      await reader.forceFlush()
      exporter.reset()
    },
    off: () => {
      off()
      void meterProvider.shutdown()
    }
  }
}

function recording(sampler: Sampler): BasicTracerProvider {
  const dropping = {
    export: (_spans: unknown, done: (result: { code: number }) => void) => {
      done({ code: 0 })
    },
    shutdown: nothing
  }
  return new BasicTracerProvider({ sampler, spanProcessors: [new BatchSpanProcessor(dropping)] })
}

function traced(client: SentinelRedis, sampler: Sampler, commandSpans: 'all' | 'withParent'): Switched {
  const tracerProvider = recording(sampler)
  const off = instrument(client, { tracerProvider, commandSpans, durations: 'none' })
  return {
    scrape: nothing,
    off: () => {
      off()
      void tracerProvider.shutdown()
    }
  }
}

function everything(client: SentinelRedis, options: InstrumentOptions): Switched {
  const register = new Registry()
  const endPrometheus = collectMetrics(client, { register })
  const meters = metered(client, options)
  const listener = (): void => undefined
  for (const event of EVENTS) subscribe(`ioredis-sentinel:${event}`, listener)
  return {
    scrape: async () => {
      await register.metrics()
      await meters.scrape()
    },
    off: () => {
      endPrometheus()
      meters.off()
      for (const event of EVENTS) unsubscribe(`ioredis-sentinel:${event}`, listener)
    }
  }
}

export const SETUPS = {
  nothing: { what: 'nothing, for comparison', on: () => ({ scrape: nothing, off: () => undefined }) },
  metrics: {
    what: 'Prometheus, OpenTelemetry metrics, all event channels',
    on: (client: SentinelRedis) => everything(client, {})
  },
  everything: {
    what: 'these, and spans as they are by default, calls without a parent',
    on: (client: SentinelRedis) => {
      const tracerProvider = recording(new AlwaysOnSampler())
      const { scrape, off } = everything(client, { tracerProvider, commandSpans: 'withParent' })
      return {
        scrape,
        off: () => {
          off()
          void tracerProvider.shutdown()
        }
      }
    }
  },
  durations: {
    what: "`durations: 'all'`",
    on: (client: SentinelRedis) => metered(client, { durations: 'all' })
  },
  unparented: {
    what: 'spans, calls without a parent',
    on: (client: SentinelRedis) => traced(client, new AlwaysOnSampler(), 'withParent')
  },
  unsampled: {
    what: 'spans, all sampled out',
    on: (client: SentinelRedis) => traced(client, new AlwaysOffSampler(), 'all')
  },
  spans: {
    what: 'spans, all recorded',
    on: (client: SentinelRedis) => traced(client, new AlwaysOnSampler(), 'all')
  }
} satisfies Record<string, { readonly what: string; readonly on: (client: SentinelRedis) => Switched }>

export type SetupName = keyof typeof SETUPS

/** Where parents are looked for: what finds them slows every promise of a process down, also while nothing is traced. */
export const TRACING: readonly SetupName[] = ['everything', 'unparented', 'unsampled', 'spans']

export function findParents(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
}

/** What finds parents begins with the first span of an application. */
export async function withinSpan(act: () => Promise<unknown>): Promise<void> {
  const span = new BasicTracerProvider().getTracer('bench').startSpan('first')
  await context.with(trace.setSpan(context.active(), span), act)
  span.end()
}
