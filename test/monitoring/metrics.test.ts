import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dashboardOf } from '../manifests/support/dashboard.js'
import { EXPORTER_METRICS, type ExportedBy } from '../manifests/support/exporter-metrics.js'
import { readRendered } from '../manifests/support/objects.js'
import type { Series } from './support/prometheus.js'
import { WatchedTopology } from './support/watched-topology.js'

const PODS: Readonly<Record<ExportedBy, readonly string[]>> = {
  'every server': ['redis-0', 'redis-1', 'redis-2', 'sentinel-0', 'sentinel-1', 'sentinel-2'],
  redis: ['redis-0', 'redis-1', 'redis-2'],
  primary: ['redis-0'],
  replica: ['redis-1', 'redis-2'],
  sentinel: ['sentinel-0', 'sentinel-1', 'sentinel-2']
}
const CLIENTS = ['example-reader-0', 'example-writer-0']
/** Without a failover there is nothing to show. */
const AFTER_A_FAILOVER = ['Clients: failovers', 'Clients: how long writes stood still']
/** What the exporter asks every server for and a sentinel does not know. */
const UNKNOWN_TO_SENTINELS = /LATENCY (LATEST|HISTOGRAM), err: ERR unknown command/

const WITHIN = { timeout: 180_000, interval: 500 }

const panels = dashboardOf(readRendered('production')).panels
const queries = panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target })))

let watched: WatchedTopology
const query = (text: string): Promise<readonly Series[]> => watched.prometheus.query(text)
const podsOf = (series: readonly Series[]): string[] => series.map(({ labels }) => labels['pod'] ?? '').toSorted()

/** As Grafana does; 10 s for what it has as four times the interval of scrapes. */
const filledIn = (expr: string): string => expr.replaceAll('$__rate_interval', '10s').replaceAll('$namespace', 'redis')

beforeAll(async () => {
  watched = await WatchedTopology.start('5s')
  await vi.waitFor(async () => expect(await query('count_over_time(up[1m]) > 8')).toHaveLength(8), WITHIN)
})

afterAll(() => watched?.stop())

it('the monitors lead Prometheus to every server and to both examples', async () => {
  expect(podsOf(await query('max_over_time(up[10s]) == 1'))).toEqual([...CLIENTS, ...PODS['every server']])
  expect(podsOf(await query('max_over_time(redis_up[10s]) == 1'))).toEqual(PODS['every server'])
})

it.each(PODS['every server'])('the exporter of %s complains about nothing', (pod) => {
  const errors = watched
    .exporter(pod)
    .said()
    .split('\n')
    .filter((line) => /level=(warning|error|fatal)/.test(line))
  const unexpected = pod.startsWith('sentinel') ? errors.filter((line) => !UNKNOWN_TO_SENTINELS.test(line)) : errors
  expect(unexpected).toEqual([])
})

it('its user may do all that it asks of a redis', async () => {
  for (const node of watched.topology.nodes) {
    const refused = (await node.command('ACL', 'LOG')) as string[][]
    expect(refused.filter((entry) => entry.includes('exporter'))).toEqual([])
  }
})

it.each(Object.entries(EXPORTER_METRICS))('%s', async (name, { by }) => {
  expect([...new Set(podsOf(await query(`last_over_time(${name}[10s])`)))]).toEqual(PODS[by])
})

describe.each(queries.filter(({ title }) => !AFTER_A_FAILOVER.includes(title)))(
  'the panel $title: $legendFormat',
  ({ expr, legendFormat }) => {
    it('shows something, by the labels that its legend names', async () => {
      const series = await query(filledIn(expr))
      expect(series).not.toEqual([])
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        for (const { labels } of series) expect(labels).toHaveProperty(label)
      expect(series.filter(({ value }) => !Number.isFinite(value))).toEqual([])
    })
  }
)

it('the panels of failovers show one that has been', async () => {
  await watched.topology.sentinelFailover()
  for (const { expr } of queries.filter(({ title }) => AFTER_A_FAILOVER.includes(title)))
    await vi.waitFor(async () => expect(await query(`${filledIn(expr)} > 0`)).not.toEqual([]), WITHIN)
})
