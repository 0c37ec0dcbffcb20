import type { Says, SpecCase, Step } from './spec-case.js'
import { allAdded, allLost, allSay, chosen, saysB, SENTINELS, stable } from './spec-case.js'

const heldB: Step = {
  why: 'B was made the primary by epoch 5',
  seen: [...allSay({ primary: 'B', epoch: 5, replicas: ['A', 'C'] }), { node: 'B', role: 'primary' }],
  outcome: { primary: 'B', epoch: 5, phase: 'stable' }
}

const lost: Step = {
  why: 'all sentinels are gone',
  seen: allLost(),
  outcome: { primary: 'B', epoch: 5, phase: 'stable', reachable: [] }
}

const promotedByS1: Step = {
  why: 's1 has made B the primary by epoch 2, and B says so',
  seen: [
    { sentinel: 's1', says: saysB },
    { node: 'B', role: 'primary' }
  ],
  outcome: { primary: 'B', epoch: 2, phase: 'stable' }
}

const held = { primary: 'B', epoch: 5, phase: 'stable' } as const
const anew = (id: string, others: number, primary: Says['primary'] = 'A'): Says => ({ primary, epoch: 0, others, id })

const allPodsGone: Step = {
  why: 'all pods are gone',
  seen: [{ node: 'B', error: 'link-lost' }, ...allLost()],
  outcome: { primary: 'B', epoch: 5, phase: 'suspect', by: 'link-lost' }
}

