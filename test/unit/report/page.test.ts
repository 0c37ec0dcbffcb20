import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { renderPage, tableHtml } from '../../../src/cli/report/page.js'
import type { Plot } from '../../../src/cli/report/plot.js'
import { plotHtml } from '../../../src/cli/report/plot-html.js'
import { plotSvg } from '../../../src/cli/report/plot-svg.js'

const plot: Plot = {
  id: 'p',
  title: 'Latency </script>',
  caption: 'of <each> call',
  x: [-1, 0, 1, 2],
  xUnit: 's',
  xLabel: 'seconds',
  yLabel: 'ms',
  scale: 'log',
  series: [
    { label: 'writes', colour: 'write', style: 'dots', values: [0.5, null, 1000, 2] },
    { label: 'reads', colour: 'read', style: 'line', values: [1, 1, null, 1] }
  ],
  marks: [{ at: 0, label: 'fault: <kill>', colour: 'trouble', weight: 1 }],
  ticks: [0.5, 1.5]
}

const page = renderPage({
  title: 'T <1>',
  lead: '<p>lead</p>',
  sections: [{ heading: 'Plots & tables', html: plotHtml(plot) + tableHtml(['a<'], [['<td>']], ['fail']) }]
})

describe('renderPage', () => {
  it('loads nothing from anywhere', () => {
    expect(page).not.toMatch(/<(?:script|img|iframe|source)[^>]*\ssrc=/i)
    expect(page).not.toMatch(/<link[^>]*href="(?!data:,")/i)
    expect(page).not.toMatch(/@import|url\(\s*['"]?(?!data:)/i)
  })

  it('carries uPlot and what draws with it', () => {
    const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? ''
    expect(() => new Script(script)).not.toThrow()
    expect(script).toContain('u-axis')
    expect(page).toContain('.uplot')
    expect(page).toContain('data-plot="p"')
  })

  it('escapes titles and cells', () => {
    expect(page).toContain('<title>T &lt;1&gt;</title>')
    expect(page).toContain('<h2>Plots &amp; tables</h2>')
    expect(page).toContain('<tr class="fail"><td>&lt;td&gt;</td></tr>')
  })

  it('has the plot as data that reads back', () => {
    const data = /<script type="application\/json" data-plot="p">(.*?)<\/script>/s.exec(page)?.[1] ?? ''
    expect(JSON.parse(data)).toEqual(plot)
  })

  it('opens and closes as many script elements', () => {
    expect(page.match(/<script/g)?.length).toBe(2)
    expect(page.match(/<\/script>/g)?.length).toBe(2)
  })
})

describe('plotSvg', () => {
  const svg = plotSvg(plot)

  it('draws a dot for each value and breaks a line where there is none', () => {
    const [dots, line] = [...svg.matchAll(/<path d="([^"]*)"/g)].map((match) => match[1] ?? '')
    expect(dots?.match(/M/g)?.length).toBe(3)
    expect(line?.replace(/[\d. -]/g, '')).toBe('MLM')
  })

  it('labels the marks and the powers of ten', () => {
    expect(svg).toContain('>fault: &lt;kill&gt;</text>')
    for (const tick of ['0.1', '1', '10', '100', '1,000']) expect(svg).toContain(`>${tick}</text>`)
  })

  it('cuts a linear axis where it is told to', () => {
    const cut = plotSvg({
      ...plot,
      scale: 'linear',
      yMax: 10,
      marks: [],
      series: [{ label: 'w', colour: 'write', style: 'line', values: [0, 5, 10, 500] }]
    })
    const heights = [...(/<path d="([^"]*)"/.exec(cut)?.[1] ?? '').matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(
      (match) => match[1]
    )
    expect(heights).toEqual(['230', '120', '10', '10'])
  })

  it('strokes the ticks at the top, and shows the focus alone when there is one', () => {
    const strokes = (drawn: string) => /<path d="([^"]*)" stroke="var\(--sentinel/.exec(drawn)?.[1]?.match(/M/g)?.length
    const dots = (drawn: string) => /<path d="([^"]*)"/.exec(drawn)?.[1]?.match(/M/g)?.length
    expect([strokes(svg), dots(svg)]).toEqual([2, 3])
    const focused = plotSvg({ ...plot, focus: [0, 1] })
    expect([strokes(focused), dots(focused)]).toEqual([1, 1])
    expect(plotSvg({ ...plot, focus: [0.5, 1] })).not.toContain('fault: &lt;kill&gt;')
  })

  it('survives having nothing to draw', () => {
    expect(plotSvg({ ...plot, x: [], series: [], marks: [] })).toContain('</svg>')
  })
})
