import { Command, Option } from 'commander'
import { listOf, readArguments } from '../../bench/arguments.js'
import { NODES, type NodeMajor, SERVER_NAMES, type ServerName } from './catalogue.js'

export interface MatrixOptions {
  readonly nodes: readonly NodeMajor[]
  readonly servers: readonly ServerName[]
  /** Parts of the paths of the test files to run; all when there are none. */
  readonly tests: readonly string[]
  /** One test file at a time, instead of as many as vitest.config.ts says. */
  readonly serial: boolean
  /** A file for the results. */
  readonly json?: string
}

export type ParsedOptions =
  { readonly ok: true; readonly options: MatrixOptions } | { readonly ok: false; readonly exitCode: number }

const NODE_NAMES = NODES.map(String)

/** Reads the command line. When help was asked for, or something was wrong, that has been said and there is only an exit code. */
export function parseOptions(argv: readonly string[], say?: (text: string) => void): ParsedOptions {
  const command = new Command('test:matrix')
    .description(
      'Runs the live tests with each of these versions of Node and of the server. What is missing is fetched into .matrix/, which may be deleted at any time: Node by npm, and the servers of Debian trixie by apt-get from the mirror that this machine uses, without installing them. Redis 7.0 is the redis-server on the PATH.'
    )
    .addOption(
      new Option('--nodes <list>', 'major versions of Node, comma-separated, or "all"')
        .argParser(listOf(NODE_NAMES))
        .default(NODE_NAMES, NODE_NAMES.join(','))
    )
    .addOption(
      new Option('--servers <list>', 'comma-separated, or "all"')
        .argParser(listOf(SERVER_NAMES))
        .default(SERVER_NAMES, SERVER_NAMES.join(','))
    )
    .option('--tests <parts...>', 'only test files whose path has one of these parts')
    .option('--serial', 'one test file at a time (default: as many as vitest.config.ts says)', false)
    .option('--json <file>', 'write the results there')
    .addHelpText(
      'after',
      '\nA cell that cannot be run is left out, told with the reason, and counted as skipped.\nExit code: 0 all passed, 1 something failed or no test ran, 2 wrong usage'
    )
    .showHelpAfterError('Options stand behind a "--": npm run test:matrix -- --nodes 20. --help tells them all.')
    .allowExcessArguments(false)
  const exitCode = readArguments(command, argv, say)
  if (exitCode !== undefined) return { ok: false, exitCode }
  const {
    nodes,
    tests = [],
    ...given
  } = command.opts<Omit<MatrixOptions, 'nodes' | 'tests'> & { nodes: readonly string[]; tests?: readonly string[] }>()
  return { ok: true, options: { ...given, tests, nodes: NODES.filter((major) => nodes.includes(String(major))) } }
}
