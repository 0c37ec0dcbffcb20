import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ConfigurationError, SentinelRedis, type SentinelRedisOptions } from '../index.js'
import { wholeMs } from './arguments.js'
import { nodeCredentialsIn, sentinelCredentialsIn, type UrlCredentials } from './url-credentials.js'

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
  readonly cert?: string
  readonly key?: string
  readonly timeout: number
}

export const TARGET_HELP = `Flags win over the environment, and user and password in a --url over those that the environment has for the same servers.
Prefer the environment or a file for passwords: other users of a machine can see a command line.`

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
    .option('--cert <path>', 'certificate of this client for TLS to both, PEM, where tls-auth-clients asks for one')
    .option('--key <path>', 'the private key of --cert, PEM')
    .option('--timeout <ms>', 'how long each step may take', wholeMs(100, 600_000), 5000)
}

/** @throws ConfigurationError when it is not said which group, or something is said twice, or a file cannot be read. */
export function readTarget(flags: TargetFlags, command: Command): Target {
  const typed = (option: keyof TargetFlags): boolean => command.getOptionValueSource(option) === 'cli'
  if (typed('url') && (typed('sentinels') || typed('name'))) {
    throw new ConfigurationError('--url is given beside --sentinels or --name: give either the URL or those two')
  }
  for (const [word, file] of [
    ['password', 'passwordFile'],
    ['sentinelPassword', 'sentinelPasswordFile']
  ] as const) {
    if (!typed(word) || !typed(file)) continue
    const flag = word === 'password' ? '--password' : '--sentinel-password'
    throw new ConfigurationError(`${flag} is given beside ${flag}-file: give one of them`)
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
      ...credentials(typed('url') ? withoutOverruled(flags, flags.url ?? '', typed) : flags),
      ...tlsOptions(flags, url)
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

/** The flags without what the environment has for a hop of which the URL that was typed has user or password itself. */
function withoutOverruled(flags: TargetFlags, url: string, typed: (option: keyof TargetFlags) => boolean): TargetFlags {
  const overruled = (named: UrlCredentials, options: readonly (keyof TargetFlags)[]): object =>
    named.username === '' && named.password === ''
      ? {}
      : Object.fromEntries(options.filter((option) => !typed(option)).map((option) => [option, undefined]))
  return {
    ...flags,
    ...overruled(nodeCredentialsIn(url), ['username', 'password']),
    ...overruled(sentinelCredentialsIn(url), ['sentinelUsername', 'sentinelPassword'])
  }
}

function credentials(flags: TargetFlags): TargetOptions {
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
    ...(sentinelPassword !== undefined && { sentinelPassword })
  }
}

function tlsOptions(flags: TargetFlags, url: string | undefined): TargetOptions {
  const secured = url?.toLowerCase().startsWith('rediss') === true
  const files = (['ca', 'cert', 'key'] as const).filter((flag) => flags[flag] !== undefined)
  const [first] = files
  if (first !== undefined && !secured && flags.tls !== true && flags.sentinelTls !== true)
    throw new ConfigurationError(
      `--${first} is given without TLS: add --tls, --sentinel-tls or both, or give a rediss+sentinel:// URL`
    )
  if ((flags.cert === undefined) !== (flags.key === undefined))
    throw new ConfigurationError(
      `--${flags.cert === undefined ? 'key' : 'cert'} is given alone: --cert and --key go together, a certificate and its private key`
    )
  const read = files.map((flag) => [flag, readFile(`--${flag}`, flags[flag] ?? '')] as const)
  const tls = first === undefined ? true : (Object.fromEntries(read) satisfies ConnectionOptions)
  return {
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
