import type { RedisOptions } from 'ioredis'
import type { Logger } from 'pino'
import type { ConnectionOptions } from 'node:tls'
import { parseConnectionUrl } from './connection-url.js'
import { ConfigurationError } from './errors.js'
import { nearestName } from './nearest.js'
import type { Address } from './protocol/address.js'
import { DEFAULT_SENTINEL_PORT, formatAddress, parseAddress, parsePort } from './protocol/address.js'
import type { PromotionMode } from './topology/reduce.js'
import type { ReadFrom } from './routing/read-policy.js'
import { READ_POLICIES } from './routing/read-policy.js'

type Form = 'flag' | 'text' | 'secret' | 'milliseconds' | 'any' | readonly number[]

/** ioredis options that keep their meaning here, and what their values may be. */
const KEPT = {
  db: 'any',
  username: 'secret',
  password: 'secret',
  keyPrefix: 'text',
  connectionName: 'text',
  scripts: 'any',
  commandTimeout: 'milliseconds',
  blockingTimeout: 'milliseconds',
  blockingTimeoutGrace: 'milliseconds',
  socketTimeout: 'milliseconds',
  keepAlive: 'milliseconds',
  noDelay: 'flag',
  disableClientInfo: 'flag',
  clientInfoTag: 'text',
  autoResubscribe: 'flag',
  maxRetriesPerRequest: 'any',
  enableReadyCheck: 'flag',
  enableOfflineQueue: 'flag',
  lazyConnect: 'flag',
  connectTimeout: 'milliseconds',
  family: [0, 4, 6],
  stringNumbers: 'flag',
  protocol: [2, 3],
  replyMapping: 'text',
  enableAutoPipelining: 'flag',
  autoPipeliningIgnoredCommands: 'any',
  monitor: 'flag',
  showFriendlyErrorStack: 'flag',
  retryStrategy: 'any',
  autoResendUnfulfilledCommands: 'any',
  reconnectOnError: 'any',
  disconnectTimeout: 'any',
  maxLoadingRetryTime: 'any'
} as const satisfies Partial<Record<keyof RedisOptions, Form>>

type KeptRedisOption = keyof typeof KEPT

const KEPT_NAMES = Object.keys(KEPT) as readonly KeptRedisOption[]

/** Taken, so that shared ioredis option objects work, and without effect: this client has one owner of retries, and it is not them. */
const WITHOUT_EFFECT: readonly KeptRedisOption[] = [
  'retryStrategy',
  'autoResendUnfulfilledCommands',
  'reconnectOnError',
  'disconnectTimeout',
  'maxLoadingRetryTime',
  'maxRetriesPerRequest',
  'enableReadyCheck'
]

/** Of these, what ioredis must not see. */
const OWN_BUSINESS: readonly KeptRedisOption[] = ['retryStrategy', 'autoResendUnfulfilledCommands', 'reconnectOnError']

/** ioredis options that mean nothing here, and what to write instead. */
const COUNTERPARTS: Readonly<Record<string, string>> = {
  host: 'give the sentinels: sentinels: ["host:26379"], name: "…"',
  port: 'give the sentinels: sentinels: ["host:26379"], name: "…"',
  path: 'sentinels are reached over TCP: sentinels: ["host:26379"]',
  role: 'use readFrom: "replica" for reads; writes always go to the primary',
  preferredSlaves: 'use readFrom with a function (topology, command) => candidates',
  natMap: 'use addressMap: { "announced:port": "reachable:port" } or a function',
  sentinelTLS: 'use sentinelTls',
  enableTLSForSentinelMode: 'use tls for nodes and sentinelTls for sentinels',
  failoverDetector: 'all sentinels are always subscribed; leave it out',
  updateSentinels: 'sentinels are always discovered, and seeds never dropped; leave it out',
  sentinelMaxConnections: 'each sentinel has one connection a process; leave it out',
  sentinelRetryStrategy: 'sentinels are retried for ever with capped backoff; leave it out',
  sentinelReconnectStrategy: 'sentinels are retried for ever with capped backoff; leave it out',
  sentinelCommandTimeout: 'use sentinelTimeoutMs',
  readOnly: 'use readFrom',
  himportFieldsets: 'it prepares and sends again by itself, beside us; send HIMPORT PREPARE and DISCARD as commands',
  Connector: 'the connector is what this library brings; leave it out'
}

