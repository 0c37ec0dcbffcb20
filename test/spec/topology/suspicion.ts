import type { SpecCase, Step } from './spec-case.js'
import { stable } from './spec-case.js'

const A = { primary: 'A', epoch: 1 } as const

const odown: Step = {
  why: 'a quorum misses the primary',
  seen: [
    { sentinel: 's1', publishes: '+sdown', message: 'master mymaster {A}' },
    { sentinel: 's1', publishes: '+odown', message: 'master mymaster {A} #quorum 2/2' }
  ],
  outcome: { ...A, phase: 'suspect', by: 'odown' }
}

export const suspicion: readonly SpecCase[] = [
  {
    description: '-odown releases, as far as to sdown',
    steps: [
      stable,
      odown,
      {
        why: 'the quorum is lost, this sentinel goes on missing it',
        seen: [{ sentinel: 's1', publishes: '-odown', message: 'master mymaster {A}' }],
        outcome: { ...A, phase: 'suspect', by: 'sdown' }
      },
      {
        why: 'it is back',
        seen: [{ sentinel: 's1', publishes: '-sdown', message: 'master mymaster {A}' }],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a primary that is back is -sdown first and -odown right behind',
    steps: [
      stable,
      odown,
      {
        why: 'both at once',
        seen: [
          { sentinel: 's1', publishes: '-sdown', message: 'master mymaster {A}' },
          { sentinel: 's1', publishes: '-odown', message: 'master mymaster {A}' }
        ],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  },
  {
    description: 'the worst that any sentinel holds counts, until each has changed its mind',
    steps: [
      stable,
      odown,
      {
        why: 's2 holds it to be down, s1 no more',
        seen: [
          { sentinel: 's2', says: { ...A, flags: ['s_down', 'master'] } },
          { sentinel: 's1', says: A }
        ],
        outcome: { ...A, phase: 'suspect', by: 'sdown' }
      },
      {
        why: 's2 is lost, and with it what it held',
        seen: [{ sentinel: 's2', lost: 'no answer' }],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  },
  {
    description: 'what is held of a replica or a sentinel says nothing about the primary',
    steps: [
      stable,
      {
        why: 'B and a sentinel are down',
        seen: [
          { sentinel: 's1', publishes: '+sdown', message: 'slave {B} @ mymaster {A}' },
          { sentinel: 's1', publishes: '+sdown', message: 'sentinel 3f1c 10.0.1.3 26379 @ mymaster {A}' }
        ],
        outcome: { ...A, phase: 'stable', unchanged: true }
      }
    ]
  },
  {
    description: 'the primary restarts within down-after',
    steps: [
      stable,
      {
        why: 'the connection broke',
        seen: [{ node: 'A', error: 'link-lost' }],
        outcome: { ...A, phase: 'suspect', by: 'link-lost' }
      },
      {
        why: 'and again',
        seen: [{ node: 'A', error: 'link-lost' }],
        outcome: { ...A, phase: 'suspect', by: 'link-lost', unchanged: true }
      },
      {
        why: 'it is back and says that it is the primary',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a primary that says that it is a replica is doubted, and stays until an epoch names another',
    steps: [
      stable,
      {
        why: 'it answered READONLY',
        seen: [{ node: 'A', error: 'refused' }],
        outcome: { ...A, phase: 'suspect', by: 'refused' }
      },
      {
        why: 'it says so itself',
        seen: [{ node: 'A', role: 'replica' }],
        outcome: { ...A, phase: 'suspect', by: 'refused', unchanged: true }
      },
      {
        why: 'the sentinels know',
        seen: [
          { sentinel: 's2', says: { primary: 'B', epoch: 2, replicas: ['A', 'C'] } },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a sentinel that alone misses the primary for long is no sign of trouble, until others agree',
    steps: [
      stable,
      {
        why: 's3 misses it',
        seen: [{ sentinel: 's3', publishes: '+sdown', message: 'master mymaster {A}' }],
        outcome: { ...A, phase: 'suspect', by: 'sdown' }
      },
      {
        why: 'down-after and 5 s later nobody else does',
        seen: [{ after: 60_000, sentinel: 's3', says: { ...A, flags: ['s_down', 'master'] } }],
        outcome: { ...A, phase: 'stable' }
      },
      {
        why: 's1 does now',
        seen: [{ sentinel: 's1', publishes: '+sdown', message: 'master mymaster {A}' }],
        outcome: { ...A, phase: 'suspect', by: 'sdown' }
      }
    ]
  },
  {
    description: 'a sentinel that alone is left is not outvoted by those that nobody hears any more',
    steps: [
      stable,
      {
        why: 'the machine of the primary and of two sentinels is gone',
        seen: [
          { sentinel: 's1', lost: 'ETIMEDOUT' },
          { sentinel: 's2', lost: 'ETIMEDOUT' },
          { sentinel: 's3', publishes: '+sdown', message: 'master mymaster {A}' }
        ],
        outcome: { ...A, phase: 'suspect', by: 'sdown' }
      },
      {
        why: 'down-after and 5 s later the third sentinel still misses it',
        seen: [{ after: 60_000, sentinel: 's3', says: { ...A, flags: ['s_down', 'master'] } }],
        outcome: { ...A, phase: 'suspect', by: 'sdown' }
      }
    ]
  },
  {
    description: 'trouble with another node is no suspicion against the primary',
    steps: [
      stable,
      {
        why: 'B breaks, and refuses',
        seen: [
          { node: 'B', error: 'link-lost' },
          { node: 'B', error: 'refused' },
          { node: 'B', role: 'replica' }
        ],
        outcome: { ...A, phase: 'stable', unchanged: true }
      }
    ]
  }
]
