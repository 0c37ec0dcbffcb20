import { describe, expect, it } from 'vitest'
import { CLIENT_NAMES, STANDARD_CLIENTS, TROUBLE_NAMES } from '../../../bench/failover/catalogue.js'
import { DOCUMENTED, parseOptions } from '../../../bench/failover/options.js'

function parse(...argv: string[]): ReturnType<typeof parseOptions> & { readonly said: string } {
  let said = ''
  const parsed = parseOptions(argv, (text) => (said += text))
  return { ...parsed, said }
}

describe('the flags of bench:failover', () => {
  it('have the defaults of a whole benchmark', () => {
    expect(parse()).toMatchObject({
      ok: true,
      options: {
        runs: 10,
        faults: TROUBLE_NAMES,
        clients: STANDARD_CLIENTS,
        patienceMs: 15_000,
        lanes: 1,
        resume: false,
        render: undefined
      }
    })
  })

  it('take lists in any order, and "all"', () => {
    const parsed = parse('--faults', 'manual,kill', '--clients', 'all')
    expect(parsed).toMatchObject({ options: { faults: ['kill', 'manual'], clients: CLIENT_NAMES } })
  })

  it('render the documented results when no file is named', () => {
    expect(parse('--render')).toMatchObject({ options: { render: DOCUMENTED } })
    expect(parse('--render', 'a.json')).toMatchObject({ options: { render: 'a.json' } })
  })

  it.each([
    [['--faults', 'kil'], /"kil" is not known; allowed are kill, freeze, .*coordinated, all/],
    [['--clients', 'ours,jedis'], /"jedis" is not known; allowed are ours, ioredis, .*, all/],
    [['--runs', '0'], /whole number from 1 to 1000/],
    [['--lanes', 'many'], /whole number from 1 to 32/],
    [['--patience', '10'], /whole number from 1000/],
    [['--round', '1'], /unknown option '--round'/],
    [['kill'], /too many arguments/]
  ] as const)('refuse %j with what is allowed', (argv, words) => {
    const { said, ...parsed } = parse(...argv)
    expect(parsed).toEqual({ ok: false, exitCode: 2 })
    expect(said).toMatch(words)
  })

  it('tell every fault and client when asked for help', () => {
    const { said, ...parsed } = parse('--help')
    expect(parsed).toEqual({ ok: false, exitCode: 0 })
    for (const name of [...TROUBLE_NAMES, ...CLIENT_NAMES]) expect(said).toContain(`  ${name} `)
  })
})