/** A sentinel as `host`, `host:port`, `[v6]:port` or `{ host, port }`. The port defaults to 26379. */
export type SentinelSeed = string | { readonly host: string; readonly port?: number }

/** Where an announced address is really reached from here: behind NAT, in containers, through a port-forward. */
export type AddressMap =
  | Readonly<Record<string, string | Address>>
  | ((address: Address, kind: 'sentinel' | 'primary' | 'replica') => Address | undefined)

export interface SentinelRedisOptions extends Pick<RedisOptions, KeptRedisOption> {
  /** The group's name, as in `sentinel monitor <name> …`. Required. */
  name: string
  /** At least one sentinel. They are never forgotten, and their names are resolved anew all the time. Required. */
  sentinels: readonly SentinelSeed[]
  /** ACL user for the sentinels; the default user when only a password is given. */
  sentinelUsername?: string | undefined
  sentinelPassword?: string | undefined
  /** TLS to the nodes: `true`, or options of node:tls. */
  tls?: boolean | ConnectionOptions | undefined
  /** TLS to the sentinels, separately. */
  sentinelTls?: boolean | ConnectionOptions | undefined
  /** Which nodes answer reads. Default `replicaPreferred`. */
  readFrom?: ReadFrom | undefined
  /**
   * `readYourWrites` (default): a read of a key that this client wrote goes to the primary until a replica is known to hold
   * the write. `eventual`: any replica, at once.
   */
  consistency?: 'readYourWrites' | 'eventual' | undefined
  /** How early a new primary is followed. Default `fast`. */
  promotion?: PromotionMode | undefined
  /** From when on writes wait for a new primary. Default `odown`. */
  holdWrites?: 'odown' | 'failover' | 'never' | undefined
  /** The longest that writes are held while the old primary still answers and no failover comes of it. Default 15 000. */
  holdLimitMs?: number | undefined
  /** Silence of the oldest command in flight after which new ones wait here. Default 100. */
  suspectAfterMs?: number | undefined
  /**
   * How long a call may take in all: waiting, retries and reply. Blocking commands add their own time. Default: the
   * sentinels' down-after-milliseconds + 20 000. `Infinity` is allowed.
   */
  deadlineMs?: number | undefined
  /** How long connect() waits before it rejects; the client goes on trying. Default 10 000. */
  connectDeadlineMs?: number | undefined
  /** How many calls may wait here. Default 100 000. */
  maxQueuedCommands?: number | undefined
  /** How many bytes of arguments may wait here. Default 67 108 864 (64 MiB). */
  maxQueuedBytes?: number | undefined
  /** How often each sentinel is asked beside its events, give or take a fifth. Default 2 000; ten times a second during a failover. */
  pollIntervalMs?: number | undefined
  /** The longest wait for a sentinel's connection or answer. Default 1 000. */
  sentinelTimeoutMs?: number | undefined
  addressMap?: AddressMap | undefined
  /** A pino logger; a child of it is used. Silent by default. */
  logger?: Logger | undefined
}

/** Options after checking, with every default filled in. */
export interface ResolvedOptions {
  readonly name: string
  readonly sentinels: readonly Address[]
  readonly sentinelUsername: string | undefined
  readonly sentinelPassword: string | undefined
  readonly tls: ConnectionOptions | undefined
  readonly sentinelTls: ConnectionOptions | undefined
  readonly readFrom: ReadFrom
  readonly consistency: 'readYourWrites' | 'eventual'
  readonly promotion: PromotionMode
  readonly holdWrites: 'odown' | 'failover' | 'never'
  readonly holdLimitMs: number
  readonly suspectAfterMs: number
  /** Undefined: from the sentinels' own down-after. */
  readonly deadlineMs: number | undefined
  readonly connectDeadlineMs: number
  readonly maxQueuedCommands: number
  readonly maxQueuedBytes: number
  readonly pollIntervalMs: number
  readonly sentinelTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly mapAddress: (address: Address, kind: 'sentinel' | 'primary' | 'replica') => Address
  readonly logger: Logger | undefined
  /** What is handed to ioredis. */
  readonly redis: RedisOptions
  /** ioredis options that were given and have no effect here. */
  readonly withoutEffect: readonly string[]
  /** As given, for duplicate(). */
  readonly given: SentinelRedisOptions
}

