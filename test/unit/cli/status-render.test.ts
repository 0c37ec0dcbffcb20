import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { assess } from '../../../src/cli/status/assess.js'
import type { StatusFacts } from '../../../src/cli/status/facts.js'
import { renderStatus, statusJson } from '../../../src/cli/status/render.js'
import { factsWith, replica, sentinel, withoutPrimary } from './status-topology.js'

const render = (facts: StatusFacts): string => renderStatus(facts, assess(facts), pc.createColors(false))
const cells = (text: string, start: string): string[] =>
  (text.split('\n').find((line) => line.trim().startsWith(start)) ?? '').trim().split(/ {2,}/)

const broken = factsWith({
  replicas: [
    replica('10.0.0.2', { linkUp: false, linkDownMs: 61_400 }),
    replica('10.0.0.3', { down: true, flags: ['s_down', 'slave'] })
  ],
  sentinels: [sentinel('10.0.1.1', { reachable: false, error: 'ECONNREFUSED' }), sentinel('10.0.1.2', { tilt: true })]
})

describe('renderStatus', () => {
  it('shows a healthy group in two tables and a last line', () => {
    const text = render(factsWith())
    expect(text.split('\n')[0]).toBe('mymaster  phase stable  config epoch 4  quorum 2')
    expect(cells(text, 'primary')).toEqual(['primary', '10.0.0.1:6379', '–', '–', '–', '–'])
    expect(text).toMatch(/replica +10\.0\.0\.3:6379 +up +1,500 B +– +100/)
    expect(cells(text, '10.0.1.2:26379')).toEqual([
      '10.0.1.2:26379',
      'yes',
      '10.0.0.1:6379',
      '4',
      '2',
      'no',
      'OK 3 usable Sentinels'
    ])
    expect(text.split('\n').at(-1)).toBe('healthy')
  })

  it('shows what is wrong where it is, and says all of it in the last line', () => {
    const text = render(broken)
    expect(text).toMatch(/replica +10\.0\.0\.2:6379 +down for 61\.4 s +0 B +– +100/)
    expect(text).toMatch(/replica +10\.0\.0\.3:6379 +– +1,500 B +s_down +100/)
    expect(cells(text, '10.0.1.1:26379')[1]).toBe('no: ECONNREFUSED')
    expect(cells(text, '10.0.1.2:26379')[5]).toBe('TILT')
    expect(text.split('\n').at(-1)).toMatch(/^degraded: replica .*; sentinel 10\.0\.1\.1.*; .*TILT/)
  })

  it('colours nothing but where colours are wanted', () => {
    expect(render(broken)).not.toContain('\u001b')
    expect(renderStatus(broken, assess(broken), pc.createColors(true))).toContain('\u001b[31mdegraded')
  })
})

describe('statusJson', () => {
  it('is plain data with null for what is not known', () => {
    const json = JSON.parse(JSON.stringify(statusJson(broken, assess(broken)))) as Record<string, unknown>
    expect(json).toMatchObject({
      name: 'mymaster',
      health: 'degraded',
      phase: 'stable',
      configEpoch: 4,
      primary: '10.0.0.1:6379',
      replicas: [
        { address: '10.0.0.2:6379', down: false, linkUp: false, linkDownMs: 61_400, lagBytes: 0 },
        { address: '10.0.0.3:6379', down: true, lagBytes: 1500, flags: ['s_down', 'slave'] }
      ],
      sentinels: [
        { address: '10.0.1.1:26379', reachable: false, error: 'ECONNREFUSED', knowsName: null, id: null },
        { address: '10.0.1.2:26379', reachable: true, tilt: true, knowsName: true, quorumCheck: { ok: true } }
      ]
    })
  })

  it('says null before any sentinel answered', () => {
    const facts = withoutPrimary(factsWith({ configEpoch: -1, sentinels: [] }))
    expect(statusJson(facts, assess(facts))).toMatchObject({ primary: null, configEpoch: null, health: 'unreachable' })
  })
})
