import { Command } from 'commander'
import { readArguments } from '../../bench/arguments.js'

export interface MonitoringOptions {
  /** The release of Debian that the programs are of. */
  readonly debian: string
  /** Parts of the names of the files; all when there are none. */
  readonly only: readonly string[]
}

export type ParsedOptions =
  { readonly ok: true; readonly options: MonitoringOptions } | { readonly ok: false; readonly exitCode: number }

/** Reads the command line. When help was asked for, or something was wrong, that has been said and there is only an exit code. */
export function parseOptions(argv: readonly string[], say?: (text: string) => void): ParsedOptions {
  const command = new Command('test:monitoring')
    .description(
      'Lets the real redis_exporter and the real Prometheus watch a real topology as the manifests say, and looks whether each alert fires when it should. Some minutes. The programs are fetched by apt-get into .matrix/, which may be deleted at any time; nothing is installed.'
    )
    .option('--debian <release>', 'whose prometheus and prometheus-redis-exporter: forky or trixie', 'forky')
    .option(
      '--only <parts...>',
      'only files of test/monitoring whose path has one of these parts, for example: --only rules'
    )
    .addHelpText('after', '\nExit code: 0 all passed, 1 something failed or nothing ran, 2 wrong usage')
    .showHelpAfterError('Options stand behind a "--": npm run test:monitoring -- --only rules. --help tells them all.')
    .allowExcessArguments(false)
  const exitCode = readArguments(command, argv, say)
  if (exitCode !== undefined) return { ok: false, exitCode }
  const { debian, only = [] } = command.opts<{ debian: string; only?: readonly string[] }>()
  return { ok: true, options: { debian, only } }
}
