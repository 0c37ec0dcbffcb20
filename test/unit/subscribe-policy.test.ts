import { describe, expect, it, test } from 'vitest'
import type { FeedChoice } from '../../src/routing/subscribe-policy.js'
import { doubtfulFeedNodes, feedNodes, reasonToLeave } from '../../src/routing/subscribe-policy.js'
import type { Phase, Replica, Topology } from '../../src/topology/topology.js'
import { emptyTopology } from '../../src/topology/topology.js'

const address = (last: number) => ({ host: `10.0.0.${last}`, port: 6379 })

function replica(last: number, over: Partial<Replica> = {}): Replica {
  return {
    address: address(last),
    flags: [],
    down: false,
    linkUp: true,
    linkDownMs: 0,
    priority: 100,
    offset: 0,
    ...over
  }
}

const stable: Phase = { kind: 'stable' }
const failover: Phase = { kind: 'failover', since: 0, candidate: { address: address(2), leader: 's' } }

function topology(replicas: readonly Replica[], phase = stable): Topology {
  const primary = { address: address(1), since: 0, confirmed: true }
  return { ...emptyTopology('mymaster'), phase, primary, replicas }
}

/** The last numbers of the nodes' addresses. */
function chosen(over: Partial<FeedChoice>): string {
  const nodes = feedNodes({
    policy: 'replicaPreferred',
    topology: topology([replica(2), replica(3), replica(4)]),
    isNear: () => true,
    isAvoided: () => false,
    turn: 0,
    isNewPrimary: false,
    ...over
  })
  expect(nodes.map(({ role }) => role)).toEqual(
    nodes.map((node) => (node.address.host === '10.0.0.1' ? 'primary' : 'replica'))
  )
  return nodes.map(({ address: { host } }) => host.slice(-1)).join('')
}

describe('feedNodes', () => {
  it('are replicas, each first in its turn, and the primary last, or not at all', () => {
    expect([0, 1, 2, 3].map((turn) => chosen({ turn }))).toEqual(['2341', '3421', '4231', '2341'])
    expect(chosen({ policy: 'replica', turn: 1 })).toBe('342')
    expect(chosen({ topology: topology([]) })).toBe('1')
    expect(chosen({ policy: 'replica', topology: topology([]) })).toBe('')
    expect(chosen({ topology: emptyTopology('mymaster') })).toBe('')
  })

  it('are those of the own zone first, and those that were tried in vain last', () => {
    expect(chosen({ isNear: ({ host }) => host === '10.0.0.4' })).toBe('4231')
    expect(chosen({ isAvoided: ({ host }) => host === '10.0.0.2' })).toBe('3421')
    expect(chosen({ isNear: ({ host }) => host === '10.0.0.2', isAvoided: ({ host }) => host === '10.0.0.2' })).toBe(
      '3421'
    )
  })

  it('begin with a primary that is new', () => {
    expect(chosen({ isNewPrimary: true })).toBe('1234')
    expect(chosen({ isNewPrimary: true, policy: 'replica' })).toBe('234')
  })

  it('leave out a replica that is down, cut off from a living primary, or chosen to be the next', () => {
    const replicas = [replica(2), replica(3, { down: true }), replica(4, { linkUp: false })]
    expect(chosen({ topology: topology(replicas) })).toBe('21')
    expect(chosen({ topology: topology(replicas, failover) })).toBe('41')
  })
})

test('a replica that is said to be cut off is a last resort; one that is down, or chosen to be the next, is none', () => {
  const replicas = [replica(2, { linkUp: false }), replica(3, { down: true }), replica(4, { linkUp: false })]
  const resorts = (phase: Phase): string =>
    doubtfulFeedNodes({ topology: topology(replicas, phase) })
      .map(({ address: { host } }) => host.slice(-1))
      .join('')
  expect(resorts(stable)).toBe('24')
  expect(resorts(failover)).toBe('')
})

describe('reasonToLeave', () => {
  const at = (last: number, role: 'primary' | 'replica', where = topology([replica(2), replica(3, { down: true })])) =>
    reasonToLeave({ address: address(last), role }, where)

  it.each([
    ['a replica that is well', () => at(2, 'replica'), undefined],
    ['a replica that is down', () => at(3, 'replica'), 'deaf'],
    ['a node that nobody lists', () => at(9, 'replica'), 'deaf'],
    ['the same during a failover', () => at(9, 'replica', topology([], failover)), undefined],
    ['the primary', () => at(1, 'primary'), 'could-be-better'],
    ['a replica that has become the primary', () => at(1, 'replica'), 'could-be-better'],
    ['a primary that is none any more', () => at(2, 'primary'), 'gone'],
    ['the same during a failover', () => at(2, 'primary', topology([], failover)), 'gone']
  ])('%s', (_what, reason, expected) => {
    expect(reason()).toBe(expected)
  })
})
