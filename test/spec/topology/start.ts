import type { SpecCase } from './spec-case.js'
import { allAdded, allLost, allSay, stable } from './spec-case.js'

const A1 = { primary: 'A', epoch: 1 } as const
const B2 = { primary: 'B', epoch: 2, replicas: ['A', 'C'] } as const

export const start: readonly SpecCase[] = [
  {
    description: 'a majority decides at once, before the last has answered',
    steps: [
      {
        why: 'one of three has answered',
        seen: [...allAdded, { sentinel: 's1', says: A1 }],
        outcome: { primary: undefined, epoch: -1, phase: 'unknown', reachable: ['s1'] }
      },
      {
        why: 'two of three agree',
        seen: [{ sentinel: 's2', says: A1 }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'the node says so too',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 1, phase: 'stable', replicas: { B: 'up', C: 'up' }, reachable: ['s1', 's2'] }
      }
    ]
  },
  {
    description: 'an isolated stale sentinel that is listed and answers first is not believed',
    steps: [
      {
        why: 'it names the primary of long ago, which still says that it is one',
        seen: [...allAdded, { sentinel: 's1', says: A1 }, { node: 'A', role: 'primary' }],
        outcome: { primary: undefined, epoch: -1, phase: 'unknown' }
      },
      {
        why: 'one other is no majority',
        seen: [{ sentinel: 's2', says: B2 }],
        outcome: { primary: undefined, epoch: -1, phase: 'unknown' }
      },
      {
        why: 'two of three',
        seen: [{ sentinel: 's3', says: B2 }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'B' }
      },
      {
        why: 'A says that it is the primary, B does',
        seen: [
          { node: 'A', role: 'primary' },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', replicas: { A: 'up', C: 'up' } }
      }
    ]
  },
  {
    description: 'a sentinel that was just made, and knows of no other, is no majority by itself',
    steps: [
      {
        why: 'it answers first and counts itself alone',
        seen: [...allAdded, { sentinel: 's1', says: { primary: 'A', epoch: 0, others: 0 } }],
        outcome: { primary: undefined, epoch: -1, phase: 'unknown' }
      },
      {
        why: 'the other two agree',
        seen: [
          { sentinel: 's2', says: B2 },
          { sentinel: 's3', says: B2 }
        ],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'B' }
      }
    ]
  },
  {
    description: 'one reachable sentinel of three decides when the others have failed',
    steps: [
      {
        why: 'the second has failed, the third says nothing yet',
        seen: [...allAdded, { sentinel: 's1', says: A1 }, { sentinel: 's2', lost: 'no answer' }],
        outcome: { primary: undefined, epoch: -1, phase: 'unknown' }
      },
      {
        why: 'the third has failed',
        seen: [{ sentinel: 's3', lost: 'connect ECONNREFUSED' }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'A says so',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 1, phase: 'stable', reachable: ['s1'] }
      }
    ]
  },
  {
    description: 'a seed whose name gave way to its addresses is not waited for',
    steps: [
      {
        why: 'one address of the name has answered, the name itself never will',
        seen: [
          { sentinel: 'name', added: true },
          { sentinel: 's1', added: true },
          { sentinel: 's1', says: { ...A1, others: 3 } }
        ],
        outcome: { primary: undefined, epoch: -1, phase: 'unknown' }
      },
      {
        why: 'it is removed',
        seen: [{ sentinel: 'name', removed: true }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'A' }
      }
    ]
  },
  {
    description: 'without a majority the highest epoch decides when all have answered',
    steps: [
      {
        why: 'three sentinels, three primaries',
        seen: [
          ...allAdded,
          { sentinel: 's1', says: { primary: 'C', epoch: 3 } },
          { sentinel: 's2', says: A1 },
          { sentinel: 's3', says: B2 }
        ],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'C' }
      }
    ]
  },
  {
    description: 'no sentinel can be reached, until they come back',
    steps: [
      {
        why: 'all failed',
        seen: [...allAdded, ...allLost()],
        outcome: { primary: undefined, epoch: -1, phase: 'unknown', reachable: [] }
      },
      {
        why: 'a node that says that it is the primary is not enough',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: undefined, epoch: -1, phase: 'unknown', unchanged: true }
      },
      { ...stable, seen: [...allSay(A1), { node: 'A', role: 'primary' }] }
    ]
  },
  {
    description: 'the sentinels know no such group',
    steps: [
      {
        why: 'each says so',
        seen: [...allAdded, ...['s1', 's2', 's3'].map((sentinel) => ({ sentinel, knowsNoSuchGroup: true as const }))],
        outcome: { primary: undefined, epoch: -1, phase: 'unknown', unknownName: ['s1', 's2', 's3'] }
      },
      {
        why: 'it is created',
        seen: allSay({ primary: 'A', epoch: 0 }),
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'A', unknownName: [] }
      }
    ]
  },
  {
    description: 'a node that is named and says that it is a replica is not the primary',
    steps: [
      {
        why: 'the sentinels have not noticed yet',
        seen: [...allAdded, ...allSay(A1), { node: 'A', role: 'replica' }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'they have',
        seen: allSay(B2),
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'B' }
      },
      {
        why: 'a late word of A is not for this question',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'B', unchanged: true }
      }
    ]
  },
  {
    description: 'a start in the middle of a failover waits for the epoch of its end',
    steps: [
      {
        why: 'the leader has chosen B, the dead primary cannot be verified',
        seen: [
          ...allAdded,
          ...allSay({ ...A1, flags: ['s_down', 'o_down', 'master', 'disconnected'] }),
          { sentinel: 's1', publishes: '+selected-slave', message: 'slave {B} @ mymaster {A}' },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'the leader has published it; no majority has, and all have answered',
        seen: [{ sentinel: 's1', says: { ...B2, judged: 'A' } }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'B' }
      },
      {
        why: 'B says so',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  }
]
