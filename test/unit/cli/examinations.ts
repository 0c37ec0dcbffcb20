import type {
  Examination,
  ExaminedNode,
  ExaminedSentinel,
  GroupSettings,
  GroupView,
  NodeFacts,
  NodeInfo,
  SentinelFacts
} from '../../../src/cli/doctor/examination.js'
import { emptyTopology } from '../../../src/topology/topology.js'

const clock = { aheadMs: 3, giveOrTakeMs: 1 }
export const at = (host: string) => ({ host, port: 6379 })

const group = {
  primary: at('10.0.0.1'),
  flags: ['master'],
  configEpoch: 4,
  settings: { quorum: 2, downAfterMs: 5_000, failoverTimeoutMs: 60_000, parallelSyncs: 1 },
  replicas: ['10.0.0.2', '10.0.0.3'].map((host) => ({ address: at(host), flags: ['slave'] })),
  others: []
} satisfies GroupView

type Over<T> = { readonly [Key in keyof T]?: T[Key] | undefined }

export const HOSTS = ['10.0.1.1', '10.0.1.2', '10.0.1.3']

/** A sentinel that is well, with what is given in place of it. */
export function sentinel(
  host: string,
  over: Partial<GroupView> = {},
  facts: Partial<SentinelFacts> = {}
): ExaminedSentinel {
  const others = HOSTS.filter((other) => other !== host).map((other) => ({
    id: `id of ${other}`,
    address: { host: other, port: 26379 },
    flags: ['sentinel']
  }))
  return {
    key: `${host}:26379`,
    address: { host, port: 26379 },
    facts: {
      version: '7.0.15',
      clock,
      refused: [],
      id: `id of ${host}`,
      tilt: false,
      quorumCheck: { ok: true, text: 'OK 3 usable Sentinels' },
      hostnames: { resolve: false, announce: false },
      group: { ...group, others, ...over },
      ...facts
    }
  }
}

const config = {
  minReplicas: 1,
  minReplicasMaxLagSeconds: 10,
  replicaReadOnly: true,
  appendOnly: true,
  savePoints: '',
  maxClients: 10_000,
  protectedMode: false,
  certifiedClientsOnly: false,
  bind: ['10.0.0.1'],
  replicaBuffer: { hardBytes: 268_435_456, softBytes: 67_108_864 },
  backlogBytes: 1_048_576,
  primaryUser: '',
  hasPrimaryPassword: true
}

const accounts = { open: false, users: new Map([['default', 'a']]), checked: [] }

type NodeOver = Partial<Omit<NodeFacts, 'info' | 'config' | 'accounts'>> & {
  readonly info?: Partial<NodeInfo>
  readonly config?: Over<typeof config>
  readonly accounts?: Over<NonNullable<NodeFacts['accounts']>>
}

/** A node that is well: the primary at 10.0.0.1, a replica elsewhere. */
export function node(
  host: string,
  { info: otherInfo, config: otherConfig, accounts: otherAccounts, ...over }: NodeOver = {}
): ExaminedNode {
  const follower = (other: string) => ({ address: at(other), online: true, lagSeconds: 1, lagBytes: 100 })
  const info: NodeInfo = {
    runId: `run of ${host}`,
    role:
      host === '10.0.0.1'
        ? { kind: 'primary' as const, replicas: [follower('10.0.0.2'), follower('10.0.0.3')] }
        : { kind: 'replica' as const, of: at('10.0.0.1'), linkUp: true },
    priority: 100,
    configFile: '/etc/redis.conf',
    supervised: 'no',
    clients: 10,
    usedMemoryBytes: 2_000_000,
    maxMemoryBytes: 0,
    evictionPolicy: 'noeviction',
    persistenceFailed: [],
    lastSaveSeconds: 1_700_000_000,
    streamBytesPerSecond: 500
  }
  const facts = {
    version: '7.0.15',
    clock,
    refused: [],
    info: { ...info, ...otherInfo },
    config: { ...config, ...otherConfig },
    accounts: { ...accounts, ...otherAccounts },
    shutOut: [],
    renamed: [],
    ...over
  } as NodeFacts
  return { key: `${host}:6379`, address: at(host), facts }
}

/** A group in which all is well, with what is given in place of it. */
export function examination(over: Partial<Examination> = {}): Examination {
  return {
    name: 'mymaster',
    topology: emptyTopology('mymaster'),
    sentinels: HOSTS.map((host) => sentinel(host)),
    nodes: ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => node(host)),
    expectations: { maxLagMs: 10_000 },
    ...over
  }
}

/** All is well but one node. */
export function withNode(host: string, over: NodeOver): Examination {
  return examination({
    nodes: ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((each) => node(each, each === host ? over : {}))
  })
}

/** All is well but the first sentinel. */
export function withSentinel(over: Partial<GroupView>, facts: Partial<SentinelFacts> = {}): Examination {
  return examination({
    sentinels: HOSTS.map((host, index) => (index === 0 ? sentinel(host, over, facts) : sentinel(host)))
  })
}

/** All sentinels say the same. */
export function withSettings(over: Partial<GroupSettings>): Examination {
  return examination({ sentinels: HOSTS.map((host) => sentinel(host, { settings: { ...group.settings, ...over } })) })
}

export const settings = group.settings

/** The primary is well, and says this of its replicas. */
export function withFollowers(
  over: Readonly<Partial<Record<'online' | 'lagSeconds' | 'lagBytes', unknown>>>
): Examination {
  const { facts } = node('10.0.0.1') as { facts: NodeFacts }
  const followers = facts.info?.role.kind === 'primary' ? facts.info.role.replicas : []
  const replicas = followers.map((one) => ({ ...one, ...over }) as (typeof followers)[number])
  return withNode('10.0.0.1', { info: { role: { kind: 'primary', replicas } } })
}

export function withNodes(nodes: readonly ExaminedNode[]): Examination {
  return examination({ nodes })
}