/** Added to the sentinels' down-after when `deadlineMs` is not given: election, promotion, and a margin. */
export const DEADLINE_MARGIN_MS = 20_000

const CHOICES = {
  consistency: ['readYourWrites', 'eventual'],
  promotion: ['fast', 'confirmed', 'strict'],
  holdWrites: ['odown', 'failover', 'never']
} as const

const OWN: readonly string[] = [
  'name',
  'sentinels',
  'sentinelUsername',
  'sentinelPassword',
  'tls',
  'sentinelTls',
  'readFrom',
  'consistency',
  'promotion',
  'holdWrites',
  'holdLimitMs',
  'suspectAfterMs',
  'deadlineMs',
  'connectDeadlineMs',
  'maxQueuedCommands',
  'maxQueuedBytes',
  'pollIntervalMs',
  'sentinelTimeoutMs',
  'addressMap',
  'logger'
]

/**
 * Checks options, or a URL, or a URL and options that override it. Throws ConfigurationError saying what was given, what is
 * allowed and where.
 */
export function resolveOptions(
  first: string | SentinelRedisOptions,
  second?: Partial<SentinelRedisOptions>
): ResolvedOptions {
  if (typeof first !== 'string' && (typeof first !== 'object' || first === null)) {
    throw new ConfigurationError(`SentinelRedis takes options or a URL; given: ${show(first)}`)
  }
  const overriding = Object.fromEntries(Object.entries(second ?? {}).filter(([, value]) => value !== undefined))
  const given = {
    ...(typeof first === 'string' ? parseConnectionUrl(first) : first),
    ...overriding
  } as SentinelRedisOptions
  checkNames(given)
  const o = given as unknown as Readonly<Record<string, unknown>>
  const tls = tlsOption(o, 'tls')
  return {
    name: nameOption(o['name']),
    sentinels: seeds(o['sentinels']),
    sentinelUsername: textOption(o, 'sentinelUsername'),
    sentinelPassword: textOption(o, 'sentinelPassword'),
    tls,
    sentinelTls: tlsOption(o, 'sentinelTls'),
    readFrom: o['readFrom'] === undefined ? 'replicaPreferred' : checkReadFrom('option "readFrom"', o['readFrom']),
    consistency: choice(o, 'consistency') ?? 'readYourWrites',
    promotion: choice(o, 'promotion') ?? 'fast',
    holdWrites: choice(o, 'holdWrites') ?? 'odown',
    holdLimitMs: duration(o, 'holdLimitMs') ?? 15_000,
    suspectAfterMs: duration(o, 'suspectAfterMs', 1) ?? 100,
    deadlineMs: o['deadlineMs'] === Infinity ? Infinity : duration(o, 'deadlineMs', 1, ', or Infinity'),
    connectDeadlineMs: duration(o, 'connectDeadlineMs', 1) ?? 10_000,
    maxQueuedCommands: count(o, 'maxQueuedCommands') ?? 100_000,
    maxQueuedBytes: count(o, 'maxQueuedBytes') ?? 64 * 1024 * 1024,
    pollIntervalMs: duration(o, 'pollIntervalMs', 50) ?? 2_000,
    sentinelTimeoutMs: duration(o, 'sentinelTimeoutMs', 10) ?? 1_000,
    connectTimeoutMs: duration(o, 'connectTimeout', 1) ?? 1_000,
    mapAddress: addressMapper(o['addressMap']),
    logger: checkLogger(o['logger']),
    redis: redisOptions(given, tls),
    // null means that calls wait for ever, which libraries ask for and is no contradiction.
    withoutEffect: WITHOUT_EFFECT.filter((name) => o[name] !== undefined && o[name] !== null),
    given
  }
}

