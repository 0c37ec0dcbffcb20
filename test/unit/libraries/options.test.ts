import { describe, expect, it } from 'vitest'
import { LIBRARY_NAMES } from '../../../scripts/libraries/catalogue.js'
import { DOCUMENTED, parseOptions } from '../../../scripts/libraries/options.js'

function parse(...argv: readonly string[]): { said: string; parsed: ReturnType<typeof parseOptions> } {
  let said = ''
  const parsed = parseOptions(argv, (text) => (said += text))
  return { said, parsed }
}

describe('the command line of the libraries', () => {
  it('asks for every library once by itself', () => {
    expect(parse().parsed).toEqual({ ok: true, options: { libraries: LIBRARY_NAMES, repeat: 1 } })
  })

  it('takes a choice, a number, and where to write', () => {
    const words = '--libraries redlock,bullmq --repeat 10 --json out.json'.split(' ')
    expect(parse(...words).parsed).toEqual({
      ok: true,
      options: { libraries: ['bullmq', 'redlock'], repeat: 10, json: 'out.json' }
    })
  })

  it('fills the document from the file that is named, or from the one that is kept', () => {
    const rendered = (...argv: readonly string[]): unknown => {
      const { parsed } = parse(...argv)
      return parsed.ok ? parsed.options.render : parsed
    }
    expect(rendered('--render')).toBe(DOCUMENTED)
    expect(rendered('--render', 'out.json')).toBe('out.json')
  })

  it.each([
    [['--libraries', 'bull'], '"bull" is not known; allowed are bullmq, rate-limiter-flexible'],
    [['--repeat', '0'], 'Give a whole number from 1 to 1000.'],
    [['--repeat', 'ten'], 'Give a whole number from 1 to 1000.'],
    [['redlock'], 'too many arguments']
  ])('refuses %j', (argv, message) => {
    const { said, parsed } = parse(...argv)
    expect(parsed).toEqual({ ok: false, exitCode: 2 })
    expect(said).toContain(message)
    expect(said).toContain('npm run test:libraries -- --repeat 10')
  })

  it('tells its options when asked for help', () => {
    const { said, parsed } = parse('--help')
    expect(parsed).toEqual({ ok: false, exitCode: 0 })
    for (const word of ['--libraries', '--repeat', '--json', '--render', 'Exit code', ...LIBRARY_NAMES])
      expect(said).toContain(word)
  })
})
