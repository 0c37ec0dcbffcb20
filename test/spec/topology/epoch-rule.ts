import type { SpecCase } from './spec-case.js'
import { allSay, movedToB, saysB, stable } from './spec-case.js'

const A = { primary: 'A', epoch: 1 } as const
const B = { primary: 'B', epoch: 2 } as const

export const epochRule: readonly SpecCase[] = [
  {
    description: 'a late answer by a lower epoch is ignored',
    steps: [
      stable,
      movedToB,
      {
        why: 's3 is behind',
        seen: [{ sentinel: 's3', says: A }],
        outcome: { ...B, phase: 'stable' }
      },
      {
        why: 'even with a second one, and A saying that it is the primary',
        seen: [
          { sentinel: 's2', says: A },
          { node: 'A', role: 'primary' }
        ],
        outcome: { ...B, phase: 'stable' }
      }
    ]
  },
  {
    description: 'the old primary that returns and says that it is the primary is never followed',
    steps: [
      stable,
      movedToB,
      {
        why: 'it is back, and takes writes until a sentinel turns it into a replica',
        seen: [
          { sentinel: 's1', publishes: '-sdown', message: 'slave {A} @ mymaster {B}' },
          {
            sentinel: 's1',
            publishes: '-role-change',
            message: 'slave {A} @ mymaster {B} new reported role is master'
          },
          { node: 'A', role: 'primary' },
          { after: 8_000, node: 'A', role: 'primary' }
        ],
        outcome: { ...B, phase: 'stable', unchanged: true }
      },
      {
        why: 'it is a replica now',
        seen: [
          { sentinel: 's1', publishes: '+convert-to-slave', message: 'slave {A} @ mymaster {B}' },
          { node: 'A', role: 'replica' },
          ...allSay({ ...saysB, replicas: ['A', 'C'] })
        ],
        outcome: { ...B, phase: 'stable', replicas: { A: 'up', C: 'up' } }
      }
    ]
  },
  {
    description: 'the old primary is not followed while the new one is down either',
    steps: [
      stable,
      movedToB,
      {
        why: 'B dies, A says that it is the primary',
        seen: [
          { node: 'B', error: 'link-lost' },
          { sentinel: 's1', publishes: '+odown', message: 'master mymaster {B} #quorum 2/2' },
          { node: 'A', role: 'primary' }
        ],
        outcome: { ...B, phase: 'suspect', by: 'odown' }
      }
    ]
  },
  {
    description: 'a role alone makes no primary',
    steps: [
      stable,
      {
        why: 'B and D say that they are one; nobody named them',
        seen: [
          { node: 'B', role: 'primary' },
          { node: 'D', role: 'primary' }
        ],
        outcome: { ...A, phase: 'stable', unchanged: true }
      }
    ]
  },
  {
    description: 'a higher epoch is not followed before the node has said that it is the primary',
    steps: [
      stable,
      {
        why: 'all three name B, which is a replica still',
        seen: [...allSay({ ...saysB, replicas: ['C'] }), { node: 'B', role: 'replica' }],
        outcome: { ...A, phase: 'verifying', candidate: 'B' }
      },
      {
        why: 'now it is the primary',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { ...B, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a higher epoch of one sentinel is verified',
    steps: [
      stable,
      {
        why: 's2 is the first to know',
        seen: [{ sentinel: 's2', says: saysB }],
        outcome: { ...A, phase: 'verifying', candidate: 'B' }
      },
      {
        why: 'B says so',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { ...B, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a higher epoch for the primary that is held only raises the fence',
    steps: [
      stable,
      {
        why: 's1 holds A by epoch 4',
        seen: [{ sentinel: 's1', says: { primary: 'A', epoch: 4 } }],
        outcome: { primary: 'A', epoch: 4, phase: 'stable' }
      },
      {
        why: 'epoch 3 is too low now',
        seen: [
          { sentinel: 's2', says: { primary: 'B', epoch: 3 } },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: 'A', epoch: 4, phase: 'stable' }
      }
    ]
  },
  {
    description: 'an equal epoch with another address needs a majority',
    steps: [
      stable,
      {
        why: 'one of three names D by epoch 1, and D says that it is the primary',
        seen: [
          { sentinel: 's1', says: { primary: 'D', epoch: 1 } },
          { node: 'D', role: 'primary' }
        ],
        outcome: { ...A, phase: 'stable' }
      },
      {
        why: 'two of three',
        seen: [{ sentinel: 's2', says: { primary: 'D', epoch: 1 } }],
        outcome: { ...A, phase: 'verifying', candidate: 'D' }
      },
      {
        why: 'and D says so',
        seen: [{ node: 'D', role: 'primary' }],
        outcome: { primary: 'D', epoch: 1, phase: 'stable' }
      }
    ]
  },
  {
    description: 'an equal epoch: the only reachable sentinel is no majority, whatever it counts',
    steps: [
      stable,
      {
        why: 's1 was made anew, knows of no other, and names D',
        seen: [
          { sentinel: 's2', lost: 'no answer' },
          { sentinel: 's3', lost: 'no answer' },
          { sentinel: 's1', says: { primary: 'D', epoch: 1, others: 0, id: 'id-new' } },
          { node: 'D', role: 'primary' }
        ],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a claim that is taken back before it was verified leaves nothing behind',
    steps: [
      stable,
      {
        why: 's2 names B by epoch 2, is restarted with an old configuration, and names A by epoch 1',
        seen: [
          { sentinel: 's2', says: saysB },
          { sentinel: 's2', says: A },
          { node: 'B', role: 'primary' }
        ],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  }
]
