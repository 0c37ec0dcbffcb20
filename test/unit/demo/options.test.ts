import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseOptions } from '../../../examples/demo/options.js'
import { FAULT_NAMES } from '../../../examples/demo/faults.js'

const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
afterEach(() => said.mockClear())
const text = (): string => said.mock.calls.map(([chunk]) => String(chunk)).join('')

describe('parseOptions', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toEqual({
      ok: true,
      options: {
        faults: ['kill'],
        rate: 200,
        downAfterMs: 1000,
        durationMs: 0,
        out: 'demo-report',
        json: false,
        open: true
      }
    })
  })

  it('takes every flag', () => {
    const argv = '--fault freeze --rate 50 --down-after 500 --duration 7 --out x --json --no-open'.split(' ')
    expect(parseOptions(argv)).toEqual({
      ok: true,
      options: { faults: ['freeze'], rate: 50, downAfterMs: 500, durationMs: 7000, out: 'x', json: true, open: false }
    })
  })

  it('runs all faults for "all"', () => {
    expect(parseOptions(['--fault', 'all'])).toMatchObject({ options: { faults: FAULT_NAMES } })
  })

  it('refuses an unknown fault, and names those there are', () => {
    expect(parseOptions(['--fault', 'explode'])).toEqual({ ok: false, exitCode: 2 })
    for (const name of FAULT_NAMES) expect(text()).toContain(name)
  })

  it.each([
    ['--rate', '0'],
    ['--rate', 'fast'],
    ['--down-after', '10'],
    ['--duration', '-1'],
    ['--nonsense'],
    ['extra']
  ])('refuses %s %s', (...argv) => {
    expect(parseOptions(argv)).toEqual({ ok: false, exitCode: 2 })
    expect(text()).toContain('error:')
  })
})
