import { describe, expect, it } from 'vitest'
import { groupView } from '../../../../src/cli/dashboard/group-view.js'
import type { GroupView } from '../../../../src/cli/dashboard/messages.js'
import { NO_NUMBERS } from '../../../../src/cli/dashboard/node-info.js'
import type { StatusFacts } from '../../../../src/cli/status/facts.js'
import { factsWith, replica, sentinel, withoutPrimary } from '../status-topology.js'

const elsewhere = { host: '10.0.0.2', port: 6379 }

const view = ({ topology, replication }: StatusFacts, silent: readonly string[] = [], error = 'timed out'): GroupView =>
  groupView(topology, (address) => (silent.includes(address) ? { ...NO_NUMBERS, error } : NO_NUMBERS), replication)

const brief = ({ nodes }: GroupView) =>
  nodes.map(({ address, role, state, note }) => `${address} ${role} ${state} ${note}`.trimEnd())

describe('groupView', () => {
  it('is the group with the lag of each replica', () => {
    const shown = view(factsWith())
    expect(shown).toMatchObject({ name: 'mymaster', phase: 'stable', epoch: 4, quorum: 2, downAfterMs: 1000 })
    expect(brief(shown)).toEqual(['10.0.0.1:6379 primary up', '10.0.0.2:6379 replica up', '10.0.0.3:6379 replica up'])
    expect(shown.nodes.map(({ lagBytes }) => lagBytes)).toEqual([null, 0, 1500])
    expect(shown.sentinels.map(({ note, epoch, leads }) => [note, epoch, leads])).toEqual(
      Array.from({ length: 3 }, () => ['', 4, false])
    )
  })

  it('tells a primary that is suspected from one that is silent too', () => {
    const suspected = factsWith({ phase: { kind: 'suspect', since: 1, by: 'odown' } })
    expect(brief(view(suspected))[0]).toBe('10.0.0.1:6379 primary link-down suspected: odown')
    expect(brief(view(suspected, ['10.0.0.1:6379']))[0]).toBe('10.0.0.1:6379 primary down suspected: odown')
    const refuses = 'NOPERM this user has no permissions'
    expect(brief(view(suspected, ['10.0.0.1:6379'], refuses))[0]).toBe(
      '10.0.0.1:6379 primary link-down suspected: odown'
    )
  })

  it('shows who is chosen, and by whom', () => {
    const shown = view(
      factsWith({
        phase: { kind: 'failover', since: 1, epoch: 5, candidate: { address: elsewhere, leader: '10.0.1.2:26379' } }
      })
    )
    expect(shown.nodes.filter(({ candidate }) => candidate).map(({ address }) => address)).toEqual(['10.0.0.2:6379'])
    expect(shown.sentinels.filter(({ leads }) => leads).map(({ address }) => address)).toEqual(['10.0.1.2:26379'])
    expect(shown.phaseText).toBe('failover to 10.0.0.2:6379')
    const verifying = view(factsWith({ phase: { kind: 'verifying', since: 1, candidate: elsewhere, epoch: 5 } }))
    expect(verifying.nodes.map(({ candidate }) => candidate)).toEqual([false, true, false])
  })

  it('says what is wrong where it is', () => {
    const shown = view(
      factsWith({
        primary: { address: { host: '10.0.0.1', port: 6379 }, since: 1, confirmed: false },
        replicas: [
          replica('10.0.0.3', { down: true, flags: ['s_down', 'slave'] }),
          replica('10.0.0.2', { linkUp: false, linkDownMs: 61_400 })
        ],
        sentinels: [
          sentinel('10.0.1.1', { reachable: false, error: 'ECONNREFUSED' }),
          sentinel('10.0.1.2', { tilt: true, primary: elsewhere }),
          sentinel('10.0.1.3', {
            unknownName: true,
            judgement: { address: { host: '10.0.0.1', port: 6379 }, verdict: 'sdown', since: 1 }
          })
        ]
      })
    )
    expect(brief(shown)).toEqual([
      '10.0.0.1:6379 primary up not confirmed yet',
      '10.0.0.2:6379 replica link-down link down for 61.4 s',
      '10.0.0.3:6379 replica down s_down'
    ])
    expect(shown.nodes[2]?.lagBytes).toBeNull()
    expect(shown.sentinels.map(({ note }) => note)).toEqual([
      'ECONNREFUSED',
      'TILT, names 10.0.0.2:6379',
      'does not know the group, sees the primary sdown'
    ])
  })

  it('has no primary while none is known', () => {
    expect(brief(view(withoutPrimary(factsWith({ replicas: [] }))))).toEqual([])
  })
})
