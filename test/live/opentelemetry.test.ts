import { context, type Context, trace } from '@opentelemetry/api'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor
} from '@opentelemetry/sdk-trace-base'
import { ConfigurationError, type FailoverTimeline, type SentinelRedis } from 'ioredis-sentinel'
import { instrument, type InstrumentOptions } from 'ioredis-sentinel/opentelemetry'
import { collectMetrics } from 'ioredis-sentinel/prometheus'
import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { nextFailover, usable } from './support/client-view.js'
import { clientOf, failOver, settleSoon, startQuickTopology } from './support/clients.js'
import { eventually } from './support/server-view.js'

let topology: LocalTopology
const spanExporter = new InMemorySpanExporter()
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] })
const tracer = tracerProvider.getTracer('test')

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  topology = await startQuickTopology()
})
afterAll(() => topology.stop())
beforeEach(() => {
  spanExporter.reset()
})

/** Ends with the test. */
function instrumented(client: SentinelRedis, options: InstrumentOptions = {}): () => void {
  const end = instrument(client, { tracerProvider, ...options })
  onTestFinished(end)
  return end
}

/** What is done within a span of this name, and that span. */
async function within<Result>(name: string, act: () => Promise<Result>): Promise<[ReadableSpan, Result]> {
  const span = tracer.startSpan(name)
  const parent: Context = trace.setSpan(context.active(), span)
  const result = await context.with(parent, act)
  span.end()
  return [span as unknown as ReadableSpan, result]
}

/** What this client's spans of calls say; what the SDK and the test add is left out. */
function callSpans(): ReadableSpan[] {
  return spanExporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT)
}

/** The report of a failover that moved the primary; on a busy machine one may be called off. */
async function moved(client: SentinelRedis): Promise<FailoverTimeline> {
  for (;;) {
    const reported = nextFailover(client)
    await failOver(topology, client)
    const timeline = await reported
    if (timeline.outcome === 'moved') return timeline
  }
}

function addressed({ address }: LocalNode, role: string) {
  return {
    'server.address': address.host,
    'server.port': address.port,
    'network.peer.address': address.host,
    'network.peer.port': address.port,
    'ioredis_sentinel.role': role
  }
}

const BASICS = { 'db.system.name': 'redis', 'db.namespace': '0' }
const OWN = { 'ioredis_sentinel.group': 'mymaster', 'ioredis_sentinel.client': 'default' }

