import type { StatusFacts } from '../../../src/cli/status/facts.js'
import type { Primary, Replica, SentinelView, Topology } from '../../../src/topology/topology.js'

const primary = { host: '10.0.0.1', port: 6379 }

export const replica = (host: string, over: Partial<Replica> = {}): Replica => ({
  address: { host, port: 6379 },
  flags: ['slave'],
  down: false,
  linkUp: true,
  linkDownMs: 0,
  priority: 100,
  offset: 10,
  ...over
})

export const sentinel = (host: string, over: Partial<SentinelView> = {}): SentinelView => ({
  key: `${host}:26379`,
  reachable: true,
  primary,
  configEpoch: 4,
  others: 2,
  tilt: false,
  unknownName: false,
  replicas: [],
  seenAt: 1,
  ...over
})

/** A group in which all is well, with what is given in place of it. */
export function factsWith(over: Partial<Topology> = {}, more: Partial<StatusFacts> = {}): StatusFacts {
  const topology: Topology = {
    name: 'mymaster',
    revision: 3,
    configEpoch: 4,
    phase: { kind: 'stable' },
    primary: { address: primary, since: 1, confirmed: true },
    replicas: [replica('10.0.0.2'), replica('10.0.0.3')],
    sentinels: [sentinel('10.0.1.1'), sentinel('10.0.1.2'), sentinel('10.0.1.3')],
    settings: { quorum: 2, downAfterMs: 1000, failoverTimeoutMs: 10_000 },
    ...over
  }
  const checks = topology.sentinels.map(
    ({ key }) =>
      [key, { ok: true, text: 'OK 3 usable Sentinels. Quorum and failover authorization can be reached' }] as const
  )
  return {
    topology,
    quorumChecks: Object.fromEntries(checks),
    replication: { offset: 2000, acknowledged: { '10.0.0.2:6379': 2000, '10.0.0.3:6379': 500 } },
    ...more
  }
}

export function withoutPrimary(facts: StatusFacts): StatusFacts {
  const topology: Omit<Topology, 'primary'> & { primary?: Primary } = { ...facts.topology }
  delete topology.primary
  return { ...facts, topology }
}
