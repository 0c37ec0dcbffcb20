import type { SpecCase, Step } from './spec-case.js'
import { chosen, leaderSaysB, movedToB, promotedEarly, saysB, stable } from './spec-case.js'

const A = { primary: 'A', epoch: 1 } as const

const bornOut: Step = {
  why: 'B says that it is the primary, by the epoch that was published',
  seen: [{ node: 'B', role: 'primary' }],
  outcome: { primary: 'B', epoch: 2, phase: 'stable' }
}

export const failover: readonly SpecCase[] = [
  {
    description:
      'automatic, fast: followed when the chosen replica says that it is the primary, confirmed by the leader',
    steps: [
      stable,
      {
        why: 'one sentinel misses the primary',
        seen: [{ sentinel: 's1', publishes: '+sdown', message: 'master mymaster {A}' }],
        outcome: { ...A, phase: 'suspect', by: 'sdown' }
      },
      {
        why: 'a quorum does',
        seen: [{ sentinel: 's1', publishes: '+odown', message: 'master mymaster {A} #quorum 2/2' }],
        outcome: { ...A, phase: 'suspect', by: 'odown' }
      },
      {
        why: 's1 wants to lead, by epoch 2',
        seen: [
          { sentinel: 's1', publishes: '+new-epoch', message: '2' },
          { sentinel: 's1', publishes: '+try-failover', message: 'master mymaster {A}' },
          { sentinel: 's1', publishes: '+vote-for-leader', message: '3f1c 2' }
        ],
        outcome: { ...A, phase: 'failover', failoverEpoch: 2 }
      },
      {
        why: 'it is elected',
        seen: [
          { sentinel: 's2', publishes: '+new-epoch', message: '2' },
          { sentinel: 's2', publishes: '+vote-for-leader', message: '3f1c 2' },
          { sentinel: 's1', publishes: '+elected-leader', message: 'master mymaster {A}' },
          { sentinel: 's1', publishes: '+failover-state-select-slave', message: 'master mymaster {A}' }
        ],
        outcome: { ...A, phase: 'failover', failoverEpoch: 2 }
      },
      {
        why: 'it chooses B',
        seen: [
          { sentinel: 's1', publishes: '+selected-slave', message: 'slave {B} @ mymaster {A}' },
          { sentinel: 's1', publishes: '+failover-state-send-slaveof-noone', message: 'slave {B} @ mymaster {A}' }
        ],
        outcome: { ...A, phase: 'failover', failoverEpoch: 2, candidate: 'B', leader: 's1' }
      },
      {
        why: 'B is a replica still; C is not the one that was chosen',
        seen: [
          { node: 'B', role: 'replica' },
          { node: 'C', role: 'primary' }
        ],
        outcome: { ...A, phase: 'failover', failoverEpoch: 2, candidate: 'B', leader: 's1', unchanged: true }
      },
      {
        why: 'B is promoted',
        seen: [
          { sentinel: 's1', publishes: '+failover-state-wait-promotion', message: 'slave {B} @ mymaster {A}' },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', confirmed: false, replicas: { C: 'up' } }
      },
      {
        why: 'the others do not know it yet: their lower epoch says nothing',
        seen: [
          { sentinel: 's2', says: { ...A, flags: ['s_down', 'o_down', 'master', 'disconnected'] } },
          { sentinel: 's3', says: { ...A, flags: ['s_down', 'o_down', 'master', 'disconnected'] } }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', confirmed: false, unchanged: true }
      },
      {
        why: 'the leader sees it at its next INFO; its SENTINEL MASTER still shows A',
        seen: [
          {
            sentinel: 's1',
            publishes: '-role-change',
            message: 'slave {B} @ mymaster {A} new reported role is master'
          },
          { sentinel: 's1', publishes: '+promoted-slave', message: 'slave {B} @ mymaster {A}' },
          { sentinel: 's1', publishes: '+failover-state-reconf-slaves', message: 'master mymaster {A}' },
          { sentinel: 's1', says: leaderSaysB }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', replicas: { C: 'up' } }
      },
      {
        why: 'the followers switch a second before the leader; what a new primary is flagged with is no suspicion',
        seen: [
          { sentinel: 's2', publishes: '+config-update-from', message: 'sentinel 3f1c 10.0.1.1 26379 @ mymaster {A}' },
          { sentinel: 's2', publishes: '+switch-master', message: 'mymaster {A} {B}' },
          { sentinel: 's2', says: { ...saysB, flags: ['master', 'disconnected'] } },
          { sentinel: 's3', publishes: '+switch-master', message: 'mymaster {A} {B}' },
          { sentinel: 's3', says: saysB }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', replicas: { A: 'down', C: 'up' } }
      },
      {
        why: 'the leader ends the failover',
        seen: [
          { sentinel: 's1', publishes: '+failover-end', message: 'master mymaster {A}' },
          { after: 1_000, sentinel: 's1', publishes: '+switch-master', message: 'mymaster {A} {B}' },
          { sentinel: 's1', says: saysB },
          { after: 60_000, tick: true }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'automatic, fast: a follower that publishes the epoch first confirms it too',
    steps: [
      stable,
      chosen,
      promotedEarly,
      {
        why: 's2 has it from the leader',
        seen: [
          { sentinel: 's2', publishes: '+switch-master', message: 'mymaster {A} {B}' },
          { sentinel: 's2', says: saysB }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'automatic, fast: when the role is seen late, the published epoch is what it is taken with',
    steps: [
      stable,
      chosen,
      {
        why: 'the leader publishes epoch 2 for B',
        seen: [{ sentinel: 's1', says: leaderSaysB }],
        outcome: { ...A, phase: 'verifying', candidate: 'B' }
      },
      bornOut
    ]
  },
  {
    description: 'automatic, confirmed: the role is not enough, the epoch of one sentinel is',
    promotion: 'confirmed',
    steps: [
      stable,
      chosen,
      {
        why: 'B says that it is the primary, and nobody has published an epoch',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { ...chosen.outcome, unchanged: true }
      },
      {
        why: 'the leader publishes it',
        seen: [
          { sentinel: 's1', publishes: '+promoted-slave', message: 'slave {B} @ mymaster {A}' },
          { sentinel: 's1', says: leaderSaysB }
        ],
        outcome: { ...A, phase: 'verifying', candidate: 'B' }
      },
      bornOut
    ]
  },
  {
    description: 'automatic, strict: two sentinels must publish the epoch',
    promotion: 'strict',
    steps: [
      stable,
      chosen,
      {
        why: 'the leader alone does, and B says that it is the primary',
        seen: [
          { sentinel: 's1', says: leaderSaysB },
          { node: 'B', role: 'primary' }
        ],
        outcome: chosen.outcome
      },
      {
        why: 'a second one does',
        seen: [{ sentinel: 's2', says: saysB }],
        outcome: { ...A, phase: 'verifying', candidate: 'B' }
      },
      bornOut
    ]
  },
  {
    description: 'automatic, strict: one reachable sentinel of three is not two',
    promotion: 'strict',
    steps: [
      stable,
      {
        why: 's2 and s3 are lost, s1 names another',
        seen: [
          { sentinel: 's2', lost: 'no answer' },
          { sentinel: 's3', lost: 'no answer' },
          { sentinel: 's1', says: saysB },
          { node: 'B', role: 'primary' }
        ],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  },
  {
    description: 'no event was seen: the answers alone suffice',
    steps: [
      stable,
      {
        why: 'polling finds a failover under way',
        seen: [
          {
            sentinel: 's2',
            says: { ...A, flags: ['s_down', 'o_down', 'master', 'disconnected', 'failover_in_progress'] }
          }
        ],
        outcome: { ...A, phase: 'failover' }
      },
      {
        why: 'and its end',
        seen: [{ sentinel: 's2', says: saysB }],
        outcome: { ...A, phase: 'verifying', candidate: 'B' }
      },
      bornOut
    ]
  },
  {
    description: 'by hand: nobody is down, and the old primary goes on saying that it is one',
    steps: [
      stable,
      {
        why: 'SENTINEL FAILOVER at s3',
        seen: [
          { sentinel: 's3', publishes: '+new-epoch', message: '2' },
          { sentinel: 's3', publishes: '+try-failover', message: 'master mymaster {A}' },
          { sentinel: 's3', publishes: '+failover-state-select-slave', message: 'master mymaster {A}' },
          { sentinel: 's3', publishes: '+selected-slave', message: 'slave {C} @ mymaster {A}' },
          { node: 'A', role: 'primary' }
        ],
        outcome: { ...A, phase: 'failover', failoverEpoch: 2, candidate: 'C', leader: 's3' }
      },
      {
        why: 'C is promoted',
        seen: [
          { sentinel: 's3', publishes: '+failover-state-wait-promotion', message: 'slave {C} @ mymaster {A}' },
          { node: 'C', role: 'primary' },
          { node: 'A', role: 'primary' }
        ],
        outcome: { primary: 'C', epoch: 2, phase: 'stable', confirmed: false }
      },
      {
        why: 'all sentinels name it, A is a replica',
        seen: [
          { sentinel: 's3', says: { primary: 'C', judged: 'A', epoch: 2, flags: ['master', 'failover_in_progress'] } },
          { sentinel: 's1', says: { primary: 'C', epoch: 2, replicas: ['A', 'B'] } },
          { sentinel: 's2', says: { primary: 'C', epoch: 2, replicas: ['A', 'B'] } },
          { sentinel: 's3', publishes: '+failover-end', message: 'master mymaster {A}' },
          { sentinel: 's3', says: { primary: 'C', epoch: 2, replicas: ['A', 'B'] } }
        ],
        outcome: { primary: 'C', epoch: 2, phase: 'stable', replicas: { A: 'up', B: 'up' } }
      }
    ]
  },
  {
    description: 'an answer that was given before the event, and is read after it, undoes nothing',
    steps: [
      stable,
      chosen,
      {
        why: 'the answer shows no failover',
        seen: [{ sentinel: 's1', says: A }],
        outcome: chosen.outcome
      },
      promotedEarly
    ]
  },
  {
    description: 'two answers that show no failover end one whose end was not heard',
    steps: [
      stable,
      chosen,
      {
        why: 'the second was asked after the first was read',
        seen: [
          { sentinel: 's1', says: A },
          { sentinel: 's1', says: A }
        ],
        outcome: { ...A, phase: 'stable' }
      },
      {
        why: 'B is not followed any more',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { ...A, phase: 'stable', unchanged: true }
      }
    ]
  },
  {
    description: 'of two that led, the later one chose the candidate that counts',
    steps: [
      stable,
      chosen,
      {
        why: 's1 fell silent; s2 leads by epoch 3 and chooses C',
        seen: [
          { sentinel: 's2', publishes: '+new-epoch', message: '3' },
          { after: 500, sentinel: 's2', publishes: '+try-failover', message: 'master mymaster {A}' },
          { sentinel: 's2', publishes: '+selected-slave', message: 'slave {C} @ mymaster {A}' }
        ],
        outcome: { ...A, phase: 'failover', failoverEpoch: 3, candidate: 'C', leader: 's2' }
      },
      {
        why: 'C, a replica until now, is promoted',
        seen: [
          { node: 'C', role: 'replica' },
          { node: 'C', role: 'primary' }
        ],
        outcome: { primary: 'C', epoch: 3, phase: 'stable', confirmed: false }
      }
    ]
  },
  {
    description:
      'a chosen node that was a primary once, and was never told otherwise, is not followed before it is promoted',
    steps: [
      stable,
      movedToB,
      {
        why: 'B is failed over to A, which came back and still says that it is the primary: of its own old data',
        seen: [
          { sentinel: 's2', publishes: '+new-epoch', message: '3' },
          { sentinel: 's2', publishes: '+try-failover', message: 'master mymaster {B}' },
          { sentinel: 's2', publishes: '+selected-slave', message: 'slave {A} @ mymaster {B}' },
          { sentinel: 's2', publishes: '+failover-state-send-slaveof-noone', message: 'slave {A} @ mymaster {B}' },
          { node: 'A', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'failover', failoverEpoch: 3, candidate: 'A', leader: 's2' }
      },
      {
        why: 'the leader dies before it promotes anybody',
        seen: [
          { sentinel: 's2', lost: 'closed' },
          { node: 'A', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a late leader that still replaces the primary by an epoch which has passed is no leader',
    steps: [
      stable,
      {
        why: 's1 chooses B by epoch 2, and falls behind; A is made the primary again by epoch 3',
        seen: [
          ...chosen.seen,
          { sentinel: 's2', says: { primary: 'A', epoch: 3 } },
          { sentinel: 's3', says: { primary: 'A', epoch: 3 } },
          { node: 'A', role: 'primary' }
        ],
        outcome: { primary: 'A', epoch: 3, phase: 'suspect', by: 'odown' }
      },
      {
        why: 'B is promoted by the order that was late',
        seen: [
          { node: 'B', role: 'replica' },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: 'A', epoch: 3, phase: 'suspect', by: 'odown', unchanged: true }
      }
    ]
  },
  {
    description:
      'a leader whose epoch was not heard may be late: its candidate is followed when the epoch is published',
    steps: [
      stable,
      {
        why: 's1 was not heard when it began; B says that it is the primary',
        seen: [
          { sentinel: 's1', publishes: '+selected-slave', message: 'slave {B} @ mymaster {A}' },
          { sentinel: 's1', publishes: '+failover-state-wait-promotion', message: 'slave {B} @ mymaster {A}' },
          { node: 'B', role: 'primary' }
        ],
        outcome: { ...A, phase: 'failover', candidate: 'B', leader: 's1' }
      },
      {
        why: 'the leader publishes it',
        seen: [{ sentinel: 's1', says: leaderSaysB }],
        outcome: { ...A, phase: 'verifying', candidate: 'B' }
      },
      bornOut
    ]
  },
  {
    description:
      'a late leader that hears of a newer epoch for the old primary names its own candidate by it: that epoch is not its own',
    steps: [
      stable,
      chosen,
      promotedEarly,
      {
        why: 's1 publishes epoch 2 for B',
        seen: [{ sentinel: 's1', says: leaderSaysB }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      },
      {
        why: 'others make A the primary again by epoch 3; s1 hears of it and still re-points replicas to B',
        seen: [{ sentinel: 's1', says: { ...leaderSaysB, epoch: 3 } }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      },
      {
        why: 's2 names A by epoch 3, and A says so',
        seen: [
          { sentinel: 's2', says: { primary: 'A', epoch: 3 } },
          { node: 'A', role: 'primary' }
        ],
        outcome: { primary: 'A', epoch: 3, phase: 'suspect', by: 'odown' }
      }
    ]
  },
  {
    description: 'two failovers, there and back',
    steps: [
      stable,
      movedToB,
      {
        why: 'B is failed over to A',
        seen: [
          { sentinel: 's2', publishes: '+new-epoch', message: '3' },
          { sentinel: 's2', publishes: '+try-failover', message: 'master mymaster {B}' },
          { sentinel: 's2', publishes: '+selected-slave', message: 'slave {A} @ mymaster {B}' },
          { sentinel: 's2', publishes: '+failover-state-wait-promotion', message: 'slave {A} @ mymaster {B}' },
          { node: 'A', role: 'primary' }
        ],
        outcome: { primary: 'A', epoch: 3, phase: 'stable', confirmed: false }
      },
      {
        why: 'published',
        seen: [{ sentinel: 's2', says: { primary: 'A', judged: 'B', epoch: 3, flags: ['failover_in_progress'] } }],
        outcome: { primary: 'A', epoch: 3, phase: 'stable' }
      }
    ]
  }
]
