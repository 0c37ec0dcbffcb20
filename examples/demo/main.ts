/**
 * `npm run demo`: a real Redis + Sentinel topology on this machine, writer.ts and reader.ts as processes of their own, a
 * fault, and a verdict on what became of every write and read. `npm run demo -- --help` tells the flags.
 */
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  FaultUnavailableError,
  MissingBinaryError,
  ProcessStartError,
  TopologyTimeoutError
} from 'ioredis-sentinel/testkit'
import { openPage } from './browser.js'
import { runDocument } from './document.js'
import { parseOptions, type DemoOptions } from './options.js'
import type { RunResult } from './result.js'
import { runFault } from './run.js'
import { Screen } from '../../src/cli/screen.js'
import { summaryTable, timelineTable, verdictTable } from './tables.js'

const EXIT = { pass: 0, fail: 1, usage: 2, notRun: 3, interrupted: 130 } as const

/** Errors whose message is all that helps; of others the stack is shown. */
const SAID_IT_ALL = [FaultUnavailableError, MissingBinaryError, ProcessStartError, TopologyTimeoutError]

async function main(options: DemoOptions): Promise<number> {
  const screen = new Screen(options.json ? process.stderr : process.stdout)
  const unwritable = whyUnwritable(options.out)
  if (unwritable !== undefined) {
    process.stderr.write(`error: --out names "${options.out}", where no page can be written: ${unwritable}\n`)
    return EXIT.usage
  }
  const interrupt = new AbortController()
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted)
    screen.say('interrupted: ending everything that was started (once more to leave at once)')
    interrupt.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)

  const runs: RunResult[] = []
  const notRun: string[] = []
  const skipped: string[] = []
  for (const fault of options.faults) {
    try {
      const run = await runFault(fault, options, screen, interrupt.signal)
      runs.push(run)
      tell(run, screen)
      const page = writePage(run, options.out)
      screen.say(`The page with the plots: ${page}\n`)
      if (options.open && options.faults.length === 1) openPage(page)
    } catch (error) {
      if (interrupt.signal.aborted) return EXIT.interrupted
      if (error instanceof FaultUnavailableError && options.faults.length > 1) {
        skipped.push(`${fault} was skipped: ${error.message}`)
        screen.say(skipped.at(-1) ?? '')
        continue
      }
      const what = runs.at(-1)?.fault === fault ? 'has no page' : 'was not run'
      notRun.push(`${fault} ${what}: ${(error as Error).message}`)
      screen.say(screen.colour.red(notRun.at(-1) ?? ''))
      if (!SAID_IT_ALL.some((kind) => error instanceof kind)) screen.say(String((error as Error).stack))
    }
  }
  if (options.faults.length > 1) screen.say(['', summaryTable(runs, screen.colour), ...notRun, ...skipped].join('\n'))
  if (options.json)
    process.stdout.write(`${JSON.stringify({ runs: runs.map(asJson), notRun, skipped }, undefined, 2)}\n`)
  if (runs.some((run) => !run.verdict.pass)) return EXIT.fail
  return notRun.length > 0 ? EXIT.notRun : EXIT.pass
}

function tell(run: RunResult, screen: Screen): void {
  const { colour } = screen
  const { pass, line } = run.verdict
  screen.say(['', timelineTable(run, colour), '', verdictTable(run, colour), '', ...run.verdict.notes].join('\n'))
  screen.say(pass ? colour.bold(colour.green(line)) : colour.bold(colour.red(line)))
}

function whyUnwritable(directory: string): string | undefined {
  try {
    mkdirSync(directory, { recursive: true })
    accessSync(directory, constants.W_OK)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function writePage(run: RunResult, directory: string): string {
  const path = resolve(join(directory, `${run.fault}.html`))
  writeFileSync(path, runDocument(run))
  return path
}

function asJson({ records, logs, ...run }: RunResult): object {
  return { ...run, environment: Object.fromEntries(run.environment), operations: records.length, logLines: logs.length }
}

const parsed = parseOptions(process.argv.slice(2))
process.exitCode = parsed.ok ? await main(parsed.options) : parsed.exitCode
