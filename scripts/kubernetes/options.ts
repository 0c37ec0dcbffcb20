import { Command, InvalidArgumentError } from 'commander'
import { readArguments } from '../../bench/arguments.js'

export interface KubernetesOptions {
  /** Parts of the names of the hazards' files; all when there are none. */
  readonly only: readonly string[]
  /** How many times each is run. */
  readonly repeat: number
  /** How many files at the same time. */
  readonly atOnce: number
  /** A file for the figures of each run. */
  readonly json?: string
  /** A folder for what the containers of a failed run said. */
  readonly logs?: string
  /** Files of figures to fill the document from; nothing is tested then. */
  readonly render?: readonly string[]
}

/** What the document is filled from, and what `--render` reads when no file is named. */
export const DOCUMENTED = 'docs/kubernetes-figures.json'

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
    .option(
      '--at-once <files>',
      'so many files at the same time, each with a cluster of its own; gaps are longer where processors are short',
      wholeNumber,
      1
    )
    .option('--json <file>', 'write the figures of each run there')
    .option('--logs <folder>', 'keep what all containers said in a run that failed')
    .option(
      '--render [files...]',
      `test nothing: fill docs/kubernetes-harness.md from figures, and keep them as ${DOCUMENTED}, which is the default`
    )
    .addHelpText('after', '\nExit code: 0 all passed, 1 something failed or nothing ran, 2 wrong usage')
    .showHelpAfterError('Options stand behind a "--": npm run test:kubernetes -- --only drain. --help tells them all.')
    .allowExcessArguments(false)
  const exitCode = readArguments(command, argv, say)
  if (exitCode !== undefined) return { ok: false, exitCode }
  type Given = Omit<KubernetesOptions, 'only' | 'render'> & {
    only?: readonly string[]
    render?: readonly string[] | true
  }
  const { only = [], render, ...given } = command.opts<Given>()
  if (render === undefined) return { ok: true, options: { ...given, only } }
  return { ok: true, options: { ...given, only, render: render === true ? [DOCUMENTED] : render } }
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 is meant.')
  return value
}
