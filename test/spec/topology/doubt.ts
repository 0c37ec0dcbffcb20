import type { SpecCase, Step } from './spec-case.js'
import { chosen, leaderSaysB, promotedEarly, saysB, stable } from './spec-case.js'

const A = { primary: 'A', epoch: 1 } as const
const downA = { ...A, flags: ['s_down', 'o_down', 'master', 'disconnected'] } as const

const takenBack: Step = {
  why: 'after 5 s without a sentinel that confirms it',
  seen: [
    { after: 4_000, sentinel: 's2', says: downA },
    { after: 1_000, sentinel: 's3', says: downA }
  ],
  outcome: { primary: 'B', epoch: 2, phase: 'verifying', confirmed: false, candidate: 'A' }
}

/** The leader is killed after REPLICAOF NO ONE was sent, and before it has told anybody. */
const leaderDies: Step = {
  why: 'the leader is gone before it has seen the promotion',
  seen: [{ sentinel: 's1', lost: 'read ECONNRESET' }],
  outcome: { primary: 'B', epoch: 2, phase: 'stable', confirmed: false }
}

export const doubt: readonly SpecCase[] = [
  {
    description: 'a promotion that nobody confirms is taken back after 5 s, not before',
    steps: [
      stable,
      chosen,
      promotedEarly,
      {
        why: 'not yet',
        seen: [{ after: 4_900, sentinel: 's2', says: downA }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', confirmed: false }
      },
      {
        why: 'time passes',
        seen: [{ after: 150, tick: true }],
        outcome: { primary: 'B', epoch: 2, phase: 'verifying', confirmed: false, candidate: 'A' }
      },
      {
        why: 'A says that it is the primary',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { ...A, phase: 'failover', failoverEpoch: 2 }
      },
      {
        why: 'it is not followed early a second time, whatever B says',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { ...A, phase: 'failover', failoverEpoch: 2, unchanged: true }
      },
      {
        why: 'the epoch settles it',
        seen: [
          { sentinel: 's1', says: leaderSaysB },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a promotion that is confirmed in time is not taken back',
    steps: [
      stable,
      chosen,
      promotedEarly,
      {
        why: 'the leader publishes the epoch',
        seen: [
          { after: 1_100, sentinel: 's1', says: leaderSaysB },
          { after: 60_000, tick: true }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'confirmed after it was taken back and before another was verified',
    steps: [
      stable,
      chosen,
      promotedEarly,
      takenBack,
      {
        why: 'the leader had only been slow',
        seen: [{ sentinel: 's1', says: leaderSaysB }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'the leader dies between wait-promotion and promoted: the next leader decides',
    steps: [
      stable,
      chosen,
      promotedEarly,
      leaderDies,
      takenBack,
      {
        why: 's2 leads by epoch 3 and publishes C',
        seen: [
          { sentinel: 's2', publishes: '+new-epoch', message: '3' },
          { sentinel: 's2', publishes: '+try-failover', message: 'master mymaster {A}' },
          { sentinel: 's2', says: { primary: 'C', judged: 'A', epoch: 3, flags: ['failover_in_progress'] } }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'verifying', confirmed: false, candidate: 'C' }
      },
      {
        why: 'C says that it is the primary, and so does B',
        seen: [
          { node: 'B', role: 'primary' },
          { node: 'C', role: 'primary' }
        ],
        outcome: { primary: 'C', epoch: 3, phase: 'stable' }
      }
    ]
  },
  {
    description: 'the leader dies between wait-promotion and promoted: the next one chooses the same',
    steps: [
      stable,
      chosen,
      promotedEarly,
      leaderDies,
      {
        why: 's2 publishes B by epoch 3',
        seen: [{ after: 3_000, sentinel: 's2', says: { ...saysB, epoch: 3 } }],
        outcome: { primary: 'B', epoch: 3, phase: 'stable' }
      }
    ]
  },
  {
    description: 'the leader dies before the promotion is seen: the role is not followed without it',
    steps: [
      stable,
      chosen,
      {
        why: 's1 is lost, then B says that it is the primary',
        seen: [
          { sentinel: 's2', says: downA },
          { sentinel: 's1', lost: 'read ECONNRESET' },
          { node: 'B', role: 'primary' }
        ],
        outcome: { ...A, phase: 'suspect', by: 'odown' }
      },
      {
        why: 'what s1 had chosen is not remembered when it is back: events were missed',
        seen: [
          { sentinel: 's1', says: { ...downA, flags: [...downA.flags, 'failover_in_progress'] } },
          { node: 'B', role: 'primary' }
        ],
        outcome: { ...A, phase: 'failover' }
      }
    ]
  },
  {
    description: 'all sentinels are lost right after the promotion: it stays, there is nobody to name another',
    steps: [
      stable,
      chosen,
      promotedEarly,
      {
        why: 'nobody answers for 20 s',
        seen: [
          { sentinel: 's1', lost: 'no answer' },
          { sentinel: 's2', lost: 'no answer' },
          { sentinel: 's3', lost: 'no answer' },
          { after: 20_000, tick: true }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', confirmed: false }
      },
      {
        why: 'they are back and know of it',
        seen: [{ sentinel: 's2', says: saysB }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  }
]
