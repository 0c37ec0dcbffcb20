import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DOCUMENTED, parseOptions } from '../../../scripts/kubernetes/options.js'
import { figuresTable, fillDocument, readFigures } from '../../../scripts/kubernetes/report.js'
import type { Figures } from '../../kubernetes/support/figures.js'

const run: Figures = {
  hazard: 'drain of node-1',
  overlay: 'statefulset',
  file: 'hazards/drain',
  untilAgreedSeconds: 30.2,
  acked: 1000,
  lost: 0,
  failed: 0,
  unknown: 3,
  gapsMs: []
}

describe('test:kubernetes', () => {
  it('shows the worst of all runs of a hazard in one line', () => {
    const lines = figuresTable([run, { ...run, lost: 2, gapsMs: [700, 1_440] }, { ...run, hazard: 'other' }]).split(
      '\n'
    )
    const cells = (line: string | undefined): string[] => (line ?? '').split('│').map((cell) => cell.trim())
    expect(cells(lines.find((line) => line.includes('drain'))).slice(1, -1)).toEqual([
      ...['drain of node-1', 'statefulset', '2', '2', '1.4', '0', '3', '30']
    ])
    expect(cells(lines.find((line) => line.includes('other'))).slice(3, 6)).toEqual(['1', '0', '< 0.5'])
  })

  it('reads what the trials have written', () => {
    expect(readFigures(`${JSON.stringify(run)}\n${JSON.stringify(run)}\n`)).toEqual([run, run])
  })

  it('puts one line for each hazard into the document', () => {
    const filled = fillDocument('top\n<!-- figures -->\nold\n<!-- /figures -->\nbottom\n', [run, run])
    const row =
      '| drain of node-1 | statefulset | [hazards/drain](../test/kubernetes/hazards/drain.test.ts) | 2 | 0 | < 0.5 | 3 | 30 |'
    expect(filled.split('\n')).toContain(row)
    expect(filled).toMatch(/^top\n[\s\S]*\nbottom\n$/)
    expect(filled).not.toContain('old')
  })

  it('is what the document is filled from: npm run test:kubernetes -- --render', () => {
    const document = readFileSync('docs/kubernetes-harness.md', 'utf8')
    const kept = JSON.parse(readFileSync(DOCUMENTED, 'utf8')) as Figures[]
    expect(fillDocument(document, kept)).toBe(document)
    expect(kept.map(({ file }) => `test/kubernetes/${file}.test.ts`).filter((file) => !existsSync(file))).toEqual([])
  })

  it('refuses a number of times that is none', () => {
    const said: string[] = []
    expect(parseOptions(['--repeat', '0'], (text) => said.push(text))).toEqual({ ok: false, exitCode: 2 })
    expect(said.join('')).toContain('a whole number from 1')
    expect(parseOptions(['--only', 'drain', 'rollout'])).toEqual({
      ok: true,
      options: { only: ['drain', 'rollout'], repeat: 1, atOnce: 1 }
    })
    expect(parseOptions(['--render'])).toMatchObject({ options: { render: [DOCUMENTED] } })
    expect(parseOptions(['--render', 'a.json', 'b.json'])).toMatchObject({ options: { render: ['a.json', 'b.json'] } })
  })
})
