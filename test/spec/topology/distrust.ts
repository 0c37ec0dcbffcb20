import type { SpecCase, Step } from './spec-case.js'
import { allAdded, allSay, stable } from './spec-case.js'

const A = { primary: 'A', epoch: 1 } as const
const E9 = { primary: 'E', epoch: 9 } as const

const hermit: Step = {
  why: 's3 names E by epoch 9',
  seen: [{ sentinel: 's3', says: E9 }],
  outcome: { ...A, phase: 'verifying', candidate: 'E' }
}

const setAside: Step = {
  why: 'E says nothing for 5 s, and the other two name A',
  seen: [
    { after: 4_900, sentinel: 's1', says: A },
    { after: 200, sentinel: 's2', says: A }
  ],
  outcome: { ...A, phase: 'stable' }
}

export const distrust: readonly SpecCase[] = [
  {
    description: "another group's events are ignored",
    steps: [
      stable,
      {
        why: 'the same sentinels fail another group over, from and to nodes that are ours too',
        seen: [
          { sentinel: 's1', publishes: '+sdown', message: 'master othergroup {A}' },
          { sentinel: 's1', publishes: '+odown', message: 'master othergroup {A} #quorum 2/2' },
          { sentinel: 's1', publishes: '+try-failover', message: 'master othergroup {A}' },
          { sentinel: 's1', publishes: '+selected-slave', message: 'slave {B} @ othergroup {A}' },
          { sentinel: 's1', publishes: '+failover-state-wait-promotion', message: 'slave {B} @ othergroup {A}' },
          { node: 'B', role: 'primary' },
          { sentinel: 's1', publishes: '+promoted-slave', message: 'slave {B} @ othergroup {A}' },
          { sentinel: 's1', publishes: '+switch-master', message: 'othergroup {A} {B}' },
          { node: 'B', role: 'primary' }
        ],
        outcome: { ...A, phase: 'stable', unchanged: true }
      }
    ]
  },
  {
    description: 'an event names no epoch: +switch-master alone moves nothing',
    steps: [
      stable,
      {
        why: 'an answer must follow',
        seen: [
          { sentinel: 's1', publishes: '+switch-master', message: 'mymaster {A} {B}' },
          { node: 'B', role: 'primary' }
        ],
        outcome: { ...A, phase: 'stable', unchanged: true }
      }
    ]
  },
  {
    description: 'a message that is not understood changes nothing',
    steps: [
      stable,
      {
        why: 'garbage',
        seen: [
          { sentinel: 's1', publishes: '+switch-master', message: 'mymaster' },
          { sentinel: 's1', publishes: '+odown', message: 'constructor mymaster {A}' },
          { sentinel: 's1', publishes: '+new-epoch', message: 'soon' }
        ],
        outcome: { ...A, phase: 'stable', unchanged: true }
      }
    ]
  },
  {
    description: 'a sentinel in TILT is not believed while another is not',
    steps: [
      stable,
      {
        why: 's1 tilts, and names E by epoch 9',
        seen: [
          { sentinel: 's1', publishes: '+tilt', message: '#tilt mode entered' },
          { sentinel: 's1', says: E9 },
          { node: 'E', role: 'primary' }
        ],
        outcome: { ...A, phase: 'stable' }
      },
      {
        why: 'nor what it holds of the primary',
        seen: [{ sentinel: 's1', publishes: '+odown', message: 'master mymaster {A} #quorum 2/2' }],
        outcome: { ...A, phase: 'stable' }
      },
      {
        why: 'it trusts its clock again',
        seen: [{ sentinel: 's1', publishes: '-tilt', message: '#tilt mode exited' }],
        outcome: { ...A, phase: 'verifying', candidate: 'E' }
      }
    ]
  },
  {
    description: 'TILT is told by the answer too, for those who missed the event',
    steps: [
      {
        why: 's1 is in TILT at the start',
        seen: [
          ...allAdded,
          { sentinel: 's1', says: { ...E9, tilt: true } },
          { sentinel: 's2', says: A },
          { sentinel: 's3', says: A }
        ],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'and no more',
        seen: [
          { node: 'A', role: 'primary' },
          { sentinel: 's1', says: { ...E9, tilt: false } }
        ],
        outcome: { ...A, phase: 'verifying', candidate: 'E' }
      }
    ]
  },
  {
    description: 'a TILT whose end was missed does not last for ever',
    steps: [
      stable,
      {
        why: 's1 tilts and is lost; when it is back it counts',
        seen: [
          { sentinel: 's1', publishes: '+tilt', message: '#tilt mode entered' },
          { sentinel: 's1', lost: 'read ECONNRESET' },
          { sentinel: 's1', says: { primary: 'B', epoch: 2 } }
        ],
        outcome: { ...A, phase: 'verifying', candidate: 'B' }
      }
    ]
  },
  {
    description: 'when all are in TILT, their word is all there is',
    steps: [
      {
        why: 'a start',
        seen: [...allAdded, ...allSay({ ...A, tilt: true }), { node: 'A', role: 'primary' }],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  },
  {
    description: 'one sentinel with a higher epoch and a node that does not bear it out: set aside after 5 s',
    steps: [
      stable,
      hermit,
      setAside,
      {
        why: 'E is not followed any more, and nothing waits again while s3 says the same',
        seen: [
          { node: 'E', role: 'primary' },
          { sentinel: 's3', says: E9 },
          { sentinel: 's3', lost: 'no answer' },
          { sentinel: 's3', says: E9 },
          { after: 60_000, sentinel: 's1', says: A }
        ],
        outcome: { ...A, phase: 'stable' }
      },
      {
        why: 'something new, and then the same again, is worth another look',
        seen: [
          { sentinel: 's3', says: A },
          { sentinel: 's3', says: E9 }
        ],
        outcome: { ...A, phase: 'verifying', candidate: 'E' }
      }
    ]
  },
  {
    description: 'what was set aside is verified when a majority says it',
    steps: [
      stable,
      hermit,
      setAside,
      {
        why: 's2 agrees with s3',
        seen: [{ sentinel: 's2', says: E9 }],
        outcome: { ...A, phase: 'verifying', candidate: 'E' }
      },
      {
        why: 'and E says so',
        seen: [{ node: 'E', role: 'primary' }],
        outcome: { ...E9, phase: 'stable' }
      }
    ]
  },
  {
    description: 'what was set aside does not hide a failover by an epoch below it',
    steps: [
      stable,
      hermit,
      setAside,
      {
        why: 's1 and s2 name B by epoch 2',
        seen: [
          { sentinel: 's1', says: { primary: 'B', epoch: 2 } },
          { sentinel: 's2', says: { primary: 'B', epoch: 2 } },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a higher epoch that its node bears out in time is followed, whoever else says so',
    steps: [
      stable,
      hermit,
      {
        why: 'E says that it is the primary',
        seen: [{ after: 3_000, node: 'E', role: 'primary' }],
        outcome: { ...E9, phase: 'stable' }
      }
    ]
  },
  {
    description: 'without a majority that names another, an unverified claim is not set aside',
    steps: [
      stable,
      {
        why: 's1 and s2 are lost, s3 names E by epoch 9',
        seen: [
          { sentinel: 's1', lost: 'no answer' },
          { sentinel: 's2', lost: 'no answer' },
          { sentinel: 's3', says: E9 },
          { after: 60_000, tick: true }
        ],
        outcome: { ...A, phase: 'verifying', candidate: 'E' }
      }
    ]
  },
  {
    description: 'at the start, a lone higher epoch keeps the client waiting for 5 s and no longer',
    steps: [
      {
        why: 's3 names E by epoch 9, the others A by epoch 1',
        seen: [...allAdded, { sentinel: 's3', says: E9 }, { sentinel: 's1', says: A }, { sentinel: 's2', says: A }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'E' }
      },
      {
        why: 'E cannot be verified',
        seen: [{ after: 5_000, sentinel: 's1', says: A }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'A' }
      },
      {
        why: 'A can',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { ...A, phase: 'stable' }
      }
    ]
  }
]
