import { Command, Option } from 'commander'
import { listOf, readArguments, wholeFrom } from '../arguments.js'
import {
  CLIENT_NAMES,
  CLIENTS,
  type ClientName,
  COMPARED,
  DEPTHS,
  type Workload,
  WORKLOAD_NAMES,
  WORKLOADS
} from './catalogue.js'

export interface ThroughputOptions {
  readonly rounds: number
  /** How long each load of each client is measured in a round. */
  readonly ms: number
  readonly clients: readonly ClientName[]
  readonly workloads: readonly Workload[]
  readonly out: string
  /** Results to make the documents from; nothing is measured then. */
  readonly render: string | undefined
}

export type ParsedOptions =
  { readonly ok: true; readonly options: ThroughputOptions } | { readonly ok: false; readonly exitCode: number }

/** Where `--render` writes to, and what it reads when no file is named. */
export const DOCUMENTED = 'docs/performance/throughput.json'

export const DEFAULTS = { rounds: 2, ms: 1000 } as const

/** Reads the command line. When help was asked for, or something was wrong, that has been said and there is only an exit code. */
export function parseOptions(argv: readonly string[], say?: (text: string) => void): ParsedOptions {
  const command = new Command('bench:throughput')
    .description(
      'Measures calls a second, CPU time, latency and garbage of clients on one local topology, in turn: each round takes every client through every load.'
    )
    .option(
      '--rounds <n>',
      'rounds, of some nine minutes each; figures are medians over all their slices',
      wholeFrom(1, 1000),
      DEFAULTS.rounds
    )
    .option(
      '--ms <n>',
      'how long each load is measured in a round, in eight slices',
      wholeFrom(400, 600_000),
      DEFAULTS.ms
    )
    .addOption(
      new Option('--clients <list>', 'comma-separated, or "all"')
        .argParser(listOf(CLIENT_NAMES))
        .default(COMPARED, COMPARED.join(','))
    )
    .addOption(
      new Option('--workloads <list>', 'comma-separated, or "all"')
        .argParser(listOf(WORKLOAD_NAMES))
        .default(WORKLOAD_NAMES, 'all')
    )
    .option('--out <directory>', 'where the results are written', 'throughput-report')
    .option(
      '--render [json]',
      `measure nothing: fill docs/performance.md and docs/performance/ from results (${DOCUMENTED})`
    )
    .addHelpText('after', `\nWorkloads, each with ${DEPTHS.join(', ')} calls in flight:\n${list(WORKLOADS)}`)
    .addHelpText('after', `\nClients:\n${list(CLIENTS, ({ setup }) => setup)}`)
    .addHelpText('after', '\nExit code: 0 measured, 1 a call failed, 2 wrong usage')
    .showHelpAfterError('Options stand behind a "--": npm run bench:throughput -- --rounds 3. --help tells them all.')
    .allowExcessArguments(false)
  const exitCode = readArguments(command, argv, say)
  if (exitCode !== undefined) return { ok: false, exitCode }
  const { render, ...given } = command.opts<Omit<ThroughputOptions, 'render'> & { render?: string | true }>()
  return { ok: true, options: { ...given, render: render === true ? DOCUMENTED : render } }
}

/** As it was typed, or shorter: what is the default is left out. */
export function commandOf({ rounds, ms, clients, workloads }: ThroughputOptions): string {
  const flags = [
    ...(rounds === DEFAULTS.rounds ? [] : [`--rounds ${rounds}`]),
    ...(ms === DEFAULTS.ms ? [] : [`--ms ${ms}`]),
    ...(clients.join() === COMPARED.join() ? [] : [`--clients ${clients.join(',')}`]),
    ...(workloads.length === WORKLOAD_NAMES.length ? [] : [`--workloads ${workloads.join(',')}`])
  ]
  return `npm run bench:throughput${flags.length === 0 ? '' : ` -- ${flags.join(' ')}`}`
}

function list<Value>(entries: Readonly<Record<string, Value>>, text: (value: Value) => string = String): string {
  const width = Object.keys(entries).reduce((most, name) => Math.max(most, name.length), 0)
  return Object.entries(entries)
    .map(([name, value]) => `  ${name.padEnd(width)}  ${text(value)}`)
    .join('\n')
}