describe('a span for each call', () => {
  it('is the child of what it was called in, named by the command, with the node that answered', async () => {
    const askedOnce = { hedge: false, suspectAfterMs: 60_000 }
    await using client = clientOf(topology, { readFrom: 'replica', consistency: 'eventual', ...askedOnce })
    instrumented(client)
    await usable(client, 2)
    await client.set('not within anything', '')
    const [parent] = await within('request', async () => {
      await client.set('key', 'secret')
      await client.get('key')
    })
    const [set, get] = callSpans()
    expect(callSpans()).toHaveLength(2)
    for (const span of [set, get]) {
      expect(span?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId)
      expect(span?.status.code).toBe(SpanStatusCode.UNSET)
    }
    expect(set?.name).toBe('SET')
    expect(set?.attributes).toEqual({
      ...BASICS,
      ...OWN,
      'db.operation.name': 'SET',
      ...addressed(await topology.primary(), 'primary')
    })
    const { 'server.port': port } = get?.attributes ?? {}
    const replica = (await topology.replicas()).find(({ address }) => address.port === port)
    expect(replica).toBeDefined()
    expect(get?.attributes).toEqual({
      ...BASICS,
      ...OWN,
      'db.operation.name': 'GET',
      ...(replica && addressed(replica, 'replica'))
    })
  })

  it('is one for a pipeline and one for a transaction, with their size', async () => {
    await using client = clientOf(topology)
    instrumented(client, { commandSpans: 'all' })
    await client.pipeline().set('a', 1).incr('a').exec()
    await client.pipeline().get('a').get('b').exec()
    await client.multi().incr('a').incr('a').exec()
    await client.multi().set('a', 1).exec()
    await client.pipeline().get('a').exec()
    await client.transaction((tx) => tx.multi().incr('a').incr('a').exec())
    const once = client.with({ exactlyOnce: true })
    await once.multi().incr('a').incr('a').exec()
    await once.transaction((tx) => tx.multi().incr('a').incr('a').exec())
    const told = callSpans().map(({ name, attributes }) => [name, attributes['db.operation.batch.size']])
    expect(told).toEqual([
      ['PIPELINE', 2],
      ['PIPELINE GET', 2],
      ['MULTI INCR', 2],
      ['MULTI SET', undefined],
      ['GET', undefined],
      ['MULTI INCR', 2],
      ['MULTI', undefined],
      ['MULTI', undefined]
    ])
  })

  it('has failed when the call has: the server’s word, the library’s error, and no argument', async () => {
    await using client = clientOf(topology)
    instrumented(client, { commandSpans: 'all' })
    await client.set('text', 'secret')
    await expect(client.incr('text')).rejects.toThrow()
    await expect(client.call('nosuch', 'secret')).rejects.toThrow('secret')
    await expect(client.with({ signal: AbortSignal.abort() }).set('key', 'secret')).rejects.toThrow()
    const failed = callSpans().slice(1)
    expect(failed.map(({ name, status }) => [name, status.code, status.message])).toEqual([
      ['INCR', SpanStatusCode.ERROR, 'ERR value is not an integer or out of range'],
      ['NOSUCH', SpanStatusCode.ERROR, expect.stringContaining('ERR unknown command')],
      ['SET', SpanStatusCode.ERROR, expect.any(String)]
    ])
    expect(failed.map(({ attributes }) => [attributes['error.type'], attributes['db.response.status_code']])).toEqual([
      ['ERR', 'ERR'],
      ['ERR', 'ERR'],
      ['AbortedError', undefined]
    ])
    expect(
      JSON.stringify(callSpans().map(({ attributes, status, events }) => [attributes, status, events]))
    ).not.toContain('secret')
  })

  it('repeats no key and no argument that the server repeats in its error', async () => {
    await using client = clientOf(topology)
    instrumented(client, { commandSpans: 'all' })
    const failing = [
      () => client.xreadgroup('GROUP', 'secret group', 'c', 'STREAMS', 'secret stream', '>'),
      () => client.geoadd('places', 777, 888, 'secret place'),
      () => client.eval_ro('return redis.error_reply(ARGV[1])', 0, 'secret words'),
      () => client.call('FT.SEARCH', 'secret index', '*')
    ]
    for (const call of failing) await expect(call()).rejects.toThrow(/secret|777/)
    expect(callSpans().map(({ name, status }) => [name, status.message])).toEqual([
      ['XREADGROUP', "NOGROUP No such key '…' in XREADGROUP with GROUP option"],
      ['GEOADD', 'ERR'],
      ['EVAL_RO', expect.any(String)],
      ['FT.SEARCH', 'ERR']
    ])
    const told = JSON.stringify(callSpans().map(({ attributes, status, events }) => [attributes, status, events]))
    expect(told).not.toMatch(/secret|777/)
  })

  it.each(['all', 'withParent'] as const)(
    'that is under way ends with its call after end() (%s)',
    async (commandSpans) => {
      await using client = clientOf(topology)
      await using other = client.duplicate()
      await other.ping()
      const end = instrumented(client, { commandSpans })
      await within('parent', async () => {
        const popped = client.blpop('under way', 0)
        end()
        instrumented(client, { commandSpans, client: 'anew' })
        await other.rpush('under way', 'job')
        expect(await popped).toEqual(['under way', 'job'])
        await client.get('key')
      })
      const told = callSpans().map(({ name, attributes }) => [name, attributes['ioredis_sentinel.client']])
      expect(told).toEqual([
        ['BLPOP', 'default'],
        ['GET', 'anew']
      ])
    }
  )

  it('has the command and its keys when it is asked to, and the database', async () => {
    await using client = clientOf(topology, { db: 3 })
    instrumented(client, { commandSpans: 'all', queryText: true })
    await client.set('user:1', 'secret')
    await client.mset('a', 'secret', 'b', 'secret')
    expect(callSpans().map(({ attributes }) => [attributes['db.query.text'], attributes['db.namespace']])).toEqual([
      ['SET user:1 ?', '3'],
      ['MSET a ? b ?', '3']
    ])
  })

  it('says that of two nodes the one answered that did', async () => {
    await using client = clientOf(topology, {
      readFrom: 'replica',
      consistency: 'eventual',
      suspectAfterMs: 60_000
    })
    instrumented(client, { commandSpans: 'all' })
    await usable(client, 2)
    await client.set('key', 'value')
    const [frozen, other] = await topology.replicas()
    await frozen?.freeze()
    try {
      await Promise.all(Array.from({ length: 40 }, () => client.get('key')))
    } finally {
      await frozen?.thaw()
    }
    expect(client.stats().hedged).toBeGreaterThan(0)
    const gets = callSpans().filter(({ name }) => name === 'GET')
    expect(gets.some(({ attributes }) => attributes['ioredis_sentinel.attempts'] === 2)).toBe(true)
    expect(new Set(gets.map(({ attributes }) => attributes['server.port']))).toEqual(new Set([other?.address.port]))
  })

  it('leaves it to the caller whether a rejection is handled', async () => {
    await using client = clientOf(topology)
    instrumented(client, { commandSpans: 'all' })
    const heard: unknown[] = []
    const listener = (error: unknown): void => void heard.push(error)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', listener)
    onTestFinished(() => {
      process.off('unhandledRejection', listener)
      for (const other of others) process.on('unhandledRejection', other)
    })
    await client.ping()
    for (let call = 0; call < 50; call++) void client.call('nosuch')
    // One in 20 ms is looked at by the client itself.
    await eventually(() => {
      expect(heard.length).toBeGreaterThan(25)
    })
  })
})

