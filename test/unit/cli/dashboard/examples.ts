import { NO_NUMBERS } from '../../../../src/cli/dashboard/node-info.js'
import type {
  GroupView,
  NodeView,
  Sample,
  SentinelCard,
  State,
  FailoverReport
} from '../../../../src/cli/dashboard/messages.js'

export function node(other: Partial<NodeView> = {}): NodeView {
  return {
    address: '10.0.0.1:6379',
    role: 'replica',
    state: 'up',
    note: '',
    candidate: false,
    lagBytes: 0,
    priority: 100,
    numbers: { ...NO_NUMBERS, roundTripMs: 0.2, opsPerSecond: 10 },
    ...other
  }
}

export function sentinel(other: Partial<SentinelCard> = {}): SentinelCard {
  return {
    address: '10.0.1.1:26379',
    reachable: true,
    note: '',
    names: '10.0.0.1:6379',
    epoch: 1,
    others: 2,
    leads: false,
    ...other
  }
}

export function group(other: Partial<GroupView> = {}): GroupView {
  return {
    name: 'mymaster',
    phase: 'stable',
    phaseText: 'stable',
    epoch: 1,
    quorum: 2,
    downAfterMs: 1000,
    nodes: [
      node({ role: 'primary' }),
      node({ address: '10.0.0.2:6379' }),
      node({ address: '10.0.0.3:6379', state: 'down', note: 's_down' })
    ],
    sentinels: [1, 2, 3].map((last) => sentinel({ address: `10.0.1.${last}:26379` })),
    ...other
  }
}

export function state(other: Partial<State> = {}): State {
  return {
    at: 1000,
    group: group(),
    client: {
      ...{ status: 'ready', held: 0, holdReasons: [], inFlight: 0, heldTotal: 0, retried: 0, hedged: 0, unknown: 0 },
      ...{ readsOnReplicas: 0, load: 50, written: 0, read: 0, failed: 0 }
    },
    faults: { faults: [], confirm: true, toHeal: [], busy: false },
    ...other
  }
}

export function sample(other: Partial<Sample> = {}): Sample {
  return {
    ...{ at: 1000, nodes: {}, writes: 0, reads: 0, failed: 0, slowestWriteMs: null, slowestReadMs: null },
    ...other
  }
}

export function timeline(): FailoverReport {
  const startedAt = 100_000
  const entry = (afterMs: number, who: string, what: string, detail?: string) => ({
    at: startedAt + afterMs,
    afterMs,
    who,
    what,
    ...(detail !== undefined && { detail })
  })
  return {
    outcome: 'moved',
    from: '10.0.0.1:6379',
    to: '10.0.0.2:6379',
    epoch: 2,
    startedAt,
    endedAt: startedAt + 1400,
    held: 253,
    longestHoldMs: 1390,
    retried: 0,
    unknown: 1,
    entries: [
      entry(0, 'node 10.0.0.1:6379', 'link-lost'),
      entry(4, 'client', 'hold', 'connection'),
      entry(20, 'node 10.0.0.1:6379', 'link-lost'),
      entry(50, 'node 10.0.0.1:6379', 'link-lost'),
      entry(1100, 'sentinel 10.0.1.1:26379', '+odown', 'primary 10.0.0.1:6379'),
      entry(1395, 'client', 'moved', '10.0.0.2:6379'),
      entry(1400, 'client', 'release', '253 calls')
    ]
  }
}
