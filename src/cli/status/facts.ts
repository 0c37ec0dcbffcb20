import type { Topology } from '../../index.js'

/** All that `status` found out, before anything is concluded from it. */
export interface StatusFacts {
  readonly topology: Topology
  /** Why no connection to a primary was made; absent when one was. */
  readonly connectError?: string
  /** By sentinel, `host:port`; without those that refused the question or did not answer it. */
  readonly quorumChecks: Readonly<Record<string, QuorumCheck>>
  /** What the primary says about its replicas; absent when it could not be asked. */
  readonly replication?: Replication
}

/** A sentinel's answer to CKQUORUM: whether it and those it reaches could carry out a failover. */
export interface QuorumCheck {
  readonly ok: boolean
  /** The sentinel's own words. */
  readonly text: string
}

/** Redis `src/sentinel.c`, CKQUORUM: of its errors this one alone is about the quorum. */
const NO_QUORUM = /^NOQUORUM\b/

/**
 * What a sentinel says of the quorum. `ask`: CKQUORUM.
 *
 * @throws what `ask` rejects with when that says nothing of the quorum: a missing right, no answer.
 */
export async function quorumCheck(ask: Promise<unknown>): Promise<QuorumCheck> {
  try {
    return { ok: true, text: String(await ask) }
  } catch (error) {
    const { message } = error as Error
    if (!NO_QUORUM.test(message)) throw error
    return { ok: false, text: message }
  }
}

export interface Replication {
  /** How much the primary has written to its replication stream, in bytes. */
  readonly offset: number
  /** How much of it each replica has acknowledged, by `host:port`. */
  readonly acknowledged: Readonly<Record<string, number>>
}

const ROLE_FLAGS: readonly string[] = ['master', 'slave']

/** The flags that say more than which role the node has; in the server's own words. */
export function tellingFlags(flags: readonly string[]): readonly string[] {
  return flags.filter((flag) => !ROLE_FLAGS.includes(flag))
}

/** How many bytes of the replication stream a replica has not acknowledged; undefined when nobody can say. */
export function lagBytes(replica: string, replication: Replication | undefined): number | undefined {
  const acknowledged = replication?.acknowledged[replica]
  return replication === undefined || acknowledged === undefined
    ? undefined
    : Math.max(0, replication.offset - acknowledged)
}

/** Reads the answer to INFO replication of a primary; undefined when it is none. */
export function parseReplication(info: string): Replication | undefined {
  const offset = /^master_repl_offset:(\d+)\r?$/m.exec(info)?.[1]
  if (offset === undefined || !/^role:master\r?$/m.test(info)) return undefined
  const acknowledged: Record<string, number> = {}
  for (const match of info.matchAll(/^slave\d+:ip=([^,]+),port=(\d+),.*?offset=(\d+)/gm)) {
    const host = match[1] ?? ''
    acknowledged[`${host.includes(':') ? `[${host}]` : host}:${match[2]}`] = Number(match[3])
  }
  return { offset: Number(offset), acknowledged }
}
