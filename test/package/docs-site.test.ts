import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readReport } from '../../bench/failover/report-files.js'
import { figures } from '../../bench/failover-timeline/frames.js'
import type { Recording } from '../../bench/failover-timeline/recording.js'
import { brokenLinks } from '../../site/check-links.js'
import { hrefOf } from '../../site/links.js'
import { decisions, ELSEWHERE, GROUPS } from '../../site/navigation.js'
import { DOCS, linked, markdownFiles, ROOT, sourcePage } from '../../site/repository.js'

describe('the sidebar', () => {
  const listed = [...GROUPS.flatMap(({ pages }) => pages), ...decisions(DOCS)].map(({ page }) => page)
  const written = markdownFiles()
    .filter((file) => file.startsWith('docs/'))
    .map((file) => file.slice('docs/'.length, -'.md'.length))

  it('has every page of docs/ once: a new one gets a line in site/navigation.ts', () => {
    expect([...listed, ...ELSEWHERE].sort()).toEqual(written.sort())
  })

  it('has the pages that the site was made for', () => {
    expect(listed).toEqual(
      expect.arrayContaining([
        'start-here',
        'how-failover-works',
        'guarantees',
        'options',
        'read-policies',
        'recipes/bullmq',
        'recipes/socket.io',
        'recipes/sessions',
        'recipes/rate-limits',
        'recipes/locks',
        'recipes/tls',
        'recipes/nat',
        'kubernetes',
        'playing-around',
        'runbook',
        'performance',
        'reliability',
        'compatibility',
        'migration',
        'testing-your-app'
      ])
    )
  })
})

describe('links of the documents become links of the site', () => {
  it.each([
    ['docs/a.md', 'guarantees.md#order', '/guarantees.md#order'],
    ['docs/recipes/tls.md', '../security.md#tls', '/security.md#tls'],
    ['docs/adr/0001-subclass-of-redis.md', '0003-one-retry-owner.md', '/adr/0003-one-retry-owner.md'],
    ['docs/a.md', '../CHANGELOG.md', '/changelog.md'],
    ['docs/a.md', '../src/topology/reduce.ts', '/source/src/topology/reduce.ts.md'],
    ['docs/a.md', '../test/spec/topology/', '/source/test/spec/topology.md'],
    ['docs/failover.md', 'failover/failover.html', '/files/docs/failover/failover.html'],
    ['CONTRIBUTING.md', 'docs/reliability.md', '/reliability.md'],
    ['docs/a.md', '#here', '#here'],
    ['docs/a.md', 'https://redis.io/x.md', 'https://redis.io/x.md']
  ])('in %s: %s → %s', (from, href, expected) => {
    expect(hrefOf(from, href)).toBe(expected)
  })

  it('to sources that are there, each of which can be shown', () => {
    const sources = linked('source')
    expect(sources).toContain('src/topology/reduce.ts')
    for (const path of sources) expect(sourcePage(path)).toContain(`# ${path}\n`)
    for (const path of linked('file')) expect(existsSync(join(ROOT, path)), path).toBe(true)
  })
})

describe('brokenLinks, with which the build ends', () => {
  const pages = new Map([
    ['index.html', '<a href="/guide.html#there">a</a><a href="guide.html">b</a><a href="/">c</a><img src="/a.svg">'],
    ['guide.html', '<h2 id="there">x</h2><a href="#there">d</a><a href="https://example.org/nowhere">e</a>'],
    ['recipes/index.html', '<a href="../guide.html#t%C3%B6">f</a><h2 id="tö"></h2><a href="/recipes/#tö">g</a>']
  ])
  const files = new Set([...pages.keys(), 'a.svg'])

  it('finds a place that a page does not have', () => {
    expect(brokenLinks(pages, files)).toEqual([
      { page: 'recipes/index.html', href: '../guide.html#t%C3%B6', reason: 'guide.html has no such place' }
    ])
  })

  it('finds a page and a picture that are not there', () => {
    const without = new Map([...pages].filter(([page]) => page === 'index.html'))
    expect(brokenLinks(without, new Set(['index.html'])).map(({ href }) => href)).toEqual([
      '/guide.html#there',
      'guide.html',
      '/a.svg'
    ])
  })
})

describe('the figures of docs/how-failover-works.md', () => {
  const recording = JSON.parse(readFileSync(join(DOCS, 'failover/timeline.json'), 'utf8')) as Recording

  const drawn = figures(recording, readReport(join(DOCS, 'failover/failover.json')))

  it.each(Object.entries(drawn))('%s is what the recording and docs/failover/failover.json show', (file, svg) => {
    expect(
      readFileSync(join(DOCS, 'figures', file), 'utf8') === svg,
      'npx tsx bench/failover-timeline/main.ts --draw'
    ).toBe(true)
  })

  it.each(Object.entries(drawn))('%s has no word upon another', (_, svg) => {
    expect(overlapping(svg)).toEqual([])
  })

  it('say which phase the client is in, and for how long', () => {
    const inWords = /<rect x="([\d.]+)" [^>]* width="([\d.]+)"[^>]*\/><text [^>]*>(suspect|failover)</g
    const [suspect, failover, ...more] = [...String(drawn['failover.svg']).matchAll(inWords)]
    expect([suspect?.[3], failover?.[3], more]).toEqual(['suspect', 'failover', []])
    expect(Number(suspect?.[1]) + Number(suspect?.[2])).toBeCloseTo(Number(failover?.[1]), 0)
  })

  it('show a failover in which no read waited and every write was answered', () => {
    expect(recording.reads.filter(([, , outcome]) => outcome !== 'ok')).toEqual([])
    expect(recording.writes.filter(([, , outcome]) => !['acked', 'unknown'].includes(outcome))).toEqual([])
  })
})

const SPACE = 4

/** Words of a figure that cover others or touch them, by the width that letters have on average. */
function overlapping(svg: string): string[] {
  const placed = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"(?: text-anchor="(\w+)")?[^>]*>([^<]*)</g)].map(
    ([, x, y, anchor, text = '']) => {
      const width = text.length * 6.2
      const left = Number(x) - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0)
      return { text, left, right: left + width, y: Number(y) }
    }
  )
  return placed.flatMap((one, at) =>
    placed
      .slice(at + 1)
      .filter(({ left, right, y }) => Math.abs(y - one.y) < 12 && left < one.right + SPACE && one.left < right + SPACE)
      .map(({ text }) => `${one.text} / ${text}`)
  )
}
