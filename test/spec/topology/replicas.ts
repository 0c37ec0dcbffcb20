import type { Says, SpecCase } from './spec-case.js'
import { allSay, movedToB, stable } from './spec-case.js'

const A = { primary: 'A', epoch: 1 } as const
const down = (node: 'B' | 'C', flags: readonly string[]): NonNullable<Says['replicas']>[number] => ({ node, flags })

export const replicas: readonly SpecCase[] = [
  {
    description: 'a replica is added as soon as one sentinel lists it, and gone when none does',
    steps: [
      stable,
      {
        why: 's2 has found D',
        seen: [{ sentinel: 's2', says: { ...A, replicas: ['B', 'C', 'D'] } }],
        outcome: { ...A, phase: 'stable', replicas: { B: 'up', C: 'up', D: 'up' } }
      },
      {
        why: 'SENTINEL RESET at two of three: C is gone there',
        seen: [
          { sentinel: 's1', says: { ...A, replicas: ['B', 'D'] } },
          { sentinel: 's2', says: { ...A, replicas: ['B', 'D'] } }
        ],
        outcome: { ...A, phase: 'stable', replicas: { B: 'up', C: 'up', D: 'up' } }
      },
      {
        why: 'and at the third',
        seen: [{ sentinel: 's3', says: { ...A, replicas: ['B', 'D'] } }],
        outcome: { ...A, phase: 'stable', replicas: { B: 'up', D: 'up' } }
      },
      {
        why: 'and the last ones',
        seen: allSay({ ...A, replicas: [] }),
        outcome: { ...A, phase: 'stable', replicas: {} }
      }
    ]
  },
  {
    description: 'a replica is down when most of those say so who list it',
    steps: [
      stable,
      {
        why: 'one of three misses B, another is not connected to C',
        seen: [
          { sentinel: 's1', says: { ...A, replicas: [down('B', ['s_down', 'slave']), 'C'] } },
          { sentinel: 's2', says: { ...A, replicas: ['B', down('C', ['slave', 'disconnected'])] } }
        ],
        outcome: { ...A, phase: 'stable', replicas: { B: 'up', C: 'up' } }
      },
      {
        why: 'two of three miss B',
        seen: [{ sentinel: 's3', says: { ...A, replicas: [down('B', ['s_down', 'slave']), 'C'] } }],
        outcome: { ...A, phase: 'stable', replicas: { B: 'down', C: 'up' } }
      },
      {
        why: 'those who are out of reach have no vote',
        seen: [{ sentinel: 's3', lost: 'no answer' }],
        outcome: { ...A, phase: 'stable', replicas: { B: 'up', C: 'up' } }
      }
    ]
  },
  {
    description: 'a replica whose link to the primary is down at all sentinels',
    steps: [
      stable,
      {
        why: 'one of them has older news',
        seen: [
          { sentinel: 's1', says: { ...A, replicas: [{ node: 'B', flags: ['slave'], linkUp: false }, 'C'] } },
          { sentinel: 's2', says: { ...A, replicas: [{ node: 'B', flags: ['slave'], linkUp: false }, 'C'] } }
        ],
        outcome: { ...A, phase: 'stable', replicas: { B: 'up', C: 'up' } }
      },
      {
        why: 'all say so',
        seen: [{ sentinel: 's3', says: { ...A, replicas: [{ node: 'B', flags: ['slave'], linkUp: false }, 'C'] } }],
        outcome: { ...A, phase: 'stable', replicas: { B: 'link down', C: 'up' } }
      }
    ]
  },
  {
    description: 'only sentinels that name the primary are asked for its replicas',
    steps: [
      stable,
      movedToB,
      {
        why: 's3 is behind and lists D as a replica of A',
        seen: [{ sentinel: 's3', says: { ...A, replicas: ['B', 'D'] } }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', replicas: { A: 'down', C: 'up' } }
      }
    ]
  },
  {
    description: 'the old primary becomes a replica',
    steps: [
      stable,
      movedToB,
      {
        why: 'it is back',
        seen: [{ node: 'A', role: 'replica' }, ...allSay({ primary: 'B', epoch: 2, replicas: ['A', 'C'] })],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', replicas: { A: 'up', C: 'up' } }
      }
    ]
  },
  {
    description: 'sentinels with different settings do not take turns',
    steps: [
      stable,
      {
        why: 's2 has a down-after of its own',
        seen: [
          { sentinel: 's2', says: { ...A, settings: { quorum: 2, downAfterMs: 9_000, failoverTimeoutMs: 10_000 } } },
          { sentinel: 's1', says: A },
          { sentinel: 's2', says: { ...A, settings: { quorum: 2, downAfterMs: 9_000, failoverTimeoutMs: 10_000 } } }
        ],
        outcome: {
          ...A,
          phase: 'stable',
          settings: { quorum: 2, downAfterMs: 1_000, failoverTimeoutMs: 10_000 },
          unchanged: true
        }
      },
      {
        why: 'SENTINEL SET at the first',
        seen: [
          { sentinel: 's1', says: { ...A, settings: { quorum: 1, downAfterMs: 500, failoverTimeoutMs: 10_000 } } }
        ],
        outcome: {
          ...A,
          phase: 'stable',
          settings: { quorum: 1, downAfterMs: 500, failoverTimeoutMs: 10_000 }
        }
      }
    ]
  }
]
