import { readFileSync } from 'node:fs'

/** What an example is told by its environment. Durations in milliseconds, rates per second. */
export interface Settings {
  readonly connection: Connection
  readonly rate: number
  readonly heartbeatRate: number
  readonly key: string
  readonly writerId: string
  readonly keep: number
  readonly httpHost: string
  readonly httpPort: number
  readonly logLevel: LogLevel
  readonly graceMs: number
  readonly stallMs: number
  readonly report: Report
}

/** Where the sentinels are, and who we are to them and to the nodes. With `url`, name and sentinels come from it. */
export interface Connection {
  readonly url?: string
  readonly name?: string
  readonly sentinels?: readonly string[]
  readonly username?: string
  readonly password?: string
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  readonly readFrom?: string
}

export type Environment = Readonly<Record<string, string | undefined>>
export type Loaded =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: readonly string[] }

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const REPORTS = ['none', 'ipc'] as const
type Report = (typeof REPORTS)[number]

const DEFAULT_KEY = 'ioredis-sentinel:example'

/** Reads all of it and tells every problem at once, one line each. */
export function loadSettings(env: Environment, defaultWriterId: string): Loaded {
  const read = new EnvironmentReader(env)
  const settings: Settings = {
    connection: readConnection(read),
    rate: read.number('RATE', { fallback: 200, min: 0.1, max: 100_000, unit: 'operations per second' }),
    heartbeatRate: read.number('HEARTBEAT_RATE', { fallback: 50, min: 0, max: 1000, unit: 'heartbeats per second' }),
    key: read.text('KEY') ?? DEFAULT_KEY,
    writerId: read.text('WRITER_ID') ?? defaultWriterId,
    keep: read.whole('KEEP', { fallback: 1_000_000, min: 0, max: 2 ** 32, unit: 'list entries kept, 0 keeps all' }),
    httpHost: read.text('HTTP_HOST') ?? '0.0.0.0',
    httpPort: read.whole('HTTP_PORT', { fallback: 8080, min: 0, max: 65_535, unit: 'port, 0 takes a free one' }),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    graceMs: read.whole('GRACE_MS', { fallback: 25_000, min: 0, max: 600_000, unit: 'milliseconds' }),
    stallMs: read.whole('STALL_MS', { fallback: 10_000, min: 100, max: 600_000, unit: 'milliseconds' }),
    report: read.oneOf('REPORT', REPORTS, 'none')
  }
  return read.problems.length === 0 ? { ok: true, settings } : { ok: false, problems: read.problems }
}

function readConnection(read: EnvironmentReader): Connection {
  const url = read.text('REDIS_URL')
  const sentinels = read.addresses('REDIS_SENTINELS')
  const name = read.text('REDIS_NAME')
  if (url !== undefined && (sentinels !== undefined || name !== undefined)) {
    read.problem('REDIS_URL is set beside REDIS_SENTINELS or REDIS_NAME: set either the URL or those two')
  }
  if (url === undefined && sentinels === undefined) {
    read.problem(
      'REDIS_SENTINELS is not set: give host:port,host:port (or REDIS_URL=redis+sentinel://host:port,host:port/name)'
    )
  }
  if (url === undefined && name === undefined) {
    read.problem('REDIS_NAME is not set: give the name the sentinels know the group by ("sentinel monitor <name> …")')
  }
  const username = read.text('REDIS_USERNAME')
  const password = read.secret('REDIS_PASSWORD')
  const sentinelUsername = read.text('REDIS_SENTINEL_USERNAME')
  const sentinelPassword = read.secret('REDIS_SENTINEL_PASSWORD')
  const readFrom = read.text('READ_FROM')
  return {
    ...(url !== undefined && { url }),
    ...(name !== undefined && { name }),
    ...(sentinels !== undefined && { sentinels }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(readFrom !== undefined && { readFrom })
  }
}

interface Range {
  readonly fallback: number
  readonly min: number
  readonly max: number
  readonly unit: string
}

class EnvironmentReader {
  readonly problems: string[] = []

  constructor(private readonly env: Environment) {}

  problem(text: string): void {
    this.problems.push(text)
  }

  text(variable: string): string | undefined {
    const value = this.env[variable]?.trim()
    return value === '' ? undefined : value
  }

  /** A value, or the content of the file that `<variable>_FILE` names, as Kubernetes and Docker mount secrets. */
  secret(variable: string): string | undefined {
    const direct = this.env[variable]
    const file = this.text(`${variable}_FILE`)
    if (file === undefined) return direct === '' ? undefined : direct
    if (direct !== undefined && direct !== '') {
      this.problem(`${variable} and ${variable}_FILE are both set: set one of them`)
      return undefined
    }
    try {
      return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      this.problem(`${variable}_FILE names "${file}", which cannot be read: ${(error as Error).message}`)
      return undefined
    }
  }

  number(variable: string, range: Range): number {
    const text = this.text(variable)
    if (text === undefined) return range.fallback
    const value = Number(text)
    if (Number.isFinite(value) && value >= range.min && value <= range.max) return value
    this.problem(`${variable} is "${text}": give a number from ${range.min} to ${range.max} (${range.unit})`)
    return range.fallback
  }

  whole(variable: string, range: Range): number {
    const text = this.text(variable)
    if (text === undefined) return range.fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= range.min && value <= range.max) return value
    this.problem(`${variable} is "${text}": give a whole number from ${range.min} to ${range.max} (${range.unit})`)
    return range.fallback
  }

  oneOf<const T extends string>(variable: string, allowed: readonly T[], fallback: T): T {
    const text = this.text(variable)
    if (text === undefined) return fallback
    const found = allowed.find((word) => word === text)
    if (found === undefined) this.problem(`${variable} is "${text}": give one of ${allowed.join(', ')}`)
    return found ?? fallback
  }

  addresses(variable: string): readonly string[] | undefined {
    const text = this.text(variable)
    if (text === undefined) return undefined
    const parts = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
    if (parts.length === 0) this.problem(`${variable} is "${text}": give host:port,host:port`)
    for (const part of parts) {
      const match = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]]+)(?::(?<port>\d+))?$/.exec(part)
      const port = Number(match?.groups?.['port'] ?? 26_379)
      if (match === null || port < 1 || port > 65_535) {
        this.problem(`${variable} has "${part}": give host:port with a port from 1 to 65535, IPv6 as [::1]:26379`)
      }
    }
    return parts
  }
}
