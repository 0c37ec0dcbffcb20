import { Argument, type Command, Option } from 'commander'
import { ConfigurationError } from '../../index.js'
import { whole, wholeMs } from '../arguments.js'
import { checkSomebodyCanBeAsked } from '../confirm.js'
import { addTargetFlags, TARGET_HELP, type TargetFlags } from '../target.js'
import { ALL_FAULTS, DRILL_FAULTS, type DrillFault, FAULTS_ANYWHERE, isLocal, LOCAL_FAULTS } from './faults.js'
import { BYTES_A_WRITE } from './ledger-key.js'

export interface DrillFlags extends TargetFlags {
  readonly writeRate: number
  readonly readRate: number
  readonly duration: number
  readonly within?: number
  readonly pause?: number
  readonly budgetGapMs?: number
  readonly budgetLost?: number
  readonly budgetUnknown?: number
  readonly budgetFailed?: number
  readonly budgetReadErrors?: number
  readonly budgetReadGapMs?: number
  readonly keyPrefix: string
  readonly local?: boolean
  readonly downAfter: number
  readonly replicas: number
  readonly html?: string
  readonly yes?: boolean
  readonly json?: boolean
}

const MOST_CALLS_A_SECOND = 5_000
/** Writes and reads: each is kept until the drill is judged. */
const MOST_CALLS = 2_000_000
const MOST_MIB = Math.ceil((MOST_CALLS * BYTES_A_WRITE) / 1024 / 1024)
const WITHIN_MS = 60_000
const WAIT_WITHIN_MS = 600_000
const MOST_PAUSE_MS = 60_000

/** How one gets into a group that others have started. */
const OF_A_RUNNING_GROUP = [
  ...(['username', 'password', 'passwordFile', 'sentinelUsername', 'sentinelPassword'] as const),
  ...(['sentinelPasswordFile', 'tls', 'sentinelTls', 'ca', 'cert', 'key'] as const)
]

const describe = (faults: readonly DrillFault[]): string =>
  faults.map((fault) => `  ${fault.padEnd(21)} ${DRILL_FAULTS[fault]}`).join('\n')

const HELP = `
A writer pushes numbered ids to one list, open loop, and a reader asks for the newest. Then the fault is done, and when all has
come back to normal the list is held against what was acknowledged. The last line says whether every budget was kept.

Faults on any group:
${describe(FAULTS_ANYWHERE)}

Faults on a group that the drill starts for itself, with --local:
${describe(LOCAL_FAULTS)}

What it writes: one list, <key-prefix><id>, of about ${BYTES_A_WRITE} bytes a write. It is removed at the end, also after ctrl-C, and expires
two minutes and --within after the last sign of life when the drill is killed. Flags by which a drill could come to more than ${MOST_CALLS}
calls, writes and reads together, are refused, so that the list comes to ${MOST_MIB} MiB at most.
Rights: ~<key-prefix>* +rpush +pexpire +lindex +lrange +del, and those of docs/security.md. A pause cannot be taken back: ctrl-C ends
the drill, and the primary is silent until --pause is over.

Budgets that are not given depend on the fault; the report shows them. Writes that are doubled, out of order, refused and there
all the same, or never answered are not allowed at all.

${TARGET_HELP}

Exit codes:
  0    every budget was kept
  1    a budget was exceeded; the last line says which
  2    wrong usage
  3    it could not be begun (no primary, keys that may not be written, ...): nothing was done
  4    not confirmed: nothing was done
  5    the fault was refused, did not lead to a failover within --within, or the data could not be read at the end
  130  ended by ctrl-C or the like, with what was measured so far

Examples:
  ioredis-sentinel drill kill --local --html kill.html
  ioredis-sentinel drill manual --url redis+sentinel://10.0.0.1:26379/mymaster --budget-gap-ms 500
  ioredis-sentinel drill wait --url redis+sentinel://10.0.0.1:26379/mymaster --within 300000 --json --yes`

