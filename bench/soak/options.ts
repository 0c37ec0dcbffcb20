import { Command, InvalidArgumentError } from 'commander'
import { type Fault, FAULTS } from 'ioredis-sentinel/testkit'
import { MOVING_FAULTS } from '../faults.js'
import { FAULT_SHARES } from './plan.js'
import { type Plant, PLANTS } from './records.js'

export interface SoakOptions {
  /** How many times the primary is to move. */
  readonly failovers: number
  readonly seed: number
  readonly faults: readonly Fault[]
  /** The soak ends after this long, however many failovers there were. */
  readonly minutes: number
  /** Where to put `soak.json`, and the servers' logs up to each step that went wrong; nowhere when undefined. */
  readonly out?: string | undefined
  readonly downAfterMs: number
  /** Ends at the first violation, instead of going on to the end. */
  readonly bail: boolean
  readonly plant?: Plant | undefined
}

export const SOAK_DEFAULTS = { failovers: 200, minutes: 60, downAfterMs: 500 } as const

interface Given extends Omit<SoakOptions, 'seed'> {
  readonly seed?: number
}

/** What the command line says. Ends the process with a message when it says something wrong. */
export function parseSoakOptions(argv: readonly string[]): SoakOptions {
  const program = new Command('npm run soak --')
    .description(
      'Mixed load through many failovers of a real topology: the data, the promises and the resources must be right.'
    )
    .option('--failovers <n>', 'how many times the primary is to move', wholeFrom(1), SOAK_DEFAULTS.failovers)
    .option('--seed <n>', 'makes the same faults again (default: another each time)', wholeFrom(0))
    .option('--faults <list>', 'comma-separated', faultList, Object.keys(FAULT_SHARES) as readonly Fault[])
    .option('--minutes <m>', 'end after this long at the latest', above0, SOAK_DEFAULTS.minutes)
    .option('--out <dir>', 'write soak.json there, and the logs of steps that went wrong')
    .option(
      '--down-after-ms <ms>',
      'down-after-milliseconds of the sentinels',
      wholeFrom(100),
      SOAK_DEFAULTS.downAfterMs
    )
    .option('--bail', 'end at the first violation', false)
    .option('--plant <leak>', `leak on purpose, to see it found: ${PLANTS.join(', ')}`, plant)
  const given = program.parse(argv, { from: 'user' }).opts<Given>()
  return { ...given, seed: given.seed ?? Math.floor(Math.random() * 2 ** 31) }
}

function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text !== '' && Number.isInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`Allowed is a whole number from ${least}.`)
  }
}

function above0(text: string): number {
  const value = Number(text)
  if (value > 0 && value < Infinity) return value
  throw new InvalidArgumentError('Allowed is a number above 0.')
}

function faultList(text: string): readonly Fault[] {
  const faults = text.split(',')
  const wrong = faults.find((fault) => !Object.hasOwn(FAULTS, fault))
  if (wrong !== undefined)
    throw new InvalidArgumentError(`There is no fault "${wrong}". Allowed: ${Object.keys(FAULTS).join(', ')}.`)
  if (!faults.some((fault) => MOVING_FAULTS.has(fault as Fault)))
    throw new InvalidArgumentError(`None of these moves the primary. Those that do: ${[...MOVING_FAULTS].join(', ')}.`)
  return faults as Fault[]
}

function plant(text: string): Plant {
  const found = PLANTS.find((one) => one === text)
  if (found === undefined) throw new InvalidArgumentError(`Allowed: ${PLANTS.join(', ')}.`)
  return found
}
