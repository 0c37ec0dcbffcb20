import type { Address } from '../../protocol/address.js'

/** A replica as the fake sentinel describes it. Left out: a healthy one. */
export interface FakeReplica {
  readonly address: Address
  /** Default `['slave']`. */
  readonly flags?: readonly string[]
  /** Default true. */
  readonly linkUp?: boolean
  /** Default 0, in milliseconds. */
  readonly linkDownMs?: number
  /** Default 100. */
  readonly priority?: number
  /** Default 0, in bytes. */
  readonly offset?: number
  /** Any field of the reply, over what the rest of this says. */
  readonly fields?: Readonly<Record<string, string>>
}

/** Another sentinel of the group, as the fake one describes it. */
export interface FakeOther {
  readonly address: Address
  /** Default: forty digits made from the address. */
  readonly id?: string
  /** Default `['sentinel']`. */
  readonly flags?: readonly string[]
}

/** One group that the fake sentinel watches. */
export interface FakeGroup {
  /** The answer to GET-MASTER-ADDR-BY-NAME. */
  primary: Address
  /** The address in SENTINEL MASTER where it differs: the leader of a failover still shows the old one there. */
  judged?: Address | undefined
  /** Default 0. */
  configEpoch?: number
  /** Flags of the primary; default `['master']`. */
  flags?: readonly string[]
  replicas?: readonly FakeReplica[]
  sentinels?: readonly FakeOther[]
  /** Default 2. */
  quorum?: number
  /** Default 30 000. */
  downAfterMs?: number
  /** Default 180 000. */
  failoverTimeoutMs?: number
  /** Any field of SENTINEL MASTER, over what the rest of this says, for example `failover-state`. */
  fields?: Readonly<Record<string, string>>
}

/** What the fake sentinel knows. The test changes it at any time; the next answer is made from it. */
export interface FakeSentinelState {
  /** Its run id, forty hexadecimal digits. */
  id: string
  /** By name. */
  groups: Record<string, FakeGroup>
  /** It says that it is in TILT. */
  tilt: boolean
  /** Answers come so much later, in milliseconds. */
  delayMs: number
  /** Required before anything else when set. */
  password?: string | undefined
  /** The user that the password belongs to; default `default`. */
  username?: string | undefined
  /** In HELLO and INFO; default `7.0.15`. */
  version: string
}