function checkNames(given: object): void {
  const allowed = [...OWN, ...KEPT_NAMES]
  for (const [name, value] of Object.entries(given)) {
    if (allowed.includes(name) || value === undefined) continue
    const counterpart = Object.hasOwn(COUNTERPARTS, name) ? COUNTERPARTS[name] : undefined
    if (counterpart !== undefined)
      throw new ConfigurationError(`option "${name}" is not taken by SentinelRedis: ${counterpart}`)
    const nearest = nearestName(name, allowed)
    throw new ConfigurationError(
      `unknown option "${name}"${nearest === undefined ? `; allowed: ${allowed.join(', ')}` : `; did you mean "${nearest}"?`}`
    )
  }
}

function redisOptions(given: SentinelRedisOptions, tls: ConnectionOptions | undefined): RedisOptions {
  const named = KEPT_NAMES.filter((name) => !OWN_BUSINESS.includes(name) && isGiven(name, given[name]))
  for (const name of named) checkForm(name, given[name], KEPT[name])
  const kept = Object.fromEntries(named.map((name) => [name, given[name]])) as RedisOptions
  const { db } = kept as { db?: unknown }
  const index = typeof db === 'string' && /^\d+$/.test(db) ? Number(db) : db
  if (index !== undefined && (typeof index !== 'number' || !Number.isInteger(index) || index < 0)) {
    throw new ConfigurationError(`option "db" is ${show(db)}; allowed is a whole number from 0`)
  }
  return { ...kept, ...(index === undefined ? {} : { db: index }), ...(tls === undefined ? {} : { tls }) }
}

/** ioredis's own defaults say null for what is absent, and mean something else by it in one place. */
function isGiven(name: KeptRedisOption, value: unknown): boolean {
  return value !== undefined && (value !== null || name === 'maxRetriesPerRequest')
}

function checkForm(name: string, value: unknown, form: Form): void {
  if (form === 'any') return
  const o = { [name]: value }
  if (form === 'secret') textOption(o, name)
  else if (form === 'milliseconds') duration(o, name)
  else if (form === 'text' && typeof value !== 'string')
    throw new ConfigurationError(`option "${name}" is ${show(value)}; allowed is a string`)
  else if (form === 'flag' && typeof value !== 'boolean')
    throw new ConfigurationError(`option "${name}" is ${show(value)}; allowed: true, false`)
  else if (typeof form !== 'string' && !form.some((allowed) => allowed === value))
    throw new ConfigurationError(`option "${name}" is ${show(value)}; allowed: ${form.join(', ')}`)
}

function checkLogger(value: unknown): Logger | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof (value as Partial<Logger>).child === 'function') return value as Logger
  throw new ConfigurationError(`option "logger" is ${show(value)}; allowed is a pino logger, which has child()`)
}

function nameOption(value: unknown): string {
  if (typeof value === 'string' && value !== '' && !/\s/.test(value)) return value
  throw new ConfigurationError(
    `option "name" is ${show(value)}; it is the group's name in "sentinel monitor <name> …", for example "mymaster"`
  )
}

function seeds(value: unknown): readonly Address[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ConfigurationError(
      `option "sentinels" is ${show(value)}; give at least one, for example ["10.0.0.1:26379"]`
    )
  }
  const found = new Map<string, Address>()
  value.forEach((seed: unknown, index) => {
    const address = seedAddress(seed, `sentinels[${index}]`)
    found.set(formatAddress(address), address)
  })
  return [...found.values()]
}

function seedAddress(seed: unknown, where: string): Address {
  if (typeof seed === 'string') {
    if (seed.includes('@'))
      throw new ConfigurationError(
        `option "${where}" has an "@"; an address is "host:port", and the sentinels' user and password are the options "sentinelUsername" and "sentinelPassword"`
      )
    const parsed = parseAddress(seed, DEFAULT_SENTINEL_PORT)
    if (parsed.ok) return parsed.address
    throw new ConfigurationError(`option "${where}": ${parsed.reason}`)
  }
  const { host, port = DEFAULT_SENTINEL_PORT } = (seed ?? {}) as { host?: unknown; port?: unknown }
  const number = parsePort(port)
  if (typeof host !== 'string' || !/^[^\s@[\]]+$/.test(host)) {
    throw new ConfigurationError(
      `option "${where}" is ${show(seed)}, its host ${show(host)}; an address is "host:port" or { host, port }, with a host name or an IP address without brackets`
    )
  }
  if (number === undefined)
    throw new ConfigurationError(`option "${where}.port" is ${show(port)}; a port is a whole number from 1 to 65535`)
  return { host, port: number }
}

