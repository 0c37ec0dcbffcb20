import { Command, Option } from 'commander'
import { listOf, readArguments, wholeFrom } from '../arguments.js'
import {
  CLIENT_NAMES,
  CLIENTS,
  type ClientName,
  STANDARD_CLIENTS,
  type Trouble,
  TROUBLE_NAMES,
  troubleOf
} from './catalogue.js'

export interface BenchOptions {
  readonly runs: number
  readonly faults: readonly Trouble[]
  readonly clients: readonly ClientName[]
  /** How long a client is waited for, from the promotion or, where there is none, from the fault. */
  readonly patienceMs: number
  readonly lanes: number
  readonly out: string
  readonly resume: boolean
  /** A results file to make the documents from; nothing is measured then. */
  readonly render: string | undefined
}

export type ParsedOptions =
  { readonly ok: true; readonly options: BenchOptions } | { readonly ok: false; readonly exitCode: number }

/** Where `--render` writes to, and what it reads when no file is named. */
export const DOCUMENTED = 'docs/failover/failover.json'

/** Reads the command line. When help was asked for, or something was wrong, that has been said and there is only an exit code. */
export function parseOptions(argv: readonly string[], say?: (text: string) => void): ParsedOptions {
  const command = new Command('bench:failover')
    .description(
      'Runs clients through real failovers of real Redis + Sentinel topologies on this machine, one process and one topology for each run, and tells what each made of them.'
    )
    .option('--runs <n>', 'runs of each client through each fault', wholeFrom(1, 1000), 10)
    .addOption(
      new Option('--faults <list>', 'comma-separated, or "all"')
        .argParser(listOf(TROUBLE_NAMES))
        .default(TROUBLE_NAMES, 'all')
    )
    .addOption(
      new Option('--clients <list>', 'comma-separated, or "all"')
        .argParser(listOf(CLIENT_NAMES))
        .default(STANDARD_CLIENTS, STANDARD_CLIENTS.join(','))
    )
    .option('--patience <ms>', 'how long a client is waited for after the promotion', wholeFrom(1000, 600_000), 15_000)
    .option('--lanes <n>', 'topologies at a time', wholeFrom(1, 32), 1)
    .option('--out <directory>', 'where the results are written', 'failover-report')
    .option('--resume', 'go on with the results that stand in --out', false)
    .option(
      '--render [json]',
      `measure nothing: fill docs/failover.md, docs/failover/ and README.md from results (${DOCUMENTED})`
    )
    .addHelpText('after', `\nFaults:\n${describe(TROUBLE_NAMES, (name) => troubleOf(name).what)}`)
    .addHelpText('after', `\nClients:\n${describe(CLIENT_NAMES, (name) => CLIENTS[name].setup)}`)
    .addHelpText('after', '\nExit code: 0 all was measured, 1 some runs failed, 2 wrong usage, 130 interrupted')
    .showHelpAfterError('Options stand behind a "--": npm run bench:failover -- --runs 3. --help tells them all.')
    .allowExcessArguments(false)
  const exitCode = readArguments(command, argv, say)
  if (exitCode !== undefined) return { ok: false, exitCode }
  const { patience, render, ...given } = command.opts<
    Omit<BenchOptions, 'patienceMs' | 'render'> & { patience: number; render?: string | true }
  >()
  return {
    ok: true,
    options: { ...given, patienceMs: patience, render: render === true ? DOCUMENTED : render }
  }
}

function describe<Name extends string>(names: readonly Name[], text: (name: Name) => string): string {
  const width = names.reduce((most, name) => Math.max(most, name.length), 0)
  return names.map((name) => `  ${name.padEnd(width)}  ${text(name)}`).join('\n')
}
