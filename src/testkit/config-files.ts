import type { Address } from '../protocol/address.js'
import type { Certificate } from './certificates.js'
import type { ResolvedTopologyOptions } from './options.js'

export interface FileContext {
  readonly options: ResolvedTopologyOptions
  /** As it announces itself. */
  readonly address: Address
  /** Where it listens. */
  readonly ip: string
  readonly directory: string
  /** Redis 7.0 and newer, Valkey: more directives exist. */
  readonly sevenOrNewer: boolean
  readonly certificate?: Certificate | undefined
}

type Directive = readonly [string, string]

/** The text of redis.conf for one node. */
export function nodeConfig(context: FileContext, primary: Address | undefined): string {
  const { options, address } = context
  return lines([
    ...common(context),
    ['replica-announce-ip', address.host],
    ['replica-announce-port', String(address.port)],
    ['appendonly', 'yes'],
    // Written before each reply, so that a killed one has all that it acknowledged: with `everysec` that waits while another thread syncs
    // (`aof.c` flushAppendOnlyFile()).
    ['appendfsync', 'no'],
    ['save', '""'],
    // Without a disk between them a replica is `online`, and counts for min-replicas-to-write, up to a second before it is sent what is
    // written: its first REPLCONF ACK mostly comes too early to count (`replication.c` replconfCommand()).
    ['repl-diskless-sync', 'no'],
    ...when(context.sevenOrNewer, ['enable-debug-command', 'local']),
    ...when(options.password !== undefined, ['requirepass', options.password], ['masterauth', options.password]),
    ...when(primary !== undefined, ['replicaof', `${primary?.host} ${primary?.port}`]),
    ...Object.entries(options.config)
  ])
}

/** A sentinel as the others are told of it from the start, so that nobody waits for the 2 s between their hellos. */
export interface KnownSentinel {
  readonly id: string
  readonly address: Address
}

/** The text of sentinel.conf for one sentinel. */
export function sentinelConfig(
  context: FileContext,
  id: string,
  primary: Address,
  others: readonly KnownSentinel[]
): string {
  const { options, address } = context
  const { name } = options
  return lines([
    ...common(context),
    ['sentinel', `myid ${id}`],
    // Before the first name is read (redis `sentinel.c` createSentinelRedisInstance()).
    ...when(address.host !== context.ip, ['sentinel', 'resolve-hostnames yes'], ['sentinel', 'announce-hostnames yes']),
    ['sentinel', `announce-ip ${address.host}`],
    ['sentinel', `announce-port ${address.port}`],
    ['sentinel', `monitor ${name} ${primary.host} ${primary.port} ${options.quorum}`],
    ['sentinel', `down-after-milliseconds ${name} ${options.downAfterMs}`],
    ['sentinel', `failover-timeout ${name} ${options.failoverTimeoutMs}`],
    ...when(options.password !== undefined, ['sentinel', `auth-pass ${name} ${options.password}`]),
    ...when(
      options.sentinelPassword !== undefined,
      ['requirepass', options.sentinelPassword],
      ['sentinel', `sentinel-pass ${options.sentinelPassword}`]
    ),
    ...others.map((other): Directive => [
      'sentinel',
      `known-sentinel ${name} ${other.address.host} ${other.address.port} ${other.id}`
    ]),
    ...Object.entries(options.sentinelConfig)
  ])
}

function common({ address, ip, directory, sevenOrNewer, certificate }: FileContext): Directive[] {
  return [
    ['bind', ip],
    // Links to other processes start at this address too, so that a partition by address cuts both directions.
    ...when(sevenOrNewer, ['bind-source-addr', ip]),
    ...listening(address, certificate),
    ['protected-mode', 'no'],
    ['daemonize', 'no'],
    ['loglevel', 'notice'],
    ['logfile', '""'],
    ['dir', `"${directory}"`]
  ]
}

function listening(address: Address, certificate: Certificate | undefined): Directive[] {
  if (certificate === undefined) return [['port', String(address.port)]]
  return [
    ['port', '0'],
    ['tls-port', String(address.port)],
    ['tls-cert-file', `"${certificate.certFile}"`],
    ['tls-key-file', `"${certificate.keyFile}"`],
    ['tls-ca-cert-file', `"${certificate.caFile}"`],
    ['tls-auth-clients', 'no'],
    ['tls-replication', 'yes']
  ]
}

function when(condition: boolean, ...directives: (readonly [string, string | undefined])[]): Directive[] {
  return condition ? directives.map(([key, value]): Directive => [key, value ?? '']) : []
}

function lines(directives: readonly Directive[]): string {
  return directives.map(([key, value]) => `${key} ${value}\n`).join('')
}
