import { ConfigurationError } from '../errors.js'
import type { Address } from '../protocol/address.js'

/** What to start. Every field may be left out. */
export interface TopologyOptions {
  /** How many replicas follow the primary. 0 is allowed (no failover is possible then). Default 2. */
  readonly replicas?: number
  /** How many sentinels watch them, at least 1. Default 3. */
  readonly sentinels?: number
  /** The name the sentinels know the group by. Default `mymaster`. */
  readonly name?: string
  /** How long a node must be silent before a sentinel holds it to be down, in milliseconds. Default 1000. */
  readonly downAfterMs?: number
  /** The sentinels' failover-timeout in milliseconds: a failed failover is retried after twice this. Default 10 000. */
  readonly failoverTimeoutMs?: number
  /** How many sentinels must agree that the primary is down. Default: more than half. */
  readonly quorum?: number
  /** Password that the nodes require. Default: none. */
  readonly password?: string
  /** Password that the sentinels require. Default: none. */
  readonly sentinelPassword?: string
  /**
   * The name by which a process announces itself, by its kind, where it will listen, and how many processes were made before it. This
   * machine must resolve it to that address, or to one that leads there, when the function returns. With `tls` it is the one name in the
   * certificate. Default: the IP address.
   */
  readonly hostname?: (kind: 'node' | 'sentinel', address: Address, number: number) => string
  /** Serve TLS only, nodes and sentinels, with a certificate per process signed by a CA made for this topology. Needs `openssl`. Default false. */
  readonly tls?: boolean
  /** Path or name of the server. Default: redis-server, else valkey-server, from PATH. */
  readonly serverBinary?: string
  /** Path or name of the sentinel. Default: the sentinel beside the server, else the server with `--sentinel`. */
  readonly sentinelBinary?: string
  /** An existing folder to make the topology's own folder in. Default: the system's temporary folder. */
  readonly directory?: string
  /** More redis.conf directives for every node; they win over the testkit's own. */
  readonly config?: Readonly<Record<string, string>>
  /** More sentinel.conf directives for every sentinel; they win over the testkit's own. */
  readonly sentinelConfig?: Readonly<Record<string, string>>
  /** Told each step (`sentinel 127.31.4.20:11203 started`, …). Default: silent. */
  readonly log?: (line: string) => void
}

export type ResolvedTopologyOptions = Required<
  Omit<TopologyOptions, 'password' | 'sentinelPassword' | 'serverBinary' | 'sentinelBinary' | 'directory' | 'hostname'>
> &
  Pick<TopologyOptions, 'password' | 'sentinelPassword' | 'serverBinary' | 'sentinelBinary' | 'directory' | 'hostname'>

type Check = (value: unknown) => string | undefined

const CHECKS: Readonly<Record<keyof TopologyOptions, Check>> = {
  replicas: wholeNumber(0, 50),
  sentinels: wholeNumber(1, 50),
  name: (value) =>
    typeof value === 'string' && /^[A-Za-z0-9._-]+$/.test(value) ? undefined : 'letters, digits, ".", "-" and "_"',
  downAfterMs: wholeNumber(1, 3_600_000),
  failoverTimeoutMs: wholeNumber(1, 3_600_000),
  quorum: wholeNumber(1, 50),
  password: secret,
  sentinelPassword: secret,
  hostname: (value) => (typeof value === 'function' ? undefined : 'a function (kind, address, number) => string'),
  tls: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  serverBinary: text,
  sentinelBinary: text,
  directory: text,
  config: directives,
  sentinelConfig: directives,
  log: (value) => (typeof value === 'function' ? undefined : 'a function (line: string) => void')
}

function wholeNumber(from: number, to: number): Check {
  return (value) =>
    Number.isInteger(value) && Number(value) >= from && Number(value) <= to
      ? undefined
      : `a whole number from ${from} to ${to}`
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty'
}

function secret(value: unknown): string | undefined {
  return typeof value === 'string' && /^[^\s"'\\]+$/.test(value)
    ? undefined
    : 'a string that is not empty, without spaces, quotes and backslashes'
}

function directives(value: unknown): string | undefined {
  const lines = typeof value === 'object' && value !== null ? Object.entries(value) : undefined
  return lines?.every(([key, line]) => /^\S+$/.test(key) && typeof line === 'string' && !/[\r\n]/.test(line)) === true
    ? undefined
    : 'an object of directive name to value, each on one line: { maxmemory: "100mb" }'
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws ConfigurationError naming the option, what was given and what is allowed.
 */
export function resolveTopologyOptions(options: TopologyOptions): ResolvedTopologyOptions {
  for (const [key, value] of Object.entries(options) as [string, unknown][]) {
    if (!Object.hasOwn(CHECKS, key)) {
      throw new ConfigurationError(
        `startTopology: there is no option "${key}"; allowed are ${Object.keys(CHECKS).join(', ')}`
      )
    }
    const allowed = value === undefined ? undefined : CHECKS[key as keyof TopologyOptions](value)
    if (allowed !== undefined) {
      const given = /password/i.test(key) ? 'the value given' : (JSON.stringify(value) ?? typeof value)
      throw new ConfigurationError(`startTopology: ${key} is ${allowed}, not ${given}`)
    }
  }
  const sentinels = options.sentinels ?? 3
  const quorum = options.quorum ?? Math.floor(sentinels / 2) + 1
  if (quorum > sentinels) {
    throw new ConfigurationError(
      `startTopology: quorum is ${quorum}, but there are only ${sentinels} sentinels to agree`
    )
  }
  return {
    ...options,
    replicas: options.replicas ?? 2,
    sentinels,
    quorum,
    name: options.name ?? 'mymaster',
    downAfterMs: options.downAfterMs ?? 1000,
    failoverTimeoutMs: options.failoverTimeoutMs ?? 10_000,
    tls: options.tls ?? false,
    config: options.config ?? {},
    sentinelConfig: options.sentinelConfig ?? {},
    log: options.log ?? (() => undefined)
  }
}
