import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { FAULTS, type Fault } from 'ioredis-sentinel/testkit'
import { BETWEEN_WRITES, FAULT_NAMES, PROFILES } from './faults.js'

export interface DemoOptions {
  readonly faults: readonly Fault[]
  /** Writes, and reads, per second. */
  readonly rate: number
  /** The sentinels' down-after-milliseconds. */
  readonly downAfterMs: number
  /** The shortest time of traffic, in milliseconds; the fault may make it longer. */
  readonly durationMs: number
  readonly out: string
  readonly json: boolean
  readonly open: boolean
}

export type ParsedOptions =
  { readonly ok: true; readonly options: DemoOptions } | { readonly ok: false; readonly exitCode: number }

/** Reads the command line. When help was asked for, or something was wrong, that has been said and there is only an exit code. */
export function parseOptions(argv: readonly string[]): ParsedOptions {
  const command = new Command('demo')
    .description(
      'Runs a writer and a reader, each a process of its own, through a real failover of a real Redis + Sentinel topology on this machine, and proves what happened.'
    )
    .addOption(
      new Option('--fault <name>', 'what is done to the topology, or "all"')
        .choices([...FAULT_NAMES, 'all'])
        .default('kill')
    )
    .option('--rate <n>', 'writes, and reads, per second', numberFrom(1, 20_000), 200)
    .option('--down-after <ms>', "the sentinels' down-after-milliseconds", wholeFrom(200, 60_000), 1000)
    .addOption(
      new Option('--duration <s>', 'seconds of traffic at least')
        .argParser(numberFrom(0, 3600))
        .default(0, 'as many as the fault takes')
    )
    .option('--out <directory>', 'where the page is written', 'demo-report')
    .option('--json', 'the result as JSON on stdout, everything else on stderr', false)
    .option('--no-open', 'do not show the page in a browser')
    .addHelpText(
      'after',
      `\nFaults, each healed once its effect has been seen:\n${FAULT_NAMES.map(describeFault).join('\n')}\n` +
        '\nExit code: 0 every verdict is PASS, 1 one is FAIL, 2 wrong usage, 3 it could not be run, 130 interrupted'
    )
    .showHelpAfterError(
      'Options stand behind a "--": npm run demo -- --fault freeze. npm run demo -- --help tells them all.'
    )
    .allowExcessArguments(false)
    .exitOverride()
  try {
    command.parse(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return { ok: false, exitCode: error.exitCode === 0 ? 0 : 2 }
    throw error
  }
  const given = command.opts<{
    fault: Fault | 'all'
    rate: number
    downAfter: number
    duration: number
    out: string
    json: boolean
    open: boolean
  }>()
  return {
    ok: true,
    options: {
      faults: given.fault === 'all' ? FAULT_NAMES : [given.fault],
      rate: given.rate,
      downAfterMs: given.downAfter,
      durationMs: given.duration * 1000,
      out: given.out,
      json: given.json,
      open: given.open
    }
  }
}

const NAME_WIDTH = 21

function describeFault(name: Fault): string {
  const note = PROFILES[name].betweenWrites === true ? `;\n${indent(BETWEEN_WRITES)}` : ''
  return `  ${name.padEnd(NAME_WIDTH)} ${FAULTS[name]}${note}`
}

/** Cut at commas and colons, under the descriptions. */
function indent(text: string): string {
  return text
    .split(/(?<=[,:]) /)
    .map((line) => `${' '.repeat(NAME_WIDTH + 3)}${line}`)
    .join('\n')
}

function numberFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give a number from ${min} to ${max}.`)
  }
}

function wholeFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`)
  }
}
