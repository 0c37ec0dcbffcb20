import type { RedisOptions } from 'ioredis'
import type { Logger } from 'pino'
import type { ConnectionOptions } from 'node:tls'
import { parseConnectionUrl } from './connection-url.js'
import { ConfigurationError } from './errors.js'
import { nearestName } from './nearest.js'
import type { AccessOptions, CredentialsFunction, TlsFunction } from './options/access.js'
import { accessOptions, withoutReplaced } from './options/access.js'
import type { RouteTo } from './options/addresses.js'
import { routing, seeds } from './options/addresses.js'
import type { KeptRedisOption } from './options/ioredis.js'
import { COUNTERPARTS, KEPT_NAMES, redisOptions, WITHOUT_EFFECT } from './options/ioredis.js'
import { readOnlyCommands } from './options/read-only-commands.js'
import type { Given, HedgeLimits } from './options/values.js'
import type { Zones } from './options/zones.js'
import { zonesOption } from './options/zones.js'
import {
  amount,
  checkLogger,
  checkReadFrom,
  choice,
  count,
  duration,
  hedgeLimits,
  nameOption,
  show
} from './options/values.js'
import type { Address } from './protocol/address.js'
import type { ReadFrom } from './routing/read-policy.js'
import type { SubscribeTo } from './routing/subscribe-policy.js'
import type { PromotionMode } from './topology/reduce.js'

/** A sentinel as `host`, `host:port`, `[v6]:port` or `{ host, port }`. The port defaults to 26379. */
export type SentinelSeed = string | { readonly host: string; readonly port?: number }

/** Where an announced address is really reached from here: behind NAT, in containers, through a port-forward. */
export type AddressMap =
  | AddressTable
  | {
      readonly sentinel?: AddressTable | undefined
      readonly primary?: AddressTable | undefined
      readonly replica?: AddressTable | undefined
    }
  | ((address: Address, kind: 'sentinel' | 'primary' | 'replica') => Address | string | undefined)

/** `{ "announced:port": "reachable:port" }`. */
export type AddressTable = Readonly<Record<string, string | Address>>

/** The zone of each node, by the address that the sentinels announce. A function that gives undefined, or throws, does not know it. */
export type ZoneMap = Readonly<Record<string, string>> | ((address: Address) => string | undefined)

export interface SentinelRedisOptions extends Pick<RedisOptions, KeptRedisOption> {
  /** The group's name, as in `sentinel monitor <name> …`. Required. */
  name: string
  /** At least one sentinel. They are never forgotten, and their names are resolved anew all the time. Required. */
  sentinels: readonly SentinelSeed[]
  /** ACL user for the sentinels; the default user when only a password is given. */
  sentinelUsername?: string | undefined
  sentinelPassword?: string | undefined
  /**
   * Gives user and password at the nodes, in place of `username` and `password`: asked for new connections, and again when they are to
   * be renewed. See `reauthenticate()`.
   */
  credentials?: CredentialsFunction | undefined
  /** The same for the sentinels, in place of `sentinelUsername` and `sentinelPassword`. */
  sentinelCredentials?: CredentialsFunction | undefined
  /**
   * TLS to the nodes: `true`, options of node:tls, or a function that gives them for each new connection. The certificate must be for
   * the name that the sentinels announce, unless the options have a `servername`.
   */
  tls?: boolean | ConnectionOptions | TlsFunction | undefined
  /** TLS to the sentinels, separately. */
  sentinelTls?: boolean | ConnectionOptions | TlsFunction | undefined
  /** Which nodes answer reads. Default `replicaPreferred`. */
  readFrom?: ReadFrom | undefined
  /**
   * Where subscriptions are. `primary` (default): on the client's own connection. `replica`: at a replica, on a connection of their own; without
   * one they wait. `replicaPreferred`: at a replica, and at the primary while there is none.
   */
  subscribeTo?: SubscribeTo | undefined
  /**
   * `readYourWrites` (default): a read of a key that this client wrote goes to the primary until a replica is known to hold
   * the write. `eventual`: any replica, at once.
   */
  consistency?: 'readYourWrites' | 'eventual' | undefined
  /**
   * Commands that only read and that this library does not know, such as `json.get` of a module, in any case: with them the same is done
   * as with reads. A name that is known to write is refused. Default none.
   */
  readOnlyCommands?: readonly string[] | undefined
  /** How early a new primary is followed. Default `fast`. */
  promotion?: PromotionMode | undefined
  /**
   * A replica whose data may be older than this is not read from, in milliseconds, from 100. Needs the right to INFO at all nodes.
   * Default Infinity: it is not looked at, and nothing is asked.
   */
  maxLagMs?: number | undefined
  /** Where this client is: nodes of the same zone are read from first. Default: no node is nearer than another. */
  zone?: string | undefined
  /** Where the nodes are. Default: what each says of itself (`availability-zone` of Valkey 8 and later). Needs `zone`. */
  zones?: ZoneMap | undefined
  /** From when on writes wait for a new primary. Default `odown`. */
  holdWrites?: 'odown' | 'failover' | 'never' | undefined
  /** The longest that writes are held while the old primary still answers and no failover comes of it. Default 15 000. */
  holdLimitMs?: number | undefined
  /** Silence of the oldest command in flight after which new ones wait here. Default 100. */
  suspectAfterMs?: number | undefined
  /** A read that a replica has not answered when it usually has is asked of another node too; the first answer counts. Default true. */
  hedge?: boolean | undefined
  /** The least time after which that is done, however fast the replica usually is. Default 10. */
  hedgeMinMs?: number | undefined
  /** The longest, however slow it usually is, or while that is not known. Default 50. */
  hedgeMaxMs?: number | undefined
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
  /** How many transaction() run at a time, each on a connection of its own, at most 1000; more of them wait. Default 10. */
  maxTransactions?: number | undefined
  /** How often each sentinel is asked beside its events, give or take a fifth. Default 2 000; ten times a second during a failover. */
  pollIntervalMs?: number | undefined
  /** The longest wait for a sentinel's connection or answer. Default 1 000. */
  sentinelTimeoutMs?: number | undefined
  /**
   * Where what the sentinels announce is reached from here, for sentinels, primary and replicas: an object, one for each role, or a function that
   * is told the role. What it does not name is reached as announced. One that throws or gives no address is told in the log, and passed over.
   */
  addressMap?: AddressMap | undefined
  /** A pino logger; a child of it is used. Silent by default. */
  logger?: Logger | undefined
}

