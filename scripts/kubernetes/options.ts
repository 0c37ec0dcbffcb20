import { Command, InvalidArgumentError } from 'commander'
import { readArguments } from '../../bench/arguments.js'

export interface KubernetesOptions {
  /** Parts of the names of the hazards' files; all when there are none. */
  readonly only: readonly string[]
  /** How many times each is run. */
  readonly repeat: number
  /** A file for the figures of each run. */
  readonly json?: string
  /** A folder for what the containers of a failed run said. */
  readonly logs?: string
}

export type ParsedOptions =
  { readonly ok: true; readonly options: KubernetesOptions } | { readonly ok: false; readonly exitCode: number }

/** Reads the command line. When help was asked for, or something was wrong, that has been said and there is only an exit code. */
export function parseOptions(argv: readonly string[], say?: (text: string) => void): ParsedOptions {
  const command = new Command('test:kubernetes')
    .description(
      'Runs k8s/rendered as pods made of processes, each in a network of its own, and lets what clusters do happen to them under a writer: one file in test/kubernetes for each hazard. All of them take about an hour. Needs Linux and root.'
    )
    .option('--only <parts...>', 'only files whose path has one of these parts, for example: --only rollout drain')
    .option('--repeat <times>', 'run each so many times', wholeNumber, 1)
    .option('--json <file>', 'write the figures of each run there')
    .option('--logs <folder>', 'keep what all containers said in a run that failed')
    .addHelpText('after', '\nExit code: 0 all passed, 1 something failed or nothing ran, 2 wrong usage')
    .showHelpAfterError('Options stand behind a "--": npm run test:kubernetes -- --only drain. --help tells them all.')
    .allowExcessArguments(false)
  const exitCode = readArguments(command, argv, say)
  if (exitCode !== undefined) return { ok: false, exitCode }
  const { only = [], ...given } = command.opts<Omit<KubernetesOptions, 'only'> & { only?: readonly string[] }>()
  return { ok: true, options: { ...given, only } }
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 is meant.')
  return value
}
