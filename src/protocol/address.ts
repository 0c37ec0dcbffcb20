/** Where a node or a sentinel listens: a host name or IP address, and a TCP port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** A server as it is known, and where this process reaches it. */
export interface Route {
  /** As the sentinels announce it, or the user names it: its identity. */
  readonly announced: Address
  /** Where the connection goes to: through an address map, or a name's address. */
  readonly reached: Address
}

/** The port a sentinel listens on when none is given (redis `sentinel.h`, REDIS_SENTINEL_PORT). */
export const DEFAULT_SENTINEL_PORT = 26379

/** `host:port`, with an IPv6 host in brackets. Two addresses are the same node when these strings are equal. */
export function formatAddress(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

export function sameAddress(a: Address | undefined, b: Address | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.port === b.port && a.host === b.host
}

/** `host:port`, and the way there where it is another one. */
export function formatRoute({ announced, reached }: Route): string {
  const name = formatAddress(announced)
  return sameAddress(announced, reached) ? name : `${name} (reached at ${formatAddress(reached)})`
}

export type ParsedAddress =
  { readonly ok: true; readonly address: Address } | { readonly ok: false; readonly reason: string }

const AUTHORITY = /^(?:\[(?<v6>[^[\]]*)\]|(?<host>[^:[\]]*))(?::(?<port>[^:]*))?$/

/** Reads `host`, `host:port`, `[v6]` or `[v6]:port`. Never throws: the reason says what is wrong and what is allowed. */
export function parseAddress(text: string, defaultPort: number): ParsedAddress {
  const trimmed = text.trim()
  const groups = AUTHORITY.exec(trimmed)?.groups
  if (groups === undefined) {
    return { ok: false, reason: `"${text}" is not host:port (an IPv6 address needs brackets: [::1]:${defaultPort})` }
  }
  const host = groups['v6'] ?? groups['host'] ?? ''
  if (host === '' || /\s/.test(host)) return { ok: false, reason: `"${text}" has no host` }
  const portText = groups['port']
  const port = portText === undefined ? defaultPort : parsePort(portText)
  if (port === undefined) {
    return { ok: false, reason: `"${text}" has port "${portText}"; a port is a whole number from 1 to 65535` }
  }
  return { ok: true, address: { host, port } }
}

/** A port as sentinels and users write it, or undefined when it is not a whole number from 1 to 65535. */
export function parsePort(value: unknown): number | undefined {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined
}