/** The drill's own flags, and those by which a group is found. */
export function addDrillFlags(command: Command): Command {
  const count = whole(0, 1_000_000_000)
  return addTargetFlags(
    command
      .addArgument(new Argument('<fault>', 'what is done, see below').choices(ALL_FAULTS))
      .option('--write-rate <n>', 'writes a second', whole(1, MOST_CALLS_A_SECOND), 100)
      .option('--read-rate <n>', 'reads a second; 0 for none', whole(0, MOST_CALLS_A_SECOND), 100)
      .option('--duration <ms>', 'traffic for at least so long', wholeMs(0, 86_400_000), 0)
      .option(
        '--within <ms>',
        `how long what the fault leads to may take to come; default ${WITHIN_MS}, wait: ${WAIT_WITHIN_MS}`,
        wholeMs(1_000, 86_400_000)
      )
      .option(
        '--pause <ms>',
        'how long pause and sleep last; default: half of down-after, which leads to no failover',
        wholeMs(10, MOST_PAUSE_MS)
      )
      .option('--budget-gap-ms <ms>', 'longest time without an acknowledged write', wholeMs(0, 86_400_000))
      .option('--budget-lost <n>', 'acknowledged writes that may be lost', count)
      .option('--budget-unknown <n>', 'writes of which nobody knows whether they were executed', count)
      .option('--budget-failed <n>', 'writes that may be refused', count)
      .option('--budget-read-errors <n>', 'reads that may fail', count)
      .option('--budget-read-gap-ms <ms>', 'longest time without an answered read', wholeMs(0, 86_400_000))
      .option('--key-prefix <prefix>', 'what the key begins with', 'ioredis-sentinel:drill:')
      .option('--local', 'start a group on this machine for the drill, and end it')
      .option('--replicas <n>', 'with --local: how many replicas', whole(1, 50), 2)
      .option(
        '--down-after <ms>',
        'with --local: down-after-milliseconds of the sentinels',
        wholeMs(200, 60_000),
        1_000
      )
      .addOption(new Option('--html <path>', 'write a page with plots there'))
      .option('--yes', 'do not ask first')
      .option('--json', 'machine-readable, on stdout; needs --yes')
  ).addHelpText('after', HELP)
}

/** @throws ConfigurationError for what does not go together. */
export function checkDrillFlags(fault: DrillFault, flags: DrillFlags, command: Command): void {
  const typed = (option: keyof DrillFlags): boolean => command.getOptionValueSource(option) === 'cli'
  if (flags.local === true) {
    for (const option of ['url', 'sentinels', 'name'] as const)
      if (typed(option)) throw new ConfigurationError(`--${option} is given beside --local: give one of them`)
    for (const option of OF_A_RUNNING_GROUP)
      if (typed(option))
        throw new ConfigurationError(
          `--${nameOf(option, command)} is given beside --local: the group of the drill has no TLS, no users and no passwords; leave one of them out`
        )
  } else {
    if (isLocal(fault))
      throw new ConfigurationError(
        `${fault} needs --local: only who started the servers can do it. On a running group: ${FAULTS_ANYWHERE.join(', ')}; or do it yourself, and give "wait"`
      )
    if (typed('replicas'))
      throw new ConfigurationError('--replicas is given without --local: a running group has its own')
    if (typed('downAfter'))
      throw new ConfigurationError('--down-after is given without --local: a running group has its own')
  }
  if (typed('pause') && fault !== 'pause' && fault !== 'sleep')
    throw new ConfigurationError(`--pause is given with ${fault}: it is of pause and sleep`)
  if (flags.readRate === 0 && (typed('budgetReadErrors') || typed('budgetReadGapMs')))
    throw new ConfigurationError('a budget for reads is given with --read-rate 0: there are none')
  checkSize(fault, flags)
  checkConsent(fault, flags)
}

function nameOf(option: keyof DrillFlags, { options }: Command): string {
  return options.find((one) => one.attributeName() === option)?.name() ?? option
}

/** What follows the fault: the fault's own time, what it leads to, and the way back. */
export function withinOf(fault: DrillFault, { within }: Pick<DrillFlags, 'within'>): number {
  return within ?? (fault === 'wait' ? WAIT_WITHIN_MS : WITHIN_MS)
}

function checkSize(fault: DrillFault, flags: DrillFlags): void {
  const longestMs = Math.max(flags.duration, withinOf(fault, flags))
  const { writeRate, readRate } = flags
  const calls = Math.ceil(((writeRate + readRate) * longestMs) / 1_000)
  if (calls <= MOST_CALLS) return
  const rate = Math.floor((MOST_CALLS * 1_000) / longestMs)
  throw new ConfigurationError(
    `--write-rate ${writeRate} and --read-rate ${readRate} for up to ${longestMs} ms may come to ${calls} calls, and ${MOST_CALLS} are allowed: ` +
      `give rates of at most ${rate} together, or a shorter --within or --duration`
  )
}

function checkConsent(fault: DrillFault, { yes, json, local }: DrillFlags): void {
  if (yes === true || local === true) return
  if (fault === 'shutdown')
    throw new ConfigurationError(
      '--yes is missing: shutdown ends the primary for good, unless something of yours starts it again, so a question is not enough'
    )
  if (json === true) throw new ConfigurationError('--json is given without --yes: nobody could be asked')
  checkSomebodyCanBeAsked()
}
