import { describe, expect, it } from 'vitest'
import { type DrawnCall, latencyPlot, promotionPlot, throughputPlot } from '../../../src/cli/report/traffic-plots.js'

const operation = (kind: 'write' | 'read', issuedAt: number, latencyMs = 1): DrawnCall => ({
  kind,
  issuedAt,
  latencyMs,
  outcome: 'ok'
})

const none = { marks: [], ticks: [] }

const steady = Array.from({ length: 200 }, (_, index) => [
  operation('write', index * 5),
  operation('read', index * 5)
]).flat()

describe('throughputPlot', () => {
  it('counts answers in buckets of 50 ms around the fault', () => {
    const plot = throughputPlot(steady, 500, none)
    expect(plot.x[0]).toBeCloseTo(-0.425)
    expect(plot.series.map((series) => [...new Set(series.values)])).toEqual([[10], [10]])
  })

  it('cuts the axis when held writes are answered at once, and says so', () => {
    const burst = Array.from({ length: 300 }, (_, index) => operation('write', 200 + index, 400 - index))
    const plot = throughputPlot([...steady, ...burst], 500, none)
    expect(plot.yMax).toBe(30)
    expect(plot.caption).toContain('cut at 30: the held writes were answered at once, up to 310.')
  })

  it('counts few answers in longer buckets', () => {
    const few = steady.filter((_, index) => index % 20 < 2)
    expect(throughputPlot(few, 500, none).yLabel).toBe('answers per 200 ms')
  })

  it('shows what was before the fault also when there were only writes', () => {
    const plot = throughputPlot(
      steady.filter(({ kind }) => kind === 'write'),
      500,
      none
    )
    expect(plot.series.map(({ label }) => label)).toEqual(['writes'])
    expect(plot.x[0]).toBeCloseTo(-0.425)
  })

  it('begins with the focus when there is one, and says how to see the rest', () => {
    expect(throughputPlot(steady, 500, none)).not.toHaveProperty('focus')
    const plot = throughputPlot(steady, 500, { marks: [], ticks: [0.1] }, [-0.2, 0.2])
    expect(plot).toMatchObject({ focus: [-0.2, 0.2], ticks: [0.1] })
    expect(plot.caption).toContain('double-click to see the whole run')
  })

  it('is drawn from no records as well', () => {
    expect(throughputPlot([], 0, none).series).toHaveLength(2)
  })
})

describe('latencyPlot', () => {
  it('shows each operation once, and trouble apart', () => {
    const plot = latencyPlot([...steady, { ...operation('write', 7), outcome: 'unknown' }], 0, none)
    expect(plot.x).toHaveLength(401)
    const dots = plot.series.map((series) => series.values.filter((value) => value !== null).length)
    expect(Object.fromEntries(plot.series.map((series, index) => [series.label, dots[index]]))).toEqual({
      reads: 200,
      writes: 200,
      'unknown or failed': 1
    })
    expect([...plot.x].sort((a, b) => a - b)).toEqual(plot.x)
  })

  it('thins out what is too much and keeps the slowest', () => {
    const many = Array.from({ length: 50_000 }, (_, index) => operation('write', index, index === 777 ? 5000 : 1))
    const plot = latencyPlot(many, 0, none)
    expect(plot.x.length).toBeLessThan(12_000)
    expect(plot.series[0]?.values).toContain(5000)
  })
})

describe('promotionPlot', () => {
  it('shows the calls around the promotion, in milliseconds', () => {
    const plot = promotionPlot(steady, 500, none)
    expect(plot.xUnit).toBe('ms')
    expect([plot.x[0], plot.x.at(-1)]).toEqual([-400, 400])
  })
})
