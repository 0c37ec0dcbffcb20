import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { frameOf } from '../../../src/cli/watch/frame.js'
import { lagBar, treeOf } from '../../../src/cli/watch/tree.js'
import type { StatusFacts } from '../../../src/cli/status/facts.js'
import { factsWith, replica, sentinel, withoutPrimary } from './status-topology.js'

const draw = ({ topology, replication }: StatusFacts): string[] =>
  frameOf(treeOf(topology, replication, pc.createColors(false)), [], { columns: 132, rows: 50 }).split('\n')

describe('the tree of watch', () => {
  it('shows the primary with its replicas and their lag, and what the sentinels say', () => {
    expect(draw(factsWith())).toEqual([
      'mymaster  stable  epoch 4  quorum 2',
      'primary  10.0.0.1:6379',
      '├─ replica  10.0.0.2:6379  ░░░░░░░░░░░░░░░░░░░░ 0 B behind',
      '└─ replica  10.0.0.3:6379  ███████████░░░░░░░░░ 1,500 B behind',
      'sentinel 10.0.1.1:26379  epoch 4, 2 others',
      'sentinel 10.0.1.2:26379  epoch 4, 2 others',
      'sentinel 10.0.1.3:26379  epoch 4, 2 others'
    ])
  })

  it('shows what is wrong where it is', () => {
    const elsewhere = { host: '10.0.0.2', port: 6379 }
    const lines = draw(
      factsWith({
        phase: { kind: 'failover', since: 1, epoch: 5, candidate: { address: elsewhere, leader: '10.0.1.2:26379' } },
        replicas: [
          replica('10.0.0.2', { linkUp: false, linkDownMs: 61_400 }),
          replica('10.0.0.3', { down: true, flags: ['s_down', 'slave'] })
        ],
        sentinels: [
          sentinel('10.0.1.1', { reachable: false, error: 'ECONNREFUSED' }),
          sentinel('10.0.1.2', { tilt: true, primary: elsewhere, configEpoch: 5 }),
          sentinel('10.0.1.3', { unknownName: true })
        ]
      })
    )
    expect(lines).toEqual([
      'mymaster  failover to 10.0.0.2:6379  epoch 4  quorum 2',
      'primary  10.0.0.1:6379',
      '├─ replica  10.0.0.2:6379  link down for 61.4 s',
      '└─ replica  10.0.0.3:6379  down (s_down)',
      'sentinel 10.0.1.1:26379  does not answer: ECONNREFUSED',
      'sentinel 10.0.1.2:26379  epoch 5, 2 others, TILT, names 10.0.0.2:6379',
      'sentinel 10.0.1.3:26379  does not know the group'
    ])
    expect(draw(withoutPrimary(factsWith()))[1]).toBe('no primary')
  })

  it('draws lag by doublings, from nothing to a megabyte and beyond', () => {
    const filled = (bytes: number): number => lagBar(bytes).replaceAll('░', '').length
    expect([0, 1, 1023, 2 ** 20, 2 ** 30].map(filled)).toEqual([0, 1, 10, 20, 20])
    expect(lagBar(5)).toHaveLength(20)
  })
})
