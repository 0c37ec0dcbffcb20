import { Command, Option } from 'commander'
import { listOf, readArguments } from '../../bench/arguments.js'
import { RUNTIME_NAMES, type RuntimeName } from './catalogue.js'

export type ParsedOptions =
  | { readonly ok: true; readonly options: { readonly runtimes: readonly RuntimeName[] } }
  | { readonly ok: false; readonly exitCode: number }

/** Reads the command line. When help was asked for, or something was wrong, that has been said and there is only an exit code. */
export function parseOptions(argv: readonly string[], say?: (text: string) => void): ParsedOptions {
  const command = new Command('test:runtimes')
    .description(
      'Packs the library and works with it in Node, Bun and Deno, with and without TLS, through the death of a primary. Bun and Deno are fetched by npm into .matrix/, which may be deleted at any time.'
    )
    .addOption(
      new Option('--runtimes <list>', 'comma-separated, or "all"')
        .argParser(listOf(RUNTIME_NAMES))
        .default(RUNTIME_NAMES, 'all')
    )
    .addHelpText('after', '\nExit code: 0 every step worked in all of them, 1 not so, 2 wrong usage')
    .showHelpAfterError('Options stand behind a "--": npm run test:runtimes -- --runtimes bun. --help tells them all.')
    .allowExcessArguments(false)
  const exitCode = readArguments(command, argv, say)
  if (exitCode !== undefined) return { ok: false, exitCode }
  return { ok: true, options: command.opts<{ runtimes: readonly RuntimeName[] }>() }
}
