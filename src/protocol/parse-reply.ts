import type { Address } from './address.js'
import { parsePort } from './address.js'

/** What one sentinel says about one group, in one round of questions. */
export type Snapshot =
  | {
      readonly known: true
      readonly id: string
      /** From GET-MASTER-ADDR-BY-NAME only: during a failover the leader's SENTINEL MASTER still shows the old address. */
      readonly primary: Address
      /** The address in SENTINEL MASTER, which is what `flags` are about. */
      readonly judged: Address
      readonly configEpoch: number
      readonly flags: readonly string[]
      readonly quorum: number
      readonly downAfterMs: number
      readonly failoverTimeoutMs: number
      /** How many other sentinels it counts, ghosts included. */
      readonly others: number
      readonly replicas: readonly ReplicaReply[]
      readonly sentinels: readonly SentinelReply[]
      /** It distrusts its own clock; absent when it was not asked, or did not tell. */
      readonly tilt?: boolean
    }
  | { readonly known: false; readonly id: string }

export interface ReplicaReply {
  readonly address: Address
  readonly flags: readonly string[]
  readonly linkUp: boolean
  readonly linkDownMs: number
  readonly priority: number
  readonly offset: number
  /** `replica-announced 0`: hidden from clients by its operator. */
  readonly announced: boolean
}

export interface SentinelReply {
  readonly address: Address
  readonly id: string
  readonly flags: readonly string[]
}

export class UnexpectedReplyError extends Error {
  constructor(question: string, reply: unknown, expected: string) {
    super(`${question} answered ${describe(reply)}; expected ${expected}`)
    this.name = 'UnexpectedReplyError'
  }
}

/** The answers that make a snapshot, as ioredis gives them (flat field/value arrays, strings). */
export interface SnapshotReplies {
  readonly id: unknown
  readonly primaryAddress: unknown
  /** SENTINEL MASTER; an Error reply (`-ERR No such master with that name`) when the group is unknown. */
  readonly primary: unknown
  readonly replicas: unknown
  readonly sentinels: unknown
  /** INFO sentinel; an error when this user may not ask it. */
  readonly info?: unknown
}

/** Throws UnexpectedReplyError when a reply has not the form that sentinels give. */
export function parseSnapshot(replies: SnapshotReplies): Snapshot {
  const id = typeof replies.id === 'string' ? replies.id : ''
  if (replies.primaryAddress === null) return { known: false, id }
  const primary = parseAddressPair(replies.primaryAddress)
  const fields = parseFields('SENTINEL MASTER', replies.primary)
  const tilt = typeof replies.info === 'string' ? /^sentinel_tilt:([01])/m.exec(replies.info)?.[1] : undefined
  return {
    known: true,
    id,
    primary,
    judged: addressIn(fields) ?? primary,
    configEpoch: whole(fields, 'config-epoch', 0),
    flags: flagsOf(fields),
    quorum: whole(fields, 'quorum', 1),
    downAfterMs: whole(fields, 'down-after-milliseconds', 30_000),
    failoverTimeoutMs: whole(fields, 'failover-timeout', 180_000),
    others: whole(fields, 'num-other-sentinels', 0),
    replicas: parseList('SENTINEL REPLICAS', replies.replicas).flatMap((entry) => parseReplica(entry)),
    sentinels: parseList('SENTINEL SENTINELS', replies.sentinels).flatMap((entry) => parseSentinel(entry)),
    ...(tilt === undefined ? {} : { tilt: tilt === '1' })
  }
}

/** SENTINEL MASTERS: the names of all groups a sentinel knows. */
export function parseGroupNames(reply: unknown): readonly string[] {
  return parseList('SENTINEL MASTERS', reply).flatMap((entry) => entry.get('name') ?? [])
}

function parseReplica(fields: Fields): ReplicaReply[] {
  const address = addressIn(fields)
  if (address === undefined) return []
  return [
    {
      address,
      flags: flagsOf(fields),
      linkUp: fields.get('master-link-status') === 'ok',
      linkDownMs: whole(fields, 'master-link-down-time', 0),
      priority: whole(fields, 'slave-priority', 100),
      offset: whole(fields, 'slave-repl-offset', 0),
      announced: fields.get('replica-announced') !== '0'
    }
  ]
}

function parseSentinel(fields: Fields): SentinelReply[] {
  const address = addressIn(fields)
  return address === undefined ? [] : [{ address, id: fields.get('runid') ?? '', flags: flagsOf(fields) }]
}

export function parseAddressPair(reply: unknown): Address {
  const port = Array.isArray(reply) ? parsePort(reply[1]) : undefined
  if (!Array.isArray(reply) || typeof reply[0] !== 'string' || reply[0] === '' || port === undefined) {
    throw new UnexpectedReplyError('SENTINEL GET-MASTER-ADDR-BY-NAME', reply, 'a host and a port')
  }
  return { host: reply[0], port }
}

export type Fields = ReadonlyMap<string, string>

export function parseList(question: string, reply: unknown): Fields[] {
  if (!Array.isArray(reply)) throw new UnexpectedReplyError(question, reply, 'a list')
  return reply.map((entry) => parseFields(question, entry))
}

function parseFields(question: string, reply: unknown): Fields {
  if (!Array.isArray(reply)) throw new UnexpectedReplyError(question, reply, 'field and value pairs')
  const fields = new Map<string, string>()
  for (let i = 0; i + 1 < reply.length; i += 2) fields.set(String(reply[i]), String(reply[i + 1]))
  return fields
}

export function addressIn(fields: Fields): Address | undefined {
  const host = fields.get('ip')
  const port = parsePort(fields.get('port'))
  return host === undefined || host === '' || port === undefined ? undefined : { host, port }
}

export function flagsOf(fields: Fields): string[] {
  return (fields.get('flags') ?? '').split(',').filter((flag) => flag !== '')
}

export function whole(fields: Fields, name: string, fallback: number): number {
  const value = Number(fields.get(name))
  return Number.isFinite(value) ? value : fallback
}

function describe(reply: unknown): string {
  if (reply instanceof Error) return `"${reply.message}"`
  const text =
    JSON.stringify(reply, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