/** Options after checking, with every default filled in. */
export interface ResolvedOptions {
  readonly name: string
  readonly sentinels: readonly Address[]
  /** How the nodes are entered. */
  readonly node: AccessOptions
  readonly sentinel: AccessOptions
  readonly readFrom: ReadFrom
  readonly subscribeTo: SubscribeTo
  readonly consistency: 'readYourWrites' | 'eventual'
  /** In lower case, and only those that are no reads without it; undefined: none. */
  readonly readOnlyCommands: ReadonlySet<string> | undefined
  /** Infinity: not looked at. */
  readonly maxLagMs: number
  /** Undefined: no node is nearer than another. */
  readonly zones: Zones | undefined
  readonly promotion: PromotionMode
  readonly holdWrites: 'odown' | 'failover' | 'never'
  readonly holdLimitMs: number
  readonly suspectAfterMs: number
  /** Undefined: switched off. */
  readonly hedge: HedgeLimits | undefined
  /** Undefined: from the sentinels' own down-after. */
  readonly deadlineMs: number | undefined
  readonly connectDeadlineMs: number
  readonly maxQueuedCommands: number
  readonly maxQueuedBytes: number
  readonly maxTransactions: number
  readonly pollIntervalMs: number
  readonly sentinelTimeoutMs: number
  readonly connectTimeoutMs: number
  /** Throws ConfigurationError when the user's function of addresses does, or gives what is no address. */
  readonly routeTo: RouteTo
  /** The announced addresses that an object names. */
  readonly mappedAddresses: readonly string[]
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

/** Less cannot be told: the nodes are asked 20 times a second at most. */
const LEAST_LAG_MS = 100

const OWN: readonly string[] = [
  'name',
  'sentinels',
  'sentinelUsername',
  'sentinelPassword',
  'credentials',
  'sentinelCredentials',
  'tls',
  'sentinelTls',
  'readFrom',
  'subscribeTo',
  'consistency',
  'readOnlyCommands',
  'maxLagMs',
  'zone',
  'zones',
  'promotion',
  'holdWrites',
  'holdLimitMs',
  'suspectAfterMs',
  'hedge',
  'hedgeMinMs',
  'hedgeMaxMs',
  'deadlineMs',
  'connectDeadlineMs',
  'maxQueuedCommands',
  'maxQueuedBytes',
  'maxTransactions',
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
    ...(typeof first === 'string' ? withoutReplaced(parseConnectionUrl(first), overriding) : first),
    ...overriding
  } as SentinelRedisOptions
  checkNames(given)
  const o = given as unknown as Given
  const routes = routing(o['addressMap'])
  return {
    name: nameOption(o['name']),
    sentinels: seeds(o['sentinels']),
    node: accessOptions(o, 'node'),
    sentinel: accessOptions(o, 'sentinel'),
    readFrom: o['readFrom'] === undefined ? 'replicaPreferred' : checkReadFrom('option "readFrom"', o['readFrom']),
    subscribeTo: choice(o, 'subscribeTo') ?? 'primary',
    consistency: choice(o, 'consistency') ?? 'readYourWrites',
    readOnlyCommands: readOnlyCommands(o),
    maxLagMs:
      o['maxLagMs'] === Infinity ? Infinity : (duration(o, 'maxLagMs', LEAST_LAG_MS, ', or Infinity') ?? Infinity),
    zones: zonesOption(o),
    promotion: choice(o, 'promotion') ?? 'fast',
    holdWrites: choice(o, 'holdWrites') ?? 'odown',
    holdLimitMs: duration(o, 'holdLimitMs') ?? 15_000,
    suspectAfterMs: duration(o, 'suspectAfterMs', 1) ?? 100,
    hedge: hedgeLimits(o),
    deadlineMs: o['deadlineMs'] === Infinity ? Infinity : duration(o, 'deadlineMs', 1, ', or Infinity'),
    connectDeadlineMs: duration(o, 'connectDeadlineMs', 1) ?? 10_000,
    maxQueuedCommands: count(o, 'maxQueuedCommands') ?? 100_000,
    maxQueuedBytes: count(o, 'maxQueuedBytes') ?? 64 * 1024 * 1024,
    maxTransactions: amount(o, 'maxTransactions', 1_000) ?? 10,
    pollIntervalMs: duration(o, 'pollIntervalMs', 50) ?? 2_000,
    sentinelTimeoutMs: duration(o, 'sentinelTimeoutMs', 10) ?? 1_000,
    connectTimeoutMs: duration(o, 'connectTimeout', 1) ?? 1_000,
    routeTo: routes.to,
    mappedAddresses: routes.entries,
    logger: checkLogger(o['logger']),
    redis: redisOptions(o),
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
