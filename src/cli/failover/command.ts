import { Command, Option } from 'commander'
import {
  ConfigurationError,
  FailoverFailedError,
  type FailoverOptions,
  type SentinelRedis,
  type Topology
} from '../../index.js'
import { formatAddress } from '../address.js'
import { wholeMs } from '../arguments.js'
import { coloursFor } from '../colours.js'
import { checkSomebodyCanBeAsked, confirmed } from '../confirm.js'
import { addTargetFlags, openClient, readTarget, TARGET_HELP, type TargetFlags } from '../target.js'
import { renderTimeline, timelineJson } from '../timeline.js'
import { withFlags } from '../with-flags.js'
import { interruption } from './interruption.js'

/** What `--within` takes, in milliseconds. */
export const LONGEST_WITHIN_MS = 600_000

const HELP = `
Without --manual it is coordinated: writes stop at the primary until every replica that may be promoted has them, so that
none that was acknowledged is lost. --manual is SENTINEL FAILOVER as it is: what the old primary acknowledges until the
sentinels have made it a replica, about ten seconds later, is lost.

Ctrl-C, SIGTERM and SIGHUP call it off while no sentinel has been asked, and undo what was done; after that it is carried to its
end, however often they come.

${TARGET_HELP}

Exit codes:
  0  the primary has moved
  1  it has not, or not completely; the last line says how things stand
  2  wrong usage
  3  no primary can be reached
  4  not confirmed: nothing was done

Examples:
  ioredis-sentinel failover --sentinels 10.0.0.1:26379 --name mymaster
  ioredis-sentinel failover --url redis+sentinel://10.0.0.1:26379/mymaster --yes --json`

const MOVED = 0
const NOT_MOVED = 1
const UNREACHABLE = 3
const NOT_CONFIRMED = 4

interface Flags extends TargetFlags {
  readonly coordinated?: boolean
  readonly manual?: boolean
  readonly by: 'client' | 'sentinel'
  readonly patience: number
  readonly within: number
  readonly yes?: boolean
  readonly json?: boolean
}

/** `failover`: `finish` is given the exit code. */
export function failoverCommand(finish: (exitCode: number) => void): Command {
  const command = new Command('failover').description('Moves the primary to a replica, and tells how that went.')
  return addTargetFlags(command)
    .option('--coordinated', 'lose no acknowledged write (the default)')
    .option('--manual', 'SENTINEL FAILOVER alone; acknowledged writes may be lost')
    .addOption(
      new Option('--by <who>', 'who coordinates; sentinel: Valkey 9 and newer')
        .choices(['client', 'sentinel'])
        .default('client')
    )
    .option(
      '--patience <ms>',
      'how long to wait for the moment that sentinels notice soonest',
      wholeMs(0, 600_000),
      11_000
    )
    .option('--within <ms>', 'how long all of it may take', wholeMs(1_000, LONGEST_WITHIN_MS), 30_000)
    .option('--yes', 'do not ask first')
    .option('--json', 'machine-readable, on stdout; needs --yes')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (flags: Flags) => {
      const target = readTarget(flags, command)
      check(flags, command)
      const client = openClient(target, 'ioredis-sentinel-failover')
      try {
        finish(await carryOut(client, flags))
      } finally {
        await client.close()
      }
    })
}

function check({ coordinated, manual, by, yes, json }: Flags, command: Command): void {
  if (coordinated === true && manual === true)
    throw new ConfigurationError('--coordinated is given beside --manual: give one of them')
  if (manual === true && by === 'sentinel')
    throw new ConfigurationError(
      '--by sentinel is given beside --manual: only a coordinated failover has a coordinator'
    )
  if (manual === true && command.getOptionValueSource('patience') === 'cli')
    throw new ConfigurationError(
      '--patience is given beside --manual: only a coordinated failover waits for the moment; leave one of them out'
    )
  if (yes === true) return
  if (json === true) throw new ConfigurationError('--json is given without --yes: nobody could be asked')
  checkSomebodyCanBeAsked()
}

async function carryOut(client: SentinelRedis, flags: Flags): Promise<number> {
  const colour = coloursFor(process.stdout)
  const say = (value: string | object): void => {
    process.stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}\n`)
  }
  const refusal = await client.connect().then(
    () => undefined,
    (error: Error) => error.message
  )
  const { name, primary } = client.topology
  if (refusal !== undefined || primary === undefined) {
    const problem = withFlags(refusal ?? 'there is no primary')
    say(flags.json ? { name, outcome: 'unreachable', problem } : colour.red(problem))
    return UNREACHABLE
  }
  if (!flags.yes && !(await confirmed(question(client.topology, flags)))) {
    say('nothing was done')
    return NOT_CONFIRMED
  }
  const interrupted = interruption()
  try {
    const timeline = await client.failover(optionsOf(flags, interrupted))
    say(flags.json ? timelineJson(timeline) : renderTimeline(timeline, colour))
    return timeline.outcome === 'moved' ? MOVED : NOT_MOVED
  } catch (error) {
    if (!(error instanceof FailoverFailedError)) throw error
    const { message, step, primary: standing } = error
    say(flags.json ? { name, outcome: 'failed', step, primary: standing, problem: message } : colour.red(message))
    return NOT_MOVED
  }
}

function optionsOf({ manual, by, patience, within }: Flags, signal: AbortSignal): FailoverOptions {
  return { mode: manual === true ? 'manual' : 'coordinated', by, patienceMs: patience, timeoutMs: within, signal }
}

function question({ name, primary, replicas }: Topology, { manual }: Flags): string {
  const from = primary === undefined ? 'none' : formatAddress(primary.address)
  const cost = manual === true ? 'Acknowledged writes may be lost.' : 'Writes wait meanwhile.'
  return `Move the primary of "${name}" from ${from} to one of ${replicas.length} replicas? ${cost}`
}
