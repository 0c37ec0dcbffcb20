import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../../scripts/matrix/options.js'

function parse(...argv: readonly string[]): { said: string; parsed: ReturnType<typeof parseOptions> } {
  let said = ''
  const parsed = parseOptions(argv, (text) => (said += text))
  return { said, parsed }
}

describe('the command line of the matrix', () => {
  it('asks for every Node with every server, and all tests, by itself', () => {
    expect(parse().parsed).toEqual({
      ok: true,
      options: { nodes: [20, 22, 24], servers: ['redis-7.0', 'redis-8.0', 'valkey-8.1'], tests: [], serial: false }
    })
  })

  it('takes a choice of each', () => {
    const words = '--nodes 24,20 --servers valkey-8.1 --tests pains/18 zones --serial --json out.json'.split(' ')
    expect(parse(...words).parsed).toEqual({
      ok: true,
      options: {
        nodes: [20, 24],
        servers: ['valkey-8.1'],
        tests: ['pains/18', 'zones'],
        serial: true,
        json: 'out.json'
      }
    })
  })

  it.each([
    [['--nodes', '18'], '"18" is not known; allowed are 20, 22, 24, all.'],
    [['--servers', 'redis-6.2'], '"redis-6.2" is not known; allowed are redis-7.0, redis-8.0, valkey-8.1, all.'],
    [['--test', 'zones'], "unknown option '--test'"],
    [['zones'], 'too many arguments']
  ])('refuses %j', (argv, message) => {
    const { said, parsed } = parse(...argv)
    expect(parsed).toEqual({ ok: false, exitCode: 2 })
    expect(said).toContain(message)
    expect(said).toContain('npm run test:matrix -- --nodes 20')
  })

  it('tells its options when asked for help', () => {
    const { said, parsed } = parse('--help')
    expect(parsed).toEqual({ ok: false, exitCode: 0 })
    for (const flag of ['--nodes', '--servers', '--tests', '--serial', '--json', 'Exit code'])
      expect(said).toContain(flag)
  })
})
