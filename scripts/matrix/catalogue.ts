/** Where a server comes from: the machine itself, or a package of Debian's next release. */
export type Origin = 'machine' | 'debian'

export interface ServerKind {
  readonly origin: Origin
  /** How `redis-server --version` begins, which the server has to bear out. */
  readonly product: 'Redis' | 'Valkey'
  /** Major and minor number. */
  readonly version: string
  /** What its programs are called: `<prefix>-server` and `<prefix>-sentinel`. */
  readonly prefix: 'redis' | 'valkey'
}

export const SERVERS = {
  'redis-7.0': { origin: 'machine', product: 'Redis', version: '7.0', prefix: 'redis' },
  'redis-8.0': { origin: 'debian', product: 'Redis', version: '8.0', prefix: 'redis' },
  'valkey-8.1': { origin: 'debian', product: 'Valkey', version: '8.1', prefix: 'valkey' }
} as const satisfies Readonly<Record<string, ServerKind>>

export type ServerName = keyof typeof SERVERS

export const SERVER_NAMES = Object.keys(SERVERS) as readonly ServerName[]

/** Major versions of Node. */
export const NODES = [20, 22, 24] as const

export type NodeMajor = (typeof NODES)[number]

/** What a server says of itself: `Valkey server v=8.1.1 sha=…`. Undefined when it is neither of the two. */
export function versionIn(text: string): { readonly product: string; readonly version: string } | undefined {
  const [, product, version] = /^(Redis|Valkey) server v=(\d+\.\d+\.\d+)/.exec(text) ?? []
  return product === undefined || version === undefined ? undefined : { product, version }
}

/** Why the server that said this is not the one of that name; undefined when it is. */
export function mismatch(name: ServerName, text: string): string | undefined {
  const { product, version } = SERVERS[name]
  const found = versionIn(text)
  if (found === undefined) return `"${text.split('\n')[0] ?? ''}" is the version of neither Redis nor Valkey`
  const isRight = found.product === product && found.version.startsWith(`${version}.`)
  return isRight ? undefined : `it is ${found.product} ${found.version}, and ${product} ${version} was asked for`
}
