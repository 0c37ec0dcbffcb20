import { describe, expect, it } from 'vitest'
import { COMPARED, WORKLOAD_NAMES } from '../../../bench/throughput/catalogue.js'
import { commandOf, DOCUMENTED, parseOptions } from '../../../bench/throughput/options.js'

function parse(...argv: string[]): ReturnType<typeof parseOptions> & { readonly said: string } {
  let said = ''
  const parsed = parseOptions(argv, (text) => (said += text))
  return { ...parsed, said }
}

describe('the flags of bench:throughput', () => {
  it('have the defaults of a whole benchmark', () => {
    expect(parse()).toMatchObject({
      ok: true,
      options: { rounds: 2, ms: 1000, clients: COMPARED, workloads: WORKLOAD_NAMES, render: undefined }
    })
  })

  it('render the documented results when no file is named', () => {
    expect(parse('--render')).toMatchObject({ options: { render: DOCUMENTED } })
  })

  it.each([
    [['--workloads', 'sett'], /"sett" is not known; allowed are set, get, .*, all/],
    [['--clients', 'jedis'], /"jedis" is not known; allowed are ours, ioredis, .*, all/],
    [['--rounds', '0'], /whole number from 1 to 1000/],
    [['--ms', '1.5'], /whole number from 400 to 600000/],
    [['set'], /too many arguments/]
  ])('%j is refused with what is allowed', (argv, words) => {
    const parsed = parse(...argv)
    expect(parsed).toMatchObject({ ok: false, exitCode: 2 })
    expect(parsed.said).toMatch(words)
  })

  it('are told again as they were typed, without what is the default', () => {
    const told = (...argv: string[]): string => {
      const parsed = parse(...argv)
      return parsed.ok ? commandOf(parsed.options) : ''
    }
    expect(told()).toBe('npm run bench:throughput')
    expect(told('--rounds', '7', '--ms', '1000', '--workloads', 'get')).toBe(
      'npm run bench:throughput -- --rounds 7 --workloads get'
    )
  })
})
