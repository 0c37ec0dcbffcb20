import type { SpecCase, Step } from './spec-case.js'
import { chosen, stable } from './spec-case.js'

const A = { primary: 'A', epoch: 1 } as const

const notFollowed: Step = {
  why: 'the replica that was chosen says later that it is the primary',
  seen: [{ node: 'B', role: 'primary' }],
  outcome: { ...A, phase: 'suspect', by: 'odown', unchanged: true }
}

const ABORTS = [
  '-failover-abort-not-elected',
  '-failover-abort-no-good-slave',
  '-failover-abort-slave-timeout',
  '-failover-abort-master-is-back'
]

export const aborts: readonly SpecCase[] = [
  ...ABORTS.map((abort): SpecCase => ({
    description: `${abort} ends it, and the replica that was chosen is not followed`,
    steps: [
      stable,
      chosen,
      {
        why: 'aborted; the primary is down still',
        seen: [{ sentinel: 's1', publishes: abort, message: 'master mymaster {A}' }],
        outcome: { ...A, phase: 'suspect', by: 'odown' }
      },
      notFollowed
    ]
  })),
  {
    description: 'a failover by hand that is aborted leaves no suspicion',
    steps: [
      stable,
      {
        why: 'no replica will do',
        seen: [
          { sentinel: 's1', publishes: '+new-epoch', message: '2' },
          { sentinel: 's1', publishes: '+try-failover', message: 'master mymaster {A}' },
          { sentinel: 's1', publishes: '+failover-state-select-slave', message: 'master mymaster {A}' },
          { sentinel: 's1', publishes: '-failover-abort-no-good-slave', message: 'master mymaster {A}' }
        ],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  },
  {
    description: 'an abort of another group ends nothing here',
    steps: [
      stable,
      chosen,
      {
        why: 'it is not about this one',
        seen: [{ sentinel: 's1', publishes: '-failover-abort-not-elected', message: 'master othergroup {A}' }],
        outcome: { ...chosen.outcome, unchanged: true }
      }
    ]
  },
  {
    description: 'the one who was not elected does not end the failover of the one who was',
    steps: [
      stable,
      {
        why: 's2 tries as well',
        seen: [
          { sentinel: 's2', publishes: '+new-epoch', message: '2' },
          { sentinel: 's2', publishes: '+try-failover', message: 'master mymaster {A}' }
        ],
        outcome: { ...A, phase: 'failover', failoverEpoch: 2 }
      },
      chosen,
      {
        why: 's2 gives up',
        seen: [{ sentinel: 's2', publishes: '-failover-abort-not-elected', message: 'master mymaster {A}' }],
        outcome: chosen.outcome
      }
    ]
  },
  {
    description: 'after an abort the next attempt has an epoch of its own',
    steps: [
      stable,
      chosen,
      {
        why: 'the second attempt is by epoch 3 and chooses C',
        seen: [
          { sentinel: 's1', publishes: '-failover-abort-slave-timeout', message: 'master mymaster {A}' },
          { after: 20_000, sentinel: 's1', publishes: '+new-epoch', message: '3' },
          { sentinel: 's1', publishes: '+try-failover', message: 'master mymaster {A}' },
          { sentinel: 's1', publishes: '+selected-slave', message: 'slave {C} @ mymaster {A}' }
        ],
        outcome: { ...A, phase: 'failover', failoverEpoch: 3, candidate: 'C', leader: 's1' }
      },
      {
        why: 'C is promoted',
        seen: [
          { sentinel: 's1', publishes: '+failover-state-wait-promotion', message: 'slave {C} @ mymaster {A}' },
          { node: 'C', role: 'primary' }
        ],
        outcome: { primary: 'C', epoch: 3, phase: 'stable', confirmed: false }
      }
    ]
  }
]
