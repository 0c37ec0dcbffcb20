import { Command, CommanderError } from 'commander'
import { version } from '../../package.json'
import { ConfigurationError } from '../index.js'
import { leaveOutWhatNobodyReads } from './broken-output.js'
import { completionCommand } from './completion/command.js'
import { dashboardCommand } from './dashboard/command.js'
import { doctorCommand } from './doctor/command.js'
import { drillCommand } from './drill/command.js'
import { failoverCommand } from './failover/command.js'
import { localCommand } from './local/command.js'
import { statusCommand } from './status/command.js'
import { printProblem } from './tell-problem.js'
import { tellUnforeseen, UNFORESEEN, UNFORESEEN_HELP } from './unforeseen.js'
import { watchCommand } from './watch/command.js'

const WRONG_USAGE = 2

function createProgram(finish: (exitCode: number) => void): Command {
  const program = new Command('ioredis-sentinel')
    .description('Shows, watches, examines, fails over and drills Redis or Valkey groups that are run by Sentinel.')
    .version(version)
    .addHelpText(
      'after',
      '\nExample:\n  ioredis-sentinel local\n  ioredis-sentinel status --sentinels 10.0.0.1:26379 --name mymaster'
    )
    .addHelpText('afterAll', UNFORESEEN_HELP)
    .addCommand(statusCommand(finish))
    .addCommand(watchCommand(finish))
    .addCommand(doctorCommand(finish))
    .addCommand(dashboardCommand(finish))
    .addCommand(failoverCommand(finish))
    .addCommand(drillCommand(finish))
    .addCommand(localCommand(finish))
    .addCommand(completionCommand(() => program))
  for (const command of [program, ...program.commands]) {
    const called = command === program ? program.name() : `${program.name()} ${command.name()}`
    command.exitOverride().showHelpAfterError(`(${called} --help says what it takes)`)
  }
  return program
}

async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0
  try {
    await createProgram((code) => (exitCode = code)).parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    // Help was asked for, or the version.
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    if (!(error instanceof CommanderError) && !(error instanceof ConfigurationError)) throw error
    // commander has told of its own.
    if (error instanceof ConfigurationError) process.stderr.write(`error: ${error.message}\n`)
    if (argv.includes('--json')) printProblem('wrong-usage', error.message.replace(/^error: /, ''))
    return WRONG_USAGE
  }
}

const argv = process.argv.slice(2)

function giveUp(error: unknown): void {
  tellUnforeseen(error, argv.includes('--json'))
  // What the command had open would keep this process.
  process.stdout.write('', () => process.exit(UNFORESEEN))
}

const isLost = leaveOutWhatNobodyReads(process)
// What was written last is refused when the exit code stands already.
process.on('exit', (exitCode) => {
  if (exitCode === 0 && isLost()) process.exitCode = UNFORESEEN
})
process.on('uncaughtException', giveUp)
await main(argv).then((exitCode) => {
  process.exitCode = exitCode
}, giveUp)