/** The policy as given, when it is one. Throws ConfigurationError naming `where` otherwise. */
export function checkReadFrom(where: string, value: unknown): ReadFrom {
  if (typeof value === 'function') return value as ReadFrom
  const policy = READ_POLICIES.find((name) => name === value)
  if (policy !== undefined) return policy
  throw unknownChoice(where, value, READ_POLICIES, ', or a function (topology, command) => candidates')
}

function choice<Name extends keyof typeof CHOICES>(
  o: Readonly<Record<string, unknown>>,
  name: Name
): (typeof CHOICES)[Name][number] | undefined {
  const value = o[name]
  if (value === undefined) return undefined
  const found = CHOICES[name].find((allowed) => allowed === value)
  if (found === undefined) throw unknownChoice(`option "${name}"`, value, CHOICES[name])
  return found
}

function unknownChoice(where: string, value: unknown, allowed: readonly string[], more = ''): ConfigurationError {
  const nearest = typeof value === 'string' ? nearestName(value, allowed) : undefined
  return new ConfigurationError(
    `${where} is ${show(value)}; allowed: ${allowed.join(', ')}${more}${nearest === undefined ? '' : `. Did you mean "${nearest}"?`}`
  )
}

/** A timer of Node that is told to wait longer fires at once. */
const LONGEST_MS = 2_147_483_647

function duration(o: Readonly<Record<string, unknown>>, name: string, least = 0, more = ''): number | undefined {
  const value = o[name]
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= least && value <= LONGEST_MS) return value
  throw new ConfigurationError(
    `option "${name}" is ${show(value)}; allowed is a number of milliseconds from ${least} to ${LONGEST_MS}${more}`
  )
}

function count(o: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = o[name]
  if (value === undefined) return undefined
  if (value === Infinity || (typeof value === 'number' && Number.isInteger(value) && value >= 0)) return value
  throw new ConfigurationError(`option "${name}" is ${show(value)}; allowed is a whole number from 0, or Infinity`)
}

function textOption(o: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = o[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw new ConfigurationError(`option "${name}" is of type ${typeof value}; allowed is a string`)
}

function tlsOption(o: Readonly<Record<string, unknown>>, name: string): ConnectionOptions | undefined {
  const value = o[name]
  if (value === undefined || value === null || value === false) return undefined
  if (value === true) return {}
  if (typeof value === 'object') return value
  throw new ConfigurationError(
    `option "${name}" is ${show(value)}; allowed is true, or options of node:tls such as { ca, servername }`
  )
}

function addressMapper(map: unknown): ResolvedOptions['mapAddress'] {
  if (map === undefined) return (address) => address
  if (typeof map === 'function') {
    return (address, kind) => (map as (address: Address, kind: string) => Address | undefined)(address, kind) ?? address
  }
  if (typeof map !== 'object' || map === null)
    throw new ConfigurationError(`option "addressMap" is ${show(map)}; allowed is an object or a function`)
  const table = new Map<string, Address>()
  for (const [announced, reached] of Object.entries(map)) {
    table.set(
      formatAddress(mappedAddress(announced, 'addressMap')),
      mappedAddress(reached, `addressMap["${announced}"]`)
    )
  }
  return (address) => table.get(formatAddress(address)) ?? address
}

/** Nodes and sentinels are both mapped: no port goes without saying. */
function mappedAddress(value: unknown, where: string): Address {
  const bare =
    typeof value === 'string'
      ? /^(?:\[[^\]]*\]|[^:]*)$/.test(value)
      : (value as Partial<Address> | null)?.port === undefined
  if (bare) throw new ConfigurationError(`option "${where}" has ${show(value)}, without a port; allowed is "host:port"`)
  return seedAddress(value, where)
}

/** A wrong value in words. What may hold a password is not repeated. */
function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value !== 'string') return String(value)
  if (value.includes('@')) return 'a string with an "@"'
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}
