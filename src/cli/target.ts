import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ConfigurationError, SentinelRedis, type SentinelRedisOptions } from '../index.js'
import { wholeMs } from './arguments.js'

/** Where to ask, and who we are there. Beside a URL, the options are added to what it says. */
export interface Target {
  readonly url?: string
  readonly options: TargetOptions
  /** How long each step may take, in milliseconds. */
  readonly timeoutMs: number
}

/** No flag gives a function. */
export type TargetOptions = Omit<Partial<SentinelRedisOptions>, 'tls' | 'sentinelTls'> & {
  readonly tls?: boolean | ConnectionOptions
  readonly sentinelTls?: boolean | ConnectionOptions
}

/** The flags of every command that asks a group. */
export interface TargetFlags {
  readonly sentinels?: readonly string[]
  readonly name?: string
  readonly url?: string
  readonly username?: string
  readonly password?: string
  readonly passwordFile?: string
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  readonly sentinelPasswordFile?: string
  readonly tls?: boolean
  readonly sentinelTls?: boolean
  readonly ca?: string
  readonly timeout: number
}

export const TARGET_HELP =
  'Flags win over the environment. Prefer the environment or a file for passwords: other users of a machine can see a\ncommand line.'

/** Adds the flags by which a group is found. */
export function addTargetFlags(command: Command): Command {
  return command
    .addOption(new Option('--sentinels <h:p,h:p>', 'the sentinels').env('REDIS_SENTINELS').argParser(splitList))
    .addOption(new Option('--name <name>', 'the name the sentinels know the group by').env('REDIS_NAME'))
    .addOption(new Option('--url <url>', 'redis+sentinel://host:port,host:port/name instead of both').env('REDIS_URL'))
    .addOption(new Option('--username <user>', 'ACL user of the nodes').env('REDIS_USERNAME'))
    .addOption(new Option('--password <password>', 'password of the nodes').env('REDIS_PASSWORD'))
    .option('--password-file <path>', 'a file that holds it')
    .addOption(new Option('--sentinel-username <user>', 'ACL user of the sentinels').env('REDIS_SENTINEL_USERNAME'))
    .addOption(new Option('--sentinel-password <password>', 'password of the sentinels').env('REDIS_SENTINEL_PASSWORD'))
    .option('--sentinel-password-file <path>', 'a file that holds it')
    .option('--tls', 'TLS to the nodes')
    .option('--sentinel-tls', 'TLS to the sentinels')
    .option('--ca <path>', 'certificate authority to trust for TLS, PEM')
    .option('--timeout <ms>', 'how long each step may take', wholeMs(100, 600_000), 5000)
}

/** @throws ConfigurationError when it is not said which group, or is said twice, or a file cannot be read. */
export function readTarget(flags: TargetFlags, command: Command): Target {
  const typed = (option: keyof TargetFlags): boolean => command.getOptionValueSource(option) === 'cli'
  if (typed('url') && (typed('sentinels') || typed('name'))) {
    throw new ConfigurationError('--url is given beside --sentinels or --name: give either the URL or those two')
  }
  const useUrl = flags.url !== undefined && !typed('sentinels') && !typed('name')
  if (!useUrl && flags.sentinels === undefined) {
    throw new ConfigurationError('--sentinels is missing: give host:port,host:port, or --url, or set REDIS_SENTINELS')
  }
  if (!useUrl && flags.name === undefined) {
    throw new ConfigurationError('--name is missing: give the name in "sentinel monitor <name> …", or set REDIS_NAME')
  }
  const url = useUrl ? flags.url : undefined
  return {
    ...(url !== undefined && { url }),
    options: {
      ...(!useUrl && { sentinels: flags.sentinels, name: flags.name }),
      ...credentials(flags, url)
    },
    timeoutMs: flags.timeout
  }
}

/**
 * A client of the group that has not connected yet. Its 'error' events are left to whoever awaits connect().
 *
 * @throws ConfigurationError when the target is wrong.
 */
export function openClient({ url, options, timeoutMs }: Target, connectionName: string): SentinelRedis {
  const all = {
    ...options,
    lazyConnect: true,
    connectionName,
    connectDeadlineMs: timeoutMs
  } as SentinelRedisOptions
  const client = url === undefined ? new SentinelRedis(all) : new SentinelRedis(url, all)
  client.on('error', () => undefined)
  return client
}

function credentials(flags: TargetFlags, url: string | undefined): TargetOptions {
  const secured = url?.toLowerCase().startsWith('rediss') === true
  const tls = flags.ca === undefined ? true : { ca: readFile('--ca', flags.ca) }
  const password =
    flags.passwordFile === undefined ? flags.password : readFile('--password-file', flags.passwordFile).trimEnd()
  const sentinelPassword =
    flags.sentinelPasswordFile === undefined
      ? flags.sentinelPassword
      : readFile('--sentinel-password-file', flags.sentinelPasswordFile).trimEnd()
  return {
    ...(flags.username !== undefined && { username: flags.username }),
    ...(password !== undefined && { password }),
    ...(flags.sentinelUsername !== undefined && { sentinelUsername: flags.sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...((flags.tls === true || secured) && { tls }),
    ...((flags.sentinelTls === true || secured) && { sentinelTls: tls })
  }
}

function readFile(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigurationError(`${flag} names "${path}", which cannot be read: ${(error as Error).message}`)
  }
}

function splitList(text: string): readonly string[] {
  const parts = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
  if (parts.length === 0) throw new InvalidArgumentError('Give host:port,host:port.')
  return parts
}
