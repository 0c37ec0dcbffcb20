import { describe, expect, it } from 'vitest'
import { assess } from '../../../src/cli/status/assess.js'
import type { StatusFacts } from '../../../src/cli/status/facts.js'
import { factsWith, replica, sentinel, withoutPrimary } from './status-topology.js'

const others = [sentinel('10.0.1.2'), sentinel('10.0.1.3')]
const withSentinel = (over: Parameters<typeof sentinel>[1]): StatusFacts =>
  factsWith({ sentinels: [sentinel('10.0.1.1', over), ...others] })
const withReplica = (over: Parameters<typeof replica>[1]): StatusFacts =>
  factsWith({ replicas: [replica('10.0.0.2', over), replica('10.0.0.3')] })
const noPrimary = withoutPrimary(factsWith({ phase: { kind: 'unknown' } }))

describe('assess', () => {
  it('finds a group healthy in which all is well', () => {
    expect(assess(factsWith())).toEqual({ health: 'healthy', problems: [] })
  })

  it.each<[string, StatusFacts, RegExp]>([
    ['no primary', noPrimary, /^there is no primary$/],
    ['no connection', factsWith({}, { connectError: 'ECONNREFUSED' }), /^ECONNREFUSED$/],
    [
      'a wrong password, and nothing that follows from it',
      withoutPrimary(
        factsWith(
          { phase: { kind: 'verifying', since: 1, candidate: { host: 'a', port: 6 }, epoch: 5 } },
          { connectError: 'the node a:6 answers "WRONGPASS". Check the options "username" and "password"' }
        )
      ),
      /^the node a:6 answers "WRONGPASS".* \(for the nodes give --password, [^;]*\)$/
    ],
    [
      'a name that no sentinel knows, once',
      withoutPrimary(
        factsWith(
          { sentinels: [sentinel('10.0.1.1', { unknownName: true })] },
          { connectError: 'know no group "x"; they know: y' }
        )
      ),
      /^know no group "x"; they know: y$/
    ],
    ['a suspect', factsWith({ phase: { kind: 'suspect', since: 1, by: 'odown' } }), /suspected to be down \(odown\)/],
    ['a failover', factsWith({ phase: { kind: 'failover', since: 1 } }), /^a failover is under way$/],
    [
      'a candidate',
      factsWith({ phase: { kind: 'verifying', since: 1, candidate: { host: '::1', port: 6 }, epoch: 5 } }),
      /^\[::1\]:6 was named as the new primary/
    ],
    ['no replica', factsWith({ replicas: [] }), /^there is no replica/],
    ['a replica down', withReplica({ down: true, flags: ['slave', 's_down'] }), /10\.0\.0\.2:6379 is down \(s_down\)/],
    ['a link down', withReplica({ linkUp: false, linkDownMs: 1200 }), /lost its link to the primary, 1200 ms ago/],
    [
      'nothing to promote',
      factsWith({ replicas: [replica('10.0.0.2', { priority: 0 })] }),
      /^no replica may be promoted: all have replica-priority 0$/
    ],
    [
      'a silent sentinel',
      withSentinel({ reachable: false, error: 'ECONNREFUSED' }),
      /10\.0\.1\.1:26379 is not reachable: ECONN/
    ],
    ['TILT', withSentinel({ tilt: true }), /^sentinel 10\.0\.1\.1:26379 is in TILT/],
    ['an unknown name', withSentinel({ unknownName: true }), /10\.0\.1\.1:26379 does not know the group/],
    ['ghost sentinels', withSentinel({ others: 5 }), /knows 5 other sentinels, 2 are seen from here/],
    [
      'two primaries named',
      withSentinel({ primary: { host: '10.0.0.2', port: 6379 } }),
      /^the sentinels name different primaries: 10\.0\.0\.2:6379 by 10\.0\.1\.1:26379; 10\.0\.0\.1:6379 by 10\.0\.1\.2:26379, 10\.0\.1\.3:26379$/
    ],
    ['two epochs held', withSentinel({ configEpoch: 9 }), /^the sentinels hold different config epochs: 9 by .*; 4 by/],
    [
      'no quorum',
      factsWith({}, { quorumChecks: { '10.0.1.1:26379': { ok: false, text: 'NOQUORUM 1 usable Sentinels.' } } }),
      /^sentinel 10\.0\.1\.1:26379: NOQUORUM/
    ]
  ])('says what is wrong: %s', (_, facts, problem) => {
    const { health, problems } = assess(facts)
    expect(health).toBe('degraded')
    expect(problems).toEqual([expect.stringMatching(problem)])
  })

  it('tells a group whose sentinels are all silent from a degraded one', () => {
    const silent = { reachable: false, error: 'ECONNREFUSED' }
    const { health, problems } = assess(factsWith({ sentinels: [sentinel('a', silent), sentinel('b', silent)] }))
    expect(health).toBe('unreachable')
    expect(problems).toEqual(['no sentinel can be asked', 'a:26379, b:26379: ECONNREFUSED'])
  })

  it('says which password it was that the sentinels refused', () => {
    const error = (key: string): string =>
      `the sentinel ${key} answers "NOAUTH". Give the options "sentinelUsername" and "sentinelPassword".`
    const sentinels = ['a', 'b'].map((host) => sentinel(host, { reachable: false, error: error(`${host}:26379`) }))
    const { problems } = assess(factsWith({ sentinels }))
    expect(problems.at(-1)).toMatch(
      /^a:26379, b:26379: answers "NOAUTH".*\. \(for the sentinels give --sentinel-password, [^;]*\)$/
    )
  })

  it('does not ask for a quorum at a sentinel that is silent or does not know the name', () => {
    const facts = factsWith(
      { sentinels: [sentinel('10.0.1.1', { reachable: false }), ...others] },
      { quorumChecks: { '10.0.1.1:26379': { ok: false, text: 'ECONNREFUSED' } } }
    )
    expect(assess(facts).problems).toHaveLength(1)
  })
})
