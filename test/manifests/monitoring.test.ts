import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Alert } from './support/alerts.js'
import { dashboardOf } from './support/dashboard.js'
import { EXPORTER_METRICS, KUBELET_METRICS, PROMETHEUS_METRICS } from './support/exporter-metrics.js'
import { ofKind, readRendered, ROOT } from './support/objects.js'
import { metricsOf, syntaxError } from './support/promql.js'

const objects = readRendered('production')
const alerts = ofKind(objects, 'PrometheusRule').flatMap(({ spec }) =>
  (spec as { groups: { rules: Alert[] }[] }).groups.flatMap(({ rules }) => rules)
)
const dashboard = dashboardOf(objects)
const queries = [
  ...alerts.map(({ alert, expr }) => ({ of: alert, expr })),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ of: title, expr })))
]
/** The client's own, as docs/metrics.md has them; a histogram is asked for by its buckets. */
const clientMetrics = new Set(
  [...readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8').matchAll(/^\| `(ioredis_sentinel_\w+)` .*\| (\w+)/gm)].map(
    ([, name = '', type]) => (type === 'histogram' ? `${name}_bucket` : name)
  )
)
const runbook = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8')

it('there are alerts and panels', () => {
  expect(alerts.length).toBeGreaterThan(10)
  expect(dashboard.panels.length).toBeGreaterThan(10)
})

describe.each(queries)('the query of $of', ({ expr }) => {
  it('is PromQL', () => {
    expect(syntaxError(expr)).toBeUndefined()
  })

  it('asks for metrics that the exporter, the kubelet, Prometheus or the client has', () => {
    const names = metricsOf(expr)
    expect(names).not.toEqual([])
    const known = [EXPORTER_METRICS, KUBELET_METRICS].flatMap(Object.keys).concat(PROMETHEUS_METRICS)
    expect(names.filter((name) => !known.includes(name) && !clientMetrics.has(name))).toEqual([])
  })
})

it('what the clients say of themselves has alerts too, each by the labels that tell clients apart', () => {
  const own = alerts.filter(({ expr }) => metricsOf(expr).some((name) => clientMetrics.has(name)))
  expect(own.length).toBeGreaterThanOrEqual(3)
  for (const { annotations } of own) {
    expect(annotations?.summary).toContain('{{ $labels.pod }}')
    expect(annotations?.summary).toContain('{{ $labels.client }}')
  }
})

it.each([
  ['a parenthesis is missing', 'sum(redis_up'],
  ['a word too much', 'redis_up by by (pod)'],
  ['a comparison with nothing', 'redis_up =='],
  ['a matcher without quotes', 'redis_up{pod=a}']
])('the parser refuses: %s', (_, query) => {
  expect(syntaxError(query)).toBeDefined()
})

it('finds every metric of a query', () => {
  expect(metricsOf('max by (pod) (a_b / on (pod) c_d{role="x"} > 0) unless rate(e_f[5m])')).toEqual([
    'a_b',
    'c_d',
    'e_f'
  ])
})

describe.each(alerts)('the alert $alert', ({ alert, annotations, labels, for: lasting }) => {
  it('has a severity, a summary and a time to wait', () => {
    expect(labels?.severity).toMatch(/^(critical|warning|info)$/)
    expect(annotations?.summary).toMatch(/\{\{.*\}\}/)
    expect(lasting).toMatch(/^\d+[smh]$/)
  })

  it('leads to its section of the runbook, which says what it means, what to check and what to do', () => {
    expect(annotations?.runbook_url).toMatch(new RegExp(`docs/runbook\\.md#${alert.toLowerCase()}$`))
    const section = runbook.split(/^## /m).find((text) => text.startsWith(`${alert}\n`)) ?? ''
    for (const part of ['**Meaning.**', '**Check.**', '**Act.**']) expect(section).toContain(part)
  })
})

it('the runbook has no section for an alert that is not there', () => {
  const sections = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
  expect(sections).toEqual(alerts.map(({ alert }) => alert))
})

it('no two panels of the dashboard overlap', () => {
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`)
  )
  expect(new Set(cells).size).toBe(cells.length)
})
