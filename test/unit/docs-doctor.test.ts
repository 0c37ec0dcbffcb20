import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RULES } from '../../src/cli/doctor/rules/all.js'
import { table } from '../package/markdown.js'

const PAGE = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8')
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '\\<')

describe('docs/doctor.md', () => {
  it('has every finding as the rules have it, and no other', () => {
    const rows = table(PAGE, 'code', 'severity', 'meaning', 'remedy')
    expect(rows).toEqual(
      RULES.map(({ code, severity, meaning, remedy }) => [`\`${code}\``, severity, cell(meaning), cell(remedy)])
    )
  })
})
