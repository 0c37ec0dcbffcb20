import { Command } from 'commander'
import type { Topology } from '../../index.js'
import { type LocalTopology, partitionSupport, startTopology } from '../../testkit/index.js'
import { formatAddress } from '../address.js'
import { whenNobodyReads } from '../broken-output.js'
import { confirmed } from '../confirm.js'
import { ENDING_SIGNALS } from '../ending-signals.js'
import { Screen } from '../screen.js'
import { readTarget, type Target } from '../target.js'
import { withFlags } from '../with-flags.js'
import { defaultBudgets, type Budgets } from './budgets.js'
import { drawnCalls } from './drawn-calls.js'
import { drillEnvironment } from './environment.js'
import { DRILL_FAULTS, type DrillFault, profileOf } from './faults.js'
import { addDrillFlags, checkDrillFlags, type DrillFlags, withinOf } from './flags.js'
import { drillPage } from './page.js'
import { PageFile } from './page-file.js'
import { DrillError } from './problem.js'
import { renderDrill, statusOf } from './render.js'
import { type DrillJson, drillJson, type DrillNotBegunJson, type DrillResult, EXIT_CODES } from './result.js'
import { runDrill } from './run.js'
import { Traffic } from './traffic.js'

/** Expires so long after the last sign of life, and after an outage as long as the drill waits for the end of one. */
const keyTtlMsOf = (fault: DrillFault, flags: DrillFlags): number => 120_000 + withinOf(fault, flags)

const INTERRUPTED = 'it was interrupted before it began: nothing was done'

/** `drill`: `finish` is given the exit code. */
export function drillCommand(finish: (exitCode: number) => void): Command {
  const command = new Command('drill').description(
    'Does a fault to a group, or waits for one, while it writes and reads there, and says whether what it cost is within the budgets.'
  )
  return addDrillFlags(command)
    .allowExcessArguments(false)
    .action(async (fault: DrillFault, flags: DrillFlags) => {
      checkDrillFlags(fault, flags, command)
      const target = flags.local === true ? undefined : readTarget(flags, command)
      const page = flags.html === undefined ? undefined : new PageFile(flags.html)
      try {
        finish(await drill(fault, flags, target, page))
      } finally {
        page?.removeUnused()
      }
    })
}

async function drill(
  fault: DrillFault,
  flags: DrillFlags,
  given: Target | undefined,
  page: PageFile | undefined
): Promise<number> {
  const screen = new Screen(flags.json === true ? process.stderr : process.stdout)
  const interrupt = new AbortController()
  let isTold = false
  const without = (outcome: DrillNotBegunJson['outcome'], problem: string): number => {
    isTold = true
    if (flags.json === true) printJson({ fault, outcome, problem })
    else screen.say(screen.colour.red(problem))
    return EXIT_CODES[outcome]
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) {
      // Of a terminal that goes it comes from the shell and from the kernel.
      if (signal === 'SIGHUP') return
      if (!isTold) without('interrupted', 'it was interrupted twice and left at once: nothing was judged or removed')
      page?.removeUnused()
      process.exit(EXIT_CODES.interrupted)
    }
    screen.say('interrupted: ending what was started (once more to leave at once)')
    interrupt.abort()
  }
  for (const signal of ENDING_SIGNALS) process.on(signal, onSignal)
  // Nobody reads any more: as with ctrl-C, so that the list is removed. JSON has only one reader, who comes at the end.
  const forget = flags.json === true ? undefined : whenNobodyReads(process.stdout, () => interrupt.abort())
  let local: LocalTopology | undefined
  let traffic: Traffic | undefined
  try {
    if (given === undefined) local = await startLocal(fault, flags, screen)
    const target = given ?? { url: local?.url ?? '', options: {}, timeoutMs: flags.timeout }
    traffic = new Traffic({ target, ...flags, ttlMs: keyTtlMsOf(fault, flags) })
    await traffic.connect()
    if (interrupt.signal.aborted) throw new DrillError('not-begun', INTERRUPTED)
    if (flags.yes !== true && local === undefined) {
      const agreed = await confirmed(question(fault, traffic.writer.topology), interrupt.signal)
      if (interrupt.signal.aborted) throw new DrillError('not-begun', INTERRUPTED)
      if (!agreed) {
        screen.say('nothing was done')
        return EXIT_CODES.declined
      }
    }
    const result = await carryOut({ fault, flags, target, local, traffic, screen, signal: interrupt.signal })
    isTold = true
    return tell(result, traffic, page, flags, screen)
  } catch (error) {
    if (!(error instanceof DrillError)) throw error
    if (interrupt.signal.aborted) return without('interrupted', INTERRUPTED)
    return without('not-begun', withFlags(error.message))
  } finally {
    screen.unfollow()
    await traffic?.close(interrupt.signal.aborted)
    await local?.stop()
    for (const signal of ENDING_SIGNALS) process.off(signal, onSignal)
    forget?.()
  }
}