export const fence: readonly SpecCase[] = [
  {
    description: 'all sentinels are made anew: their majority drops the fence',
    steps: [
      stable,
      heldB,
      lost,
      {
        why: 'one stranger is not enough, though it counts itself alone and A says that it is the primary',
        seen: [
          { sentinel: 's1', says: anew('new-1', 0) },
          { node: 'A', role: 'primary' }
        ],
        outcome: held
      },
      {
        why: 'two strangers of three are',
        seen: [{ sentinel: 's2', says: anew('new-2', 1) }],
        outcome: { primary: 'B', epoch: 5, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'and A says that it is the primary',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 0, phase: 'stable' }
      },
      {
        why: 'epochs count from there',
        seen: [{ sentinel: 's2', says: { primary: 'C', epoch: 1, id: 'new-2' } }],
        outcome: { primary: 'A', epoch: 0, phase: 'verifying', candidate: 'C' }
      }
    ]
  },
  {
    description: 'made anew, and naming the primary that is held: it is asked, and kept',
    steps: [
      stable,
      heldB,
      lost,
      {
        why: 'two strangers name B by epoch 0',
        seen: [
          { sentinel: 's1', says: anew('new-1', 2, 'B') },
          { sentinel: 's2', says: anew('new-2', 2, 'B') }
        ],
        outcome: { primary: 'B', epoch: 5, phase: 'verifying', candidate: 'B' }
      },
      {
        why: 'B says so',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { primary: 'B', epoch: 0, phase: 'stable' }
      }
    ]
  },
  {
    description: 'made anew at other addresses',
    steps: [
      stable,
      heldB,
      lost,
      {
        why: 'the new ones answer',
        seen: ['n1', 'n2', 'n3'].flatMap((sentinel) => [
          { sentinel, added: true as const },
          { sentinel, says: anew(`id-${sentinel}`, 2) }
        ]),
        outcome: { primary: 'B', epoch: 5, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'the old ones are forgotten, and A says that it is the primary',
        seen: [...SENTINELS.map((sentinel) => ({ sentinel, removed: true as const })), { node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 0, phase: 'stable', reachable: ['n1', 'n2', 'n3'] }
      }
    ]
  },
  {
    description: 'the node that is held is gone for good, and the same sentinels agree on another by a lower epoch',
    steps: [
      stable,
      heldB,
      allPodsGone,
      {
        why: 'they are back with an old configuration, and A says that it is the primary',
        seen: [...allSay({ primary: 'A', epoch: 1 }), { node: 'A', role: 'primary' }],
        outcome: { primary: 'B', epoch: 5, phase: 'suspect', by: 'link-lost' }
      },
      {
        why: 'a minute later B is still out of reach',
        seen: [{ after: 60_000, sentinel: 's1', says: { primary: 'A', epoch: 1 } }],
        outcome: { primary: 'B', epoch: 5, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'A says that it is the primary',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 1, phase: 'stable' }
      }
    ]
  },
  {
    description: 'the node that is held was given up, and is back before another one proves to be the primary',
    steps: [
      stable,
      heldB,
      allPodsGone,
      {
        why: 'they are back with an old configuration, and A is not there',
        seen: [
          ...allSay({ primary: 'A', epoch: 1 }),
          { after: 60_000, sentinel: 's1', says: { primary: 'A', epoch: 1 } }
        ],
        outcome: { primary: 'B', epoch: 5, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'B says that it is the primary',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { primary: 'B', epoch: 5, phase: 'stable' }
      }
    ]
  },
  {
    description: 'sentinels that had named the epoch held are no strangers',
    steps: [
      stable,
      heldB,
      lost,
      {
        why: 'the same ids with a lower epoch: restored from an old configuration',
        seen: [...allSay({ primary: 'A', epoch: 1 }), { node: 'A', role: 'primary' }],
        outcome: held
      },
      {
        why: 'one of three is new',
        seen: [{ sentinel: 's1', says: { primary: 'A', epoch: 1, id: 'new-1' } }],
        outcome: held
      },
      {
        why: 'two of three are',
        seen: [{ sentinel: 's2', says: { primary: 'A', epoch: 1, id: 'new-2' } }],
        outcome: { primary: 'B', epoch: 5, phase: 'verifying', candidate: 'A' }
      }
    ]
  },
  {
    description: 'SENTINEL REMOVE and MONITOR: sentinels that take back an epoch of their own have forgotten it',
    steps: [
      stable,
      heldB,
      {
        why: 'all are told to forget the group',
        seen: SENTINELS.map((sentinel) => ({ sentinel, knowsNoSuchGroup: true })),
        outcome: held
      },
      {
        why: 'one is told of it anew, with A, and nobody names another',
        seen: [{ sentinel: 's1', says: { primary: 'A', epoch: 0, others: 0 } }],
        outcome: { primary: 'B', epoch: 5, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'and A says that it is the primary',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 0, phase: 'stable' }
      },
      {
        why: 'the next failover has an epoch above all those before',
        seen: [{ sentinel: 's1', says: { primary: 'C', epoch: 6 } }],
        outcome: { primary: 'A', epoch: 0, phase: 'verifying', candidate: 'C' }
      }
    ]
  },
  {
    description: 'told of the group anew while another still names the epoch held: it will tell them of it',
    steps: [
      stable,
      heldB,
      {
        why: 'two of three have forgotten',
        seen: [
          { sentinel: 's1', says: { primary: 'A', epoch: 0 } },
          { sentinel: 's2', says: { primary: 'A', epoch: 0 } },
          { node: 'A', role: 'primary' }
        ],
        outcome: held
      },
      {
        why: 'and is lost: they are a majority',
        seen: [{ sentinel: 's3', lost: 'connect ECONNREFUSED' }],
        outcome: { primary: 'B', epoch: 5, phase: 'verifying', candidate: 'A' }
      }
    ]
  },
  {
    description: 'strangers who do not agree drop nothing',
    steps: [
      stable,
      heldB,
      lost,
      {
        why: 'three strangers, three claims',
        seen: [
          { sentinel: 's1', says: anew('new-1', 2, 'A') },
          { sentinel: 's2', says: anew('new-2', 2, 'C') },
          { sentinel: 's3', says: anew('new-3', 2, 'D') }
        ],
        outcome: held
      }
    ]
  },
  {
    description: 'one of the old sentinels that still answers keeps the fence up',
    steps: [
      stable,
      heldB,
      {
        why: 'two of three are made anew; the third will tell them of epoch 5',
        seen: [
          { sentinel: 's1', says: anew('new-1', 2) },
          { sentinel: 's2', says: anew('new-2', 2) },
          { node: 'A', role: 'primary' }
        ],
        outcome: held
      },
      {
        why: 'it has',
        seen: allSay({ primary: 'B', epoch: 5, replicas: ['A', 'C'] }),
        outcome: held
      }
    ]
  },
  {
    description: 'a sentinel that gives no id is no stranger',
    steps: [
      stable,
      heldB,
      lost,
      {
        why: 'nothing is known of them',
        seen: [...allSay({ primary: 'A', epoch: 0, id: '' }), { node: 'A', role: 'primary' }],
        outcome: held
      }
    ]
  },
  {
    description: 'sentinels that were heard before an epoch was followed are no strangers, though they never named it',
    steps: [
      {
        why: 's1 names B by epoch 5, s2 and s3 have not heard of it',
        seen: [
          ...allAdded,
          { sentinel: 's1', says: { primary: 'B', epoch: 5 } },
          { sentinel: 's2', says: { primary: 'A', epoch: 1 } },
          { sentinel: 's3', says: { primary: 'A', epoch: 1 } },
          { node: 'B', role: 'primary' }
        ],
        outcome: held
      },
      {
        why: 's1 is lost, and the other two are a majority; A says that it is the primary',
        seen: [
          { sentinel: 's1', lost: 'no answer' },
          { sentinel: 's2', says: { primary: 'A', epoch: 1 } },
          { sentinel: 's3', says: { primary: 'A', epoch: 1 } },
          { node: 'A', role: 'primary' }
        ],
        outcome: held
      }
    ]
  },
  {
    description:
      'made anew while a promotion is not confirmed, with the epoch that was held before it: strangers all the same',
    steps: [
      {
        why: 'A is the primary by epoch 0, as made anew sentinels would say too',
        seen: [...allAdded, ...allSay({ primary: 'A', epoch: 0 }), { node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 0, phase: 'stable' }
      },
      {
        why: 's1 fails A over to B',
        seen: [...chosen.seen, { node: 'B', role: 'primary' }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable', confirmed: false }
      },
      {
        why: 'the other two are made anew, for A',
        seen: [
          { sentinel: 's2', says: anew('new-2', 2) },
          { sentinel: 's3', says: anew('new-3', 2) }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'verifying', confirmed: false, candidate: 'A' }
      },
      {
        why: 'and A says that it is the primary',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 0, phase: 'failover', failoverEpoch: 2 }
      }
    ]
  },
  {
    description:
      'the leader was lost before it told anybody, and the node that it promoted is a replica again: given up after 5 s',
    steps: [
      stable,
      promotedByS1,
      {
        why: 's1 is gone; the others know of nothing, and A says that it is the primary',
        seen: [
          { sentinel: 's1', lost: 'closed' },
          { sentinel: 's2', says: { primary: 'A', epoch: 1 } },
          { sentinel: 's3', says: { primary: 'A', epoch: 1 } },
          { node: 'A', role: 'primary' },
          { after: 60_000, tick: true }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      },
      {
        why: 'they make B a replica of A',
        seen: [
          { node: 'B', role: 'replica' },
          { node: 'A', role: 'primary' },
          { after: 4_900, sentinel: 's2', says: { primary: 'A', epoch: 1 } }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'suspect', by: 'refused' }
      },
      {
        why: 'nobody stands for epoch 2 any more',
        seen: [{ after: 200, sentinel: 's3', says: { primary: 'A', epoch: 1 } }],
        outcome: { primary: 'B', epoch: 2, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'A says that it is the primary',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 1, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a node that is a replica now is not given up while a sentinel names it, nor for fewer than most',
    steps: [
      stable,
      promotedByS1,
      {
        why: 'B says that it is a replica, and s1 that it is the primary',
        seen: [
          { node: 'B', role: 'replica' },
          { after: 60_000, tick: true },
          { node: 'A', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'suspect', by: 'refused' }
      },
      {
        why: 's2 is lost, and s1 too: s3 alone names A',
        seen: [
          { sentinel: 's2', lost: 'closed' },
          { sentinel: 's1', lost: 'closed' },
          { after: 60_000, sentinel: 's3', says: { primary: 'A', epoch: 1 } },
          { node: 'A', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'suspect', by: 'refused' }
      }
    ]
  }
]
