import { Command, Option } from 'commander'
import { listOf, readArguments, wholeFrom } from '../../bench/arguments.js'
import { LIBRARY_NAMES, type LibraryName } from './catalogue.js'

export interface LibrariesOptions {
  readonly libraries: readonly LibraryName[]
  /** How many times each is tested. */
  readonly repeat: number
  /** A file for the results. */
  readonly json?: string
  /** Results to fill the document from; nothing is tested then. */
  readonly render?: string
}

export type ParsedOptions =
  { readonly ok: true; readonly options: LibrariesOptions } | { readonly ok: false; readonly exitCode: number }

/** What the document is filled from, and what `--render` reads when no file is named. */
export const DOCUMENTED = 'docs/libraries/runs.json'

/** Reads the command line. When help was asked for, or something was wrong, that has been said and there is only an exit code. */
export function parseOptions(argv: readonly string[], say?: (text: string) => void): ParsedOptions {
  const command = new Command('test:libraries')
    .description(
      'Runs the live test of each library that takes an ioredis client, with its failovers, one file after the other and that again and again, also after one has failed.'
    )
    .addOption(
      new Option('--libraries <list>', 'comma-separated, or "all"')
        .argParser(listOf(LIBRARY_NAMES))
        .default(LIBRARY_NAMES, 'all')
    )
    .option('--repeat <n>', 'how many times each', wholeFrom(1, 1_000), 1)
    .option(
      '--json <file>',
      'write the results there, after each run; those of libraries that are not chosen are kept in it'
    )
    .option(
      '--render [json]',
      `test nothing: fill docs/libraries.md from results, and keep them as ${DOCUMENTED}, which is the default`
    )
    .addHelpText('after', `\nLibraries: ${LIBRARY_NAMES.join(', ')}`)
    .addHelpText('after', '\nExit code: 0 all passed, 1 something failed, 2 wrong usage')
    .showHelpAfterError('Options stand behind a "--": npm run test:libraries -- --repeat 10. --help tells them all.')
    .allowExcessArguments(false)
  const exitCode = readArguments(command, argv, say)
  if (exitCode !== undefined) return { ok: false, exitCode }
  const { render, ...given } = command.opts<Omit<LibrariesOptions, 'render'> & { render?: string | true }>()
  if (render === undefined) return { ok: true, options: given }
  return { ok: true, options: { ...given, render: render === true ? DOCUMENTED : render } }
}