function question(fault: DrillFault, { name, primary, replicas }: Topology): string {
  const where = primary === undefined ? 'none' : formatAddress(primary.address)
  return `Drill "${fault}" on "${name}" (primary ${where}, ${replicas.length} replicas)? ${DRILL_FAULTS[fault]}.`
}

interface Staged {
  readonly fault: DrillFault
  readonly flags: DrillFlags
  readonly target: Target
  readonly local: LocalTopology | undefined
  readonly traffic: Traffic
  readonly screen: Screen
  readonly signal: AbortSignal
}

async function carryOut({ fault, flags, target, local, traffic, screen, signal }: Staged): Promise<DrillResult> {
  const client = traffic.writer
  const downAfterMs = client.topology.settings?.downAfterMs ?? 30_000
  const pauseMs = flags.pause ?? Math.max(10, Math.floor(downAfterMs / 2))
  const circumstances = { downAfterMs, pauseMs }
  const budgets = budgetsOf(flags, defaultBudgets(fault, circumstances, flags.writeRate))
  let phase = 'connecting'
  screen.follow(() => statusOf(phase, traffic))
  const result = await runDrill({
    scene: {
      fault,
      client,
      target,
      // The environment's credentials are not those of a group of our own.
      flags: local === undefined ? flags : { timeout: flags.timeout },
      pauseMs,
      withinMs: withinOf(fault, flags),
      ...(local !== undefined && { local }),
      signal
    },
    profile: profileOf(fault, circumstances),
    budgets,
    traffic,
    keyTtlMs: keyTtlMsOf(fault, flags),
    hasReads: flags.readRate > 0,
    durationMs: flags.duration,
    environment: await drillEnvironment(client, fault, flags, pauseMs),
    onPhase: (next) => {
      phase = next
    },
    onMoment: ({ at, what, detail }) => {
      screen.say(`${new Date(at).toISOString().slice(11, 23)}  ${what}${detail === undefined ? '' : ` (${detail})`}`)
    }
  })
  screen.unfollow()
  return result
}

function budgetsOf(flags: DrillFlags, defaults: Budgets): Budgets {
  return {
    gapMs: flags.budgetGapMs ?? defaults.gapMs,
    lost: flags.budgetLost ?? defaults.lost,
    unknown: flags.budgetUnknown ?? defaults.unknown,
    failed: flags.budgetFailed ?? defaults.failed,
    readErrors: flags.budgetReadErrors ?? defaults.readErrors,
    readGapMs: flags.budgetReadGapMs ?? defaults.readGapMs
  }
}

/** @throws DrillError when the servers cannot be started, or this machine cannot do the fault. */
async function startLocal(fault: DrillFault, flags: DrillFlags, screen: Screen): Promise<LocalTopology> {
  if (fault === 'partition' || fault === 'peers' || fault === 'replica-partition') {
    const support = await partitionSupport()
    if (!support.available) throw new DrillError('not-begun', `${fault} cannot be done here: ${support.reason}`)
  }
  screen.say(`starting 1 primary, ${flags.replicas} replicas and 3 sentinels on this machine`)
  try {
    return await startTopology({ replicas: flags.replicas, downAfterMs: flags.downAfter })
  } catch (error) {
    throw new DrillError('not-begun', (error as Error).message, { cause: error })
  }
}

function tell(
  result: DrillResult,
  { writes, reads }: Traffic,
  page: PageFile | undefined,
  { json }: DrillFlags,
  screen: Screen
): number {
  // Of millions of calls only a page has a use.
  const problem = page?.write(drillPage(result, drawnCalls(writes, reads)))
  const path = problem === undefined ? page?.path : undefined
  if (json === true) printJson(drillJson(result, path))
  else screen.say(renderDrill(result, path, screen.colour))
  if (problem !== undefined) process.stderr.write(`error: ${problem}\n`)
  return EXIT_CODES[result.outcome]
}

function printJson(json: DrillJson | DrillNotBegunJson): void {
  process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`)
}