describe('a failover', () => {
  it('is a span of its own, and calls that waited for it are answered by the new primary', async () => {
    await using client = clientOf(topology)
    instrumented(client, { client: 'writer' })
    await client.set('key', 'value')
    const before = await topology.primary()
    const [parent, timeline] = await within('request', async () => {
      const over = moved(client)
      let isOver = false
      void over.then(() => (isOver = true))
      while (!isOver) await client.incr('count')
      return over
    })
    const span = spanExporter.getFinishedSpans().findLast(({ name }) => name === 'failover')
    expect(span?.parentSpanContext).toBeUndefined()
    expect(span?.kind).toBe(SpanKind.INTERNAL)
    expect(span?.attributes).toMatchObject({
      'db.system.name': 'redis',
      'server.address': timeline.to?.host,
      'server.port': timeline.to?.port,
      'ioredis_sentinel.group': 'mymaster',
      'ioredis_sentinel.client': 'writer',
      'ioredis_sentinel.outcome': 'moved',
      'ioredis_sentinel.epoch': timeline.epoch,
      'ioredis_sentinel.from': `${before.address.host}:${before.address.port}`,
      'ioredis_sentinel.held': timeline.held
    })
    const [seconds = 0, nanoseconds = 0] = span?.duration ?? []
    expect(seconds * 1000 + nanoseconds / 1e6).toBeCloseTo(timeline.endedAt - timeline.startedAt, 0)
    expect(span?.events.map(({ name }) => name)).toEqual(timeline.entries.map(({ what }) => what))

    const calls = callSpans().filter(({ name }) => name === 'INCR')
    const own = new Set(calls.map(({ parentSpanContext }) => parentSpanContext?.spanId))
    expect(own).toEqual(new Set([parent.spanContext().spanId]))
    const held = calls.filter(({ attributes }) => attributes['ioredis_sentinel.held'] === true)
    expect(held.length).toBeGreaterThan(0)
    expect(held.at(-1)?.attributes['server.port']).toBe(timeline.to?.port)
    expect(calls[0]?.attributes['server.port']).toBe(before.address.port)
    await settleSoon(topology)
  })
})

