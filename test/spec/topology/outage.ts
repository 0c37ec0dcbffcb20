import type { SpecCase, Step } from './spec-case.js'
import { allLost, allSay, saysB, stable } from './spec-case.js'

const A = { primary: 'A', epoch: 1 } as const

const lost: Step = {
  why: 'all sentinels die; the last topology stays in use',
  seen: allLost(),
  outcome: { ...A, phase: 'stable', replicas: { B: 'up', C: 'up' }, reachable: [] }
}

export const outage: readonly SpecCase[] = [
  {
    description: 'all sentinels die and come back, and nothing happened meanwhile',
    steps: [
      stable,
      lost,
      {
        why: 'for ten minutes',
        seen: [...allLost(), { after: 600_000, tick: true }],
        outcome: { ...A, phase: 'stable', replicas: { B: 'up', C: 'up' }, unchanged: true }
      },
      {
        why: 'they are back',
        seen: allSay(A),
        outcome: { ...A, phase: 'stable', replicas: { B: 'up', C: 'up' }, reachable: ['s1', 's2', 's3'] }
      }
    ]
  },
  {
    description: 'all sentinels are out of reach while they fail over',
    steps: [
      stable,
      lost,
      {
        why: 'the primary is gone too',
        seen: [{ node: 'A', error: 'link-lost' }],
        outcome: { ...A, phase: 'suspect', by: 'link-lost' }
      },
      {
        why: 'the first that is back names B by epoch 2',
        seen: [{ sentinel: 's2', says: saysB }],
        outcome: { ...A, phase: 'verifying', candidate: 'B' }
      },
      {
        why: 'B says so',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', replicas: { A: 'down', C: 'up' } }
      }
    ]
  },
  {
    description: 'the group is removed from all sentinels: the last topology stays in use',
    steps: [
      stable,
      {
        why: 'they know no such group any more',
        seen: ['s1', 's2', 's3'].map((sentinel) => ({ sentinel, knowsNoSuchGroup: true as const })),
        outcome: { ...A, phase: 'stable', replicas: { B: 'up', C: 'up' }, unknownName: ['s1', 's2', 's3'] }
      }
    ]
  },
  {
    description: 'sentinels are replaced one by one by others that know the epoch',
    steps: [
      stable,
      {
        why: 'three new ones at other addresses, the old ones removed',
        seen: ['n1', 'n2', 'n3'].flatMap((sentinel, index) => [
          { sentinel, added: true as const },
          { sentinel, says: A },
          { sentinel: `s${index + 1}`, lost: 'connect ECONNREFUSED' },
          { sentinel: `s${index + 1}`, removed: true as const }
        ]),
        outcome: { ...A, phase: 'stable', reachable: ['n1', 'n2', 'n3'] }
      },
      {
        why: 'they fail over',
        seen: [
          { sentinel: 'n1', says: saysB },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  }
]
