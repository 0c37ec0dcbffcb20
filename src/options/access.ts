import type { ConnectionOptions } from 'node:tls'
import { ConfigurationError } from '../errors.js'
import type { Hop } from '../protocol/access.js'
import type { Address } from '../protocol/address.js'
import type { Credentials } from '../protocol/handshake.js'
import type { Given } from './values.js'
import { show, textOption } from './values.js'

/** What a function of `credentials` or `sentinelCredentials` gives. */
export interface GivenCredentials {
  /** ACL user; the default user when there is none. */
  readonly username?: string | undefined
  readonly password: string
  /**
   * Good for so long, in milliseconds from 1: connections made meanwhile use them without asking again, and when it is over the
   * function is called again and live connections are authenticated anew. Without it, it is called for each new connection.
   */
  readonly refreshAfterMs?: number | undefined
}

/** For whom credentials are asked for. */
export interface CredentialsRequest {
  /** `node`: the primary or a replica. `sentinel`: a sentinel. */
  readonly hop: Hop
  /** Aborted when the answer comes too late to be used: after 10 s. */
  readonly signal: AbortSignal
}

/** Gives user and password, now or later. It may throw or reject: the connection is then tried again a little later. */
export type CredentialsFunction = (request: CredentialsRequest) => GivenCredentials | Promise<GivenCredentials>

/** The connection that TLS options are asked for. */
export interface TlsRequest {
  /** `node`: the primary or a replica. `sentinel`: a sentinel. */
  readonly hop: Hop
  /** As the sentinels announce it, or as it stands in `sentinels`. */
  readonly announced: Address
  /** Where the connection goes to. */
  readonly reached: Address
  /** Aborted when the answer comes too late to be used: after 10 s. */
  readonly signal: AbortSignal
}

/** Gives the options of node:tls for one new connection, now or later. It may throw or reject: the connection is tried again a little later. */
export type TlsFunction = (connection: TlsRequest) => ConnectionOptions | Promise<ConnectionOptions>

/** How one hop is entered, as the user has said. */
export interface AccessOptions {
  readonly hop: Hop
  readonly credentials: Credentials | CredentialsFunction
  readonly tls: ConnectionOptions | TlsFunction | undefined
}

const NAMES = {
  node: { credentials: 'credentials', username: 'username', password: 'password', tls: 'tls' },
  sentinel: {
    credentials: 'sentinelCredentials',
    username: 'sentinelUsername',
    password: 'sentinelPassword',
    tls: 'sentinelTls'
  }
} as const

/** What the options are called that have to do with this hop. */
export function accessNames(hop: Hop): (typeof NAMES)[Hop] {
  return NAMES[hop]
}

export function accessOptions(o: Given, hop: Hop): AccessOptions {
  const names = NAMES[hop]
  // As in ioredis, where environment variables that are not set are often given as empty texts: no user is the default user, and without
  // a password either nothing is sent.
  const username = textOption(o, names.username) || undefined
  const word = textOption(o, names.password)
  const password = username === undefined ? word || undefined : word
  const given = o[names.credentials] ?? undefined
  if (given !== undefined && typeof given !== 'function')
    throw new ConfigurationError(
      `option "${names.credentials}" is of type ${typeof given}; allowed is a function that gives { username, password }`
    )
  if (given !== undefined && (username !== undefined || password !== undefined))
    throw new ConfigurationError(
      `option "${names.credentials}" is given beside "${password === undefined ? names.username : names.password}": give one of them`
    )
  return {
    hop,
    credentials: (given as CredentialsFunction | undefined) ?? { username, password },
    tls: tlsOption(o, names.tls)
  }
}

/** A URL's options without the user and the password in whose place the options beside it give a function. */
export function withoutReplaced(ofUrl: Given, beside: Given): Given {
  const replaced = Object.values(NAMES).flatMap(({ credentials, username, password }) =>
    beside[credentials] === undefined ? [] : [username, password]
  )
  return Object.fromEntries(Object.entries(ofUrl).filter(([name]) => !replaced.some((one) => one === name)))
}

function tlsOption(o: Given, name: string): ConnectionOptions | TlsFunction | undefined {
  const value = o[name]
  if (value === undefined || value === null || value === false) return undefined
  if (value === true) return {}
  if (typeof value === 'object') return value
  if (typeof value === 'function') return value as TlsFunction
  throw new ConfigurationError(
    `option "${name}" is ${show(value)}; allowed is true, options of node:tls such as { ca, servername }, or a function that gives them`
  )
}

/** Why this is not what a function of `credentials` should give; undefined when it is. Nothing of the value is repeated. */
export function unfitCredentials(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `gave ${typeOf(value)}; it should give { username, password }`
  const { username, password, refreshAfterMs } = value as Record<string, unknown>
  if (typeof password !== 'string') return `gave a password that is ${typeOf(password)}; it should be a string`
  if (username !== undefined && username !== null && typeof username !== 'string')
    return `gave a username that is ${typeOf(username)}; it should be a string, or left out`
  if (refreshAfterMs === undefined || refreshAfterMs === Infinity) return undefined
  return typeof refreshAfterMs === 'number' && refreshAfterMs >= 1
    ? undefined
    : 'gave a refreshAfterMs that is no number of milliseconds from 1'
}

/** The same for `tls`. */
export function unfitTls(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null
    ? undefined
    : `gave ${typeOf(value)}; it should give options of node:tls`
}

function typeOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
