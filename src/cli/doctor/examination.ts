import type { Address, Topology } from '../../index.js'
import type { QuorumCheck } from '../status/facts.js'

/** All that `doctor` has read, before anything is concluded from it. It holds no password. */
export interface Examination {
  /** The name the sentinels know the group by. */
  readonly name: string
  /** The group as a client sees it. */
  readonly topology: Topology
  /** Why a client gets no connection to a primary; absent when it gets one. */
  readonly connectError?: string
  readonly sentinels: readonly ExaminedSentinel[]
  /** Every node that a sentinel names. */
  readonly nodes: readonly ExaminedNode[]
  readonly expectations: Expectations
}

/** What the caller says of the applications. */
export interface Expectations {
  /** How long their calls wait, in milliseconds. */
  readonly clientDeadlineMs?: number
  /** Their ACL user at the nodes. */
  readonly clientUser?: string
  /** How old what replicas hold may be, in milliseconds. */
  readonly maxLagMs: number
}

/** A server, and either what it said or why it could not be asked from here. */
export type Examined<Facts> = {
  /** `host:port` where it was asked: of a node as it is announced, of a sentinel perhaps what a seed's name resolves to. */
  readonly key: string
  readonly address: Address
} & ({ readonly facts: Facts } | { readonly unreachable: string })

export type ExaminedSentinel = Examined<SentinelFacts>
export type ExaminedNode = Examined<NodeFacts>

/** What nodes and sentinels say alike. */
export interface ServerFacts {
  /** Undefined where INFO does not tell it, and where that was refused. */
  readonly version: string | undefined
  /** The same. */
  readonly clock: Clock | undefined
  /** Absent without TLS, and where its dates cannot be read. */
  readonly certificate?: Validity
  /** Questions that it refused, with its words: what they would have told was not looked at. */
  readonly refused: readonly string[]
}

/** Of a certificate. */
export interface Validity {
  /** By this machine's clock. */
  readonly leftMs: number
  /** From its first moment to its last. */
  readonly lifetimeMs: number
}

/** The server's clock against this machine's. */
export interface Clock {
  readonly aheadMs: number
  /** By how much that may be wrong: half of the round trip. */
  readonly giveOrTakeMs: number
}

export interface SentinelFacts extends ServerFacts {
  /** SENTINEL MYID, by which the others list it; absent when that was refused. */
  readonly id?: string
  /** It distrusts its own clock, and takes part in no failover. Undefined where INFO was refused. */
  readonly tilt: boolean | undefined
  /** Absent when the question was refused or not answered. */
  readonly quorumCheck?: QuorumCheck
  /** `SENTINEL CONFIG GET`, since Redis 6.2; absent when it was refused. */
  readonly hostnames?: { readonly resolve: boolean; readonly announce: boolean }
  /** `unknown`: it knows no group of this name. Absent when it did not say. */
  readonly group?: GroupView | 'unknown'
}

/** What one sentinel says about the group; what it refused is absent. */
export interface GroupView {
  /** From GET-MASTER-ADDR-BY-NAME. */
  readonly primary: Address
  /** Flags of the primary, in the server's words. */
  readonly flags?: readonly string[]
  readonly configEpoch?: number
  readonly settings?: GroupSettings
  readonly replicas?: readonly Listed[]
  readonly others?: readonly Listed[]
}

export interface GroupSettings {
  readonly quorum: number
  readonly downAfterMs: number
  readonly failoverTimeoutMs: number
  readonly parallelSyncs: number
}

/** A server as a sentinel lists it. */
export interface Listed {
  /** Of a sentinel its id, of a node its run id; absent when it was never heard of. */
  readonly id?: string
  readonly address: Address
  readonly flags: readonly string[]
}

export interface NodeFacts extends ServerFacts {
  /** Absent when INFO was refused. */
  readonly info?: NodeInfo
  /** Absent when CONFIG GET was refused. */
  readonly config?: NodeConfig
  /** Absent when ACL LIST was refused. */
  readonly accounts?: Accounts
  /** Other nodes that would not let it in as their replica; without those of which that was not told. */
  readonly shutOut: readonly ShutOut[]
  /** Commands that sentinels send, and that it does not know by these names. */
  readonly renamed: readonly RenamedCommand[]
}

/** What INFO of a node says. */
export interface NodeInfo {
  /** Another one at each start. A node that is known under two addresses says the same at both. */
  readonly runId: string
  readonly role: Role
  /** `replica-priority` of a replica; 0 is never promoted. */
  readonly priority: number
  /** Empty when it was started without a file. */
  readonly configFile: string
  /** `process_supervised`: whether something starts it again. */
  readonly supervised: string
  readonly clients: number
  readonly usedMemoryBytes: number
  readonly maxMemoryBytes: number
  readonly evictionPolicy: string
  /** The last snapshot, or write to the append only file, failed. */
  readonly persistenceFailed: readonly string[]
  /** `rdb_last_save_time`, in seconds since 1970: of its start where it has made no snapshot since. */
  readonly lastSaveSeconds: number
  /** How fast its replication stream goes out to all replicas together, in bytes a second. */
  readonly streamBytesPerSecond: number
}

export interface ShutOut {
  /** The other node, `host:port`. */
  readonly key: string
  readonly because: string
}

export interface RenamedCommand {
  readonly command: string
  /** The question, and the server's words. */
  readonly said: string
}

export type Role =
  | { readonly kind: 'primary'; readonly replicas: readonly Follower[] }
  | {
      readonly kind: 'replica'
      readonly of: Address
      readonly linkUp: boolean
      /** Absent while the link is up, and when it never was. */
      readonly linkDownSeconds?: number
    }

/** A replica as its primary lists it. */
export interface Follower {
  readonly address: Address
  readonly online: boolean
  /** Since it last acknowledged what it holds. */
  readonly lagSeconds: number
  /** What it has not acknowledged. */
  readonly lagBytes: number
}

export interface NodeConfig {
  readonly minReplicas: number
  readonly minReplicasMaxLagSeconds: number
  readonly replicaReadOnly: boolean
  readonly appendOnly: boolean
  /** `save`: when it takes snapshots by itself; empty for never. */
  readonly savePoints: string
  readonly maxClients: number
  readonly protectedMode: boolean
  /** Nobody without a certificate of its authority gets a connection: TLS alone, and `tls-auth-clients yes`. */
  readonly certifiedClientsOnly: boolean
  readonly bind: readonly string[]
  /** `client-output-buffer-limit replica`, in bytes; 0 is no limit. */
  readonly replicaBuffer: { readonly hardBytes: number; readonly softBytes: number }
  readonly backlogBytes: number
  /** As whom it logs in to its primary. */
  readonly primaryUser: string
  readonly hasPrimaryPassword: boolean
}

export interface Accounts {
  /** Everybody may connect: the default user is on and needs no password. */
  readonly open: boolean
  /** By user, a fingerprint of what it may do. */
  readonly users: ReadonlyMap<string, string>
  readonly checked: readonly CheckedUser[]
}

/** What a user is there for, and what of that it may not do. */
export interface CheckedUser {
  readonly purpose: 'sentinel' | 'replication' | 'client'
  readonly user: string
  readonly lacking: readonly string[]
}
