import { ConfigurationError } from './errors.js'
import { nearestName } from './nearest.js'
import { parseAddress } from './protocol/address.js'

/** The schemes, and whether they mean TLS on both hops. */
const SCHEMES: Readonly<Record<string, boolean>> = { 'redis+sentinel': false, 'rediss+sentinel': true }

type Reader = (text: string) => unknown

const text: Reader = (value) => value
const flag: Reader = (value) => (value === 'true' ? true : value === 'false' ? false : value)
const number: Reader = (value) => (/^-?(\d+(\.\d+)?|Infinity)$/.test(value) ? Number(value) : value)

/** Options that a URL's query may carry; values of the wrong form are left as text, for the option's own check to name them. */
const QUERY: Readonly<Record<string, Reader>> = {
  readFrom: text,
  subscribeTo: text,
  promotion: text,
  holdWrites: text,
  consistency: text,
  zone: text,
  maxLagMs: number,
  connectionName: text,
  keyPrefix: text,
  sentinelUsername: text,
  sentinelPassword: text,
  lazyConnect: flag,
  enableAutoPipelining: flag,
  enableOfflineQueue: flag,
  stringNumbers: flag,
  protocol: number,
  family: number,
  deadlineMs: number,
  connectDeadlineMs: number,
  holdLimitMs: number,
  suspectAfterMs: number,
  hedge: flag,
  hedgeMinMs: number,
  hedgeMaxMs: number,
  pollIntervalMs: number,
  sentinelTimeoutMs: number,
  connectTimeout: number,
  commandTimeout: number,
  keepAlive: number,
  maxQueuedCommands: number,
  maxQueuedBytes: number,
  maxTransactions: number
}

/**
 * `redis+sentinel://[user[:password]@]host[:port][,host[:port]…]/name[/db][?option=value…]` as an options object.
 * `rediss+sentinel://` means TLS to sentinels and nodes. User, password, name and values are percent-decoded.
 * Throws ConfigurationError; the message never repeats the password.
 */
export function parseConnectionUrl(url: string): Record<string, unknown> {
  const split = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/i.exec(url)
  const scheme = split?.[1]?.toLowerCase() ?? ''
  const tls = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined
  if (split === null || tls === undefined) {
    throw new ConfigurationError(
      `the URL ${scheme === '' ? 'has no scheme' : `begins with "${scheme}://"`}; a Sentinel URL is redis+sentinel://host:port,host:port/name (rediss+sentinel:// for TLS)`
    )
  }
  const [, , authority = '', path = '', query = ''] = split
  const at = authority.lastIndexOf('@')
  const hosts = authority.slice(at + 1).split(',')
  const behind = url.slice(scheme.length + '://'.length + authority.length)
  if (behind.includes('@') && (behind.includes('#') || !isWellFormed(hosts, path, query))) throw strayAt()
  if (behind.includes('#')) {
    throw new ConfigurationError(
      'the URL has a "#", and a Sentinel URL has no fragment: in a name or a value it is written %23'
    )
  }
  const [name, db, ...extra] = path
    .split('/')
    .slice(1)
    .map((part) => decode(part, 'path'))
  if (name === undefined || name === '') {
    throw new ConfigurationError(`the URL names no group: ${scheme}://host:port/NAME, for example /mymaster`)
  }
  if (extra.some((part) => part !== ''))
    throw new ConfigurationError(
      `the URL's path is /${name}/${db ?? ''}/${extra.join('/')}; allowed is /name or /name/db`
    )
  return {
    ...credentials(at === -1 ? '' : authority.slice(0, at)),
    sentinels: hosts,
    name,
    ...(db === undefined || db === '' ? {} : { db: number(db) }),
    ...(tls ? { tls: {}, sentinelTls: {} } : {}),
    ...queryOptions(query)
  }
}

/**
 * Whether a URL with an "@" behind its authority may be meant as it stands (?keyPrefix=a@b). Otherwise a "/", "?" or "#" in the
 * password has cut it, and a part of the password may be taken for anything: none of that is repeated.
 */
function isWellFormed(hosts: readonly string[], path: string, query: string): boolean {
  return (
    hosts.every((host) => parseAddress(host, 1).ok) &&
    /^\/[^/@]+(\/\d*)?\/?$/.test(path) &&
    [...new URLSearchParams(query).keys()].every((name) => Object.hasOwn(QUERY, name))
  )
}

function strayAt(): ConfigurationError {
  return new ConfigurationError(
    `the URL has an "@" behind its first "/", "?" or "#"; in the user and the password these are written %2F, %3F and %23, and a name's "@" is written %40`
  )
}

function credentials(userinfo: string): Record<string, string> {
  if (userinfo === '') return {}
  const colon = userinfo.indexOf(':')
  const username = decode(colon === -1 ? userinfo : userinfo.slice(0, colon), 'user')
  const password = colon === -1 ? undefined : decode(userinfo.slice(colon + 1), 'password')
  return { ...(username === '' ? {} : { username }), ...(password === undefined ? {} : { password }) }
}

function queryOptions(query: string): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(query)) {
    const read = Object.hasOwn(QUERY, name) ? QUERY[name] : undefined
    if (read === undefined) {
      const nearest = nearestName(name, Object.keys(QUERY))
      throw new ConfigurationError(
        `the URL's query has "${name}", which is not an option for a URL${nearest === undefined ? '.' : `; did you mean "${nearest}"?`} Allowed: ${Object.keys(QUERY).join(', ')}`
      )
    }
    options[name] = read(value)
  }
  return options
}

function decode(part: string, where: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new ConfigurationError(
      `the URL's ${where} has a "%" that is not followed by two hexadecimal digits; write it as %25`
    )
  }
}