interface Told {
  readonly labels: object
  readonly value: number
  readonly metricName?: string
}

interface Meters {
  readonly meterProvider: MeterProvider
  /** The points of each metric, by its name. */
  readonly collect: () => Promise<ReadonlyMap<string, readonly DataPoint<unknown>[]>>
  /** What was told since this was last asked. */
  readonly collectNews: Meters['collect']
}

function meters(): Meters {
  const [all, news] = [reading(AggregationTemporality.CUMULATIVE), reading(AggregationTemporality.DELTA)]
  const meterProvider = new MeterProvider({ readers: [all.reader, news.reader] })
  onTestFinished(() => meterProvider.shutdown())
  return { meterProvider, collect: all.collect, collectNews: news.collect }
}

function reading(temporality: AggregationTemporality) {
  const exporter = new InMemoryMetricExporter(temporality)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })
  const collect: Meters['collect'] = async () => {
    exporter.reset()
    await reader.forceFlush()
    const found = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    return new Map(found.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints as DataPoint<unknown>[]]))
  }
  return { reader, collect }
}

describe('metrics of OpenTelemetry', () => {
  it('are those for Prometheus, by the same names and values, through a failover', async () => {
    const { meterProvider, collect, collectNews } = meters()
    const register = new Registry()
    await using client = clientOf(topology)
    const end = instrumented(client, { meterProvider, client: 'writer' })
    onTestFinished(collectMetrics(client, { register, client: 'writer' }))
    await client.set('key', 'value')
    await usable(client, 2)
    await collect()
    await moved(client)
    await settleSoon(topology)
    await usable(client, 2)
    // What changes between two looks.
    const moving = /latency|pending|in_flight/
    const ours = async (): Promise<Map<string, number>> => {
      const found = new Map<string, number>()
      for (const [name, points] of await collect())
        for (const { attributes, value } of points)
          found.set(`${name.replace('.', '_')} ${sorted(attributes)}`, (value as Histogram).count ?? (value as number))
      return new Map([...found].filter(([key]) => key.startsWith('ioredis_sentinel_') && !moving.test(key)))
    }
    const theirs = async (): Promise<Map<string, number>> => {
      const found = new Map<string, number>()
      for (const { name, values } of await register.getMetricsAsJSON())
        for (const { labels, value, metricName = name } of values as Told[])
          if (metricName === name || metricName === `${name}_count`) found.set(`${name} ${sorted(labels)}`, value)
      return new Map([...found].filter(([key]) => !moving.test(key)))
    }
    await eventually(async () => {
      const [own, others] = [await ours(), await theirs()]
      for (const [key, value] of own) if (value === 0) own.delete(key)
      for (const [key, value] of others) if (value === 0) others.delete(key)
      expect(Object.fromEntries(own)).toEqual(Object.fromEntries(others))
    })
    const labels = sorted({ group: 'mymaster', client: 'writer', outcome: 'moved' })
    expect((await ours()).get(`ioredis_sentinel_failovers_total ${labels}`)).toBeGreaterThan(0)
    const primaries = [...(await ours())].filter(([key]) => key.startsWith('ioredis_sentinel_primary_info'))
    expect(primaries.filter(([, value]) => value === 1)).toHaveLength(1)
    expect(primaries.length).toBeGreaterThan(1)
    // The old primary, and the replica that was promoted, are told of once more and then no longer.
    const told = async (name: string) =>
      (await collectNews()).get(`ioredis_sentinel.${name}`)?.map(({ value }) => value)
    expect(await told('primary_info')).toEqual(expect.arrayContaining([0, 1]))
    expect([await told('primary_info'), await told('replica_usable')]).toEqual([[1], [1, 1]])
    end()
    const after = [...(await ours())]
    const valuesOf = (name: RegExp) => new Set(after.flatMap(([key, value]) => (name.test(key) ? [value] : [])))
    expect([valuesOf(/primary_info|usable|phase/), valuesOf(/reachable/)]).toEqual([new Set([0]), new Set([-1])])
  })

  it('have the duration of calls by the semantic conventions, with the node and the error', async () => {
    const { meterProvider, collect } = meters()
    await using client = clientOf(topology)
    instrumented(client, { meterProvider, durations: 'all' })
    await client.set('key', 'value')
    await client.incr('key').catch(() => undefined)
    const points = (await collect()).get('db.client.operation.duration') as DataPoint<Histogram>[]
    const { address } = await topology.primary()
    const common = {
      ...BASICS,
      'server.address': address.host,
      'server.port': address.port,
      'network.peer.address': address.host,
      'network.peer.port': address.port
    }
    expect(points.map(({ attributes, value }) => [attributes, value.count])).toEqual([
      [{ ...common, 'db.operation.name': 'SET' }, 1],
      [{ ...common, 'db.operation.name': 'INCR', 'error.type': 'ERR', 'db.response.status_code': 'ERR' }, 1]
    ])
    expect(points[0]?.value.buckets.boundaries).toEqual([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10])
  })

  it('measure every call of few, and some of many', async () => {
    const { meterProvider, collect } = meters()
    await using client = clientOf(topology)
    instrumented(client, { meterProvider })
    const measured = async (): Promise<number> => {
      const points = ((await collect()).get('db.client.operation.duration') ?? []) as DataPoint<Histogram>[]
      return points.reduce((sum, { value }) => sum + value.count, 0)
    }
    // The test before may have made many.
    await eventually(async () => {
      const before = await measured()
      for (let call = 0; call < 20; call++) await client.set('key', call)
      expect((await measured()) - before).toBe(20)
    })
    const few = await measured()
    const issued = client.stats().issued
    for (let round = 0; round < 20; round++)
      await Promise.all(Array.from({ length: 1_000 }, () => client.set('key', 'value')))
    expect(client.stats().issued).toBe(issued + 20_000)
    const many = (await measured()) - few
    expect(many).toBeLessThan(10_000)
    expect(many).toBeGreaterThan(20)
  })
})

