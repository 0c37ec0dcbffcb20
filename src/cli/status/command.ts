import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import pc from 'picocolors'
import { ConfigurationError } from '../../index.js'
import { assess, type Health } from './assess.js'
import { collectStatus, type StatusTarget } from './collect.js'
import { renderStatus, statusJson } from './render.js'

const EXIT_CODES: Readonly<Record<Health, number>> = { healthy: 0, degraded: 1, unreachable: 3 }

const HELP = `
Flags win over the environment. Prefer the environment or a file for passwords: other users of a machine can see a
command line.

Exit codes:
  0  healthy: one primary, all replicas linked, all sentinels agree and could carry out a failover
  1  degraded; the last line says why
  2  wrong usage
  3  no sentinel can be asked

Examples:
  ioredis-sentinel status --sentinels 10.0.0.1:26379,10.0.0.2:26379 --name mymaster
  ioredis-sentinel status --url redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster --json
  REDIS_SENTINELS=s-0:26379,s-1:26379 REDIS_NAME=mymaster ioredis-sentinel status --password-file /run/secrets/redis`

interface Flags {
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
  readonly json?: boolean
  readonly timeout: number
}

/** `status`: `finish` is given the exit code. */
export function statusCommand(finish: (exitCode: number) => void): Command {
  return new Command('status')
    .description('Shows the primary, the replicas and the sentinels of a group, and says whether all is well.')
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
    .option('--json', 'machine-readable, on stdout')
    .option('--timeout <ms>', 'how long each step may take', milliseconds, 5000)
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (flags: Flags, command: Command) => {
      const facts = await collectStatus(readTarget(flags, command))
      const assessment = assess(facts)
      const text = flags.json
        ? JSON.stringify(statusJson(facts, assessment), undefined, 2)
        : renderStatus(facts, assessment, pc.createColors(process.stdout.isTTY && pc.isColorSupported))
      process.stdout.write(`${text}\n`)
      finish(EXIT_CODES[assessment.health])
    })
}

function readTarget(flags: Flags, command: Command): StatusTarget {
  const typed = (option: keyof Flags): boolean => command.getOptionValueSource(option) === 'cli'
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
  return {
    ...(useUrl && flags.url !== undefined && { url: flags.url }),
    options: {
      ...(!useUrl && { sentinels: flags.sentinels, name: flags.name }),
      ...credentials(flags)
    },
    timeoutMs: flags.timeout
  }
}

function credentials(flags: Flags): StatusTarget['options'] {
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
    ...(flags.tls === true && { tls }),
    ...(flags.sentinelTls === true && { sentinelTls: tls })
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

function milliseconds(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 100 && value <= 600_000) return value
  throw new InvalidArgumentError('Give whole milliseconds from 100 to 600000.')
}
