import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../../scripts/monitoring/options.js'

describe('the command line of test:monitoring', () => {
  it('takes the programs of forky and runs all, or has a choice', () => {
    expect(parseOptions([])).toEqual({ ok: true, options: { debian: 'forky', only: [] } })
    expect(parseOptions(['--debian', 'trixie', '--only', 'rules', 'metrics'])).toEqual({
      ok: true,
      options: { debian: 'trixie', only: ['rules', 'metrics'] }
    })
  })

  it('refuses what there is not', () => {
    let said = ''
    expect(parseOptions(['--fedora'], (text) => (said += text))).toEqual({ ok: false, exitCode: 2 })
    expect(said).toContain('--fedora')
  })
})