describe('instrument()', () => {
  it('refuses what is no client, a client twice, two of one name, and wrong options', async () => {
    await using client = clientOf(topology)
    await using other = client.duplicate()
    expect(() => instrument({} as never)).toThrow(ConfigurationError)
    expect(() => instrument(client, { commandSpans: 'some' as never })).toThrow(
      'instrument({ commandSpans }) is "some"; allowed: "withParent", "all", "none"'
    )
    expect(() => instrument(client, { client: '' })).toThrow('instrument({ client }) is ""')
    const end = instrumented(client)
    expect(() => instrument(client, { client: 'again' })).toThrow('is instrumented already')
    expect(() => instrument(other)).toThrow('a second client of "mymaster" as "default"')
    end()
    instrumented(other)
  })

  it('is documented: every attribute of its spans, and every value of its options', () => {
    const text = readFileSync('docs/metrics.md', 'utf8')
    const used = readdirText('src/opentelemetry')
    const names = new Set(used.match(/(?<=')(?:db|error|server|network)\.[a-z_.]+(?=')/g))
    for (const own of [
      'group',
      'client',
      'role',
      'attempts',
      'held',
      'outcome',
      'epoch',
      'from',
      'to',
      'retried',
      'unknown'
    ])
      names.add(`ioredis_sentinel.${own}`)
    for (const name of names) expect(text).toContain(`\`${name}\``)
  })
})

function readdirText(folder: string): string {
  return ['attributes', 'command-spans', 'durations', 'failover-spans']
    .map((file) => readFileSync(`${folder}/${file}.ts`, 'utf8'))
    .join('\n')
}

function sorted(labels: object): string {
  return JSON.stringify(Object.entries(labels).sort())
}
