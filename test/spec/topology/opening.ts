import type { Seen, SpecCase, Step } from './spec-case.js'
import { allAdded } from './spec-case.js'

const A1 = { primary: 'A', epoch: 1 } as const
const B2 = { primary: 'B', epoch: 2, replicas: ['A', 'C'] } as const
const waiting = { primary: undefined, epoch: -1, phase: 'unknown' } as const
const verifyingA = { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'A' } as const
const grace: Seen = { after: 250, tick: true }

const replicasAgree: readonly Seen[] = [
  { node: 'A', role: 'primary' },
  { node: 'B', role: 'replica' },
  { node: 'C', role: 'replica' }
]

const oneAnswers: Step = {
  why: 's1 answers, s2 and s3 are silent',
  seen: [...allAdded, { sentinel: 's1', says: A1 }],
  outcome: waiting
}

/** A start with too few sentinels for a majority, the others silent. */
export const opening: readonly SpecCase[] = [
  {
    description: 'all nodes bear out what the only sentinel says: 250 ms after its answer it is believed',
    steps: [
      oneAnswers,
      { why: 'the nodes have said so, the time is not over', seen: replicasAgree, outcome: waiting },
      { why: 'it is over', seen: [grace], outcome: verifyingA },
      {
        why: 'A says so once more',
        seen: [{ node: 'A', role: 'primary' }],
        outcome: { primary: 'A', epoch: 1, phase: 'stable', replicas: { B: 'up', C: 'up' } }
      },
      {
        why: 'the others name B by a higher epoch after all',
        seen: [
          { sentinel: 's2', says: B2 },
          { sentinel: 's3', says: B2 },
          { node: 'B', role: 'primary' }
        ],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a replica that is up and has not said that it is one is waited for',
    steps: [
      oneAnswers,
      { why: 'C says nothing', seen: [...replicasAgree.slice(0, 2), grace], outcome: waiting },
      { why: 'C says it', seen: [{ node: 'C', role: 'replica' }], outcome: verifyingA }
    ]
  },
  {
    description: 'a replica that the sentinel holds to be down is not waited for',
    steps: [
      {
        why: 's1 lists C as down',
        seen: [
          ...allAdded,
          {
            sentinel: 's1',
            says: { ...A1, replicas: ['B', { node: 'C', flags: ['s_down', 'slave', 'disconnected'] }] }
          },
          ...replicasAgree.slice(0, 2),
          grace
        ],
        outcome: verifyingA
      }
    ]
  },
  {
    description:
      'a stale sentinel is not believed while the node that was promoted says that it is the primary, even if no other can be heard',
    steps: [
      {
        why: 's1 names A, which says so too; B, which s1 takes for a dead replica, says that it is the primary',
        seen: [
          ...allAdded,
          {
            sentinel: 's1',
            says: { ...A1, replicas: [{ node: 'B', flags: ['s_down', 'slave', 'disconnected'] }, 'C'] }
          },
          ...replicasAgree.filter((one) => !('node' in one) || one.node !== 'B'),
          { node: 'B', role: 'primary' },
          grace
        ],
        outcome: waiting
      },
      {
        why: 's2 and s3 have failed',
        seen: [
          { sentinel: 's2', lost: 'no answer' },
          { sentinel: 's3', lost: 'no answer' }
        ],
        outcome: waiting
      },
      {
        why: 'B was the one that came back, and has been made a replica',
        seen: [{ node: 'B', role: 'replica' }],
        outcome: verifyingA
      }
    ]
  },
  {
    description: 'a contradiction that is heard while the claim is verified ends the verifying',
    steps: [
      {
        why: 'B is down for s1, and has not been heard',
        seen: [
          ...allAdded,
          {
            sentinel: 's1',
            says: { ...A1, replicas: [{ node: 'B', flags: ['s_down', 'slave', 'disconnected'] }, 'C'] }
          },
          ...replicasAgree.filter((one) => !('node' in one) || one.node !== 'B'),
          grace
        ],
        outcome: verifyingA
      },
      { why: 'B says that it is the primary', seen: [{ node: 'B', role: 'primary' }], outcome: waiting },
      { why: 'A says so too', seen: [{ node: 'A', role: 'primary' }], outcome: waiting },
      {
        why: 'B cannot be reached any more, and the others have failed',
        seen: [
          { sentinel: 's2', lost: 'no answer' },
          { sentinel: 's3', lost: 'no answer' },
          { node: 'B', error: 'link-lost' }
        ],
        outcome: verifyingA
      }
    ]
  },
  {
    description: 'a majority is believed whatever an old primary says of itself',
    steps: [
      {
        why: 'A, which was replaced, still says that it is one',
        seen: [...allAdded, { node: 'A', role: 'primary' }, { sentinel: 's2', says: B2 }, { sentinel: 's3', says: B2 }],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'B' }
      }
    ]
  },
  {
    description: 'sentinels in TILT make a majority where the sober ones do not',
    steps: [
      {
        why: 's1 missed the failover to B',
        seen: [
          ...allAdded,
          { sentinel: 's1', says: A1 },
          { node: 'A', role: 'primary' },
          { node: 'B', role: 'primary' }
        ],
        outcome: waiting
      },
      {
        why: 's2 and s3 were frozen, and distrust their clocks',
        seen: [
          { sentinel: 's2', says: { ...B2, tilt: true } },
          { sentinel: 's3', says: { ...B2, tilt: true } },
          { node: 'A', role: 'primary' }
        ],
        outcome: { primary: undefined, epoch: -1, phase: 'verifying', candidate: 'B' }
      },
      {
        why: 'B says so',
        seen: [{ node: 'B', role: 'primary' }],
        outcome: { primary: 'B', epoch: 2, phase: 'stable' }
      }
    ]
  },
  {
    description: 'a sentinel that knows of no replica, or is in TILT, has no witnesses',
    steps: [
      {
        why: 's1 was just made, and A says that it is a primary',
        seen: [
          ...allAdded,
          { sentinel: 's1', says: { primary: 'A', epoch: 0, replicas: [] } },
          { node: 'A', role: 'primary' },
          grace
        ],
        outcome: waiting
      },
      {
        why: 'it knows them now, and distrusts its clock',
        seen: [{ sentinel: 's1', says: { ...A1, tilt: true } }, ...replicasAgree, grace],
        outcome: waiting
      },
      { why: 'the TILT is over', seen: [{ sentinel: 's1', says: { ...A1, tilt: false } }], outcome: verifyingA }
    ]
  }
]
