/**
 * `npm run bench:observability`: what metrics, channels and spans cost a client, as the ratio of processes with and without beside each
 * other. `--help` tells the flags; docs/metrics.md what came of it.
 */
import Table from 'cli-table3'
import { Command } from 'commander'
import { startTopology } from 'ioredis-sentinel/testkit'
import { readFileSync, writeFileSync } from 'node:fs'
import { listOf, readArguments, wholeFrom } from '../arguments.js'
import { describeEnvironment } from '../environment.js'
import { fillPlaces, markdownTable } from '../markdown.js'
import { median, medianInterval } from '../median.js'
import { buildPrograms } from '../programs.js'
import type { Throughput } from '../throughput/loops.js'
import { stayOnOneProcessor } from '../throughput/placement.js'
import { Measured } from './measured.js'
import { type Task, type Workload, WORKLOADS } from './messages.js'
import { type SetupName, SETUPS, TRACING } from './setups.js'

const DOCUMENT = 'docs/metrics.md'
const NAMES = Object.keys(SETUPS) as SetupName[]
const DEFAULTS = { processes: 9, slices: 2, calls: 500_000, depth: 64 }

interface Options {
  readonly processes: number
  readonly slices: number
  readonly calls: number
  readonly depth: number
  readonly setups: readonly SetupName[]
  readonly document?: boolean
}

/** Two processes beside each other: one with what the setup switches on, and one without. */
interface Pair {
  readonly setup: SetupName
  readonly workload: Workload
  readonly slices: readonly { readonly on: Throughput; readonly off: Throughput }[]
  /** CPU time that it takes to read all metrics once, in milliseconds. */
  readonly readingMs: number
}

const command = new Command('bench:observability')
  .description(
    'Measures what observing a client costs it: two processes, one of which does from its start on, take turns. Half an hour as it is.'
  )
  .option('--processes <n>', 'pairs of processes for each figure', wholeFrom(2, 1000), DEFAULTS.processes)
  .option('--slices <n>', 'how often the two take turns', wholeFrom(1, 1000), DEFAULTS.slices)
  .option('--calls <n>', 'calls in a slice', wholeFrom(100, 10_000_000), DEFAULTS.calls)
  .option('--depth <n>', 'calls in flight', wholeFrom(1, 4096), DEFAULTS.depth)
  .option('--setups <list>', `what is switched on, comma-separated: ${NAMES.join(', ')}`, listOf(NAMES), NAMES)
  .option('--document', `put the figures into ${DOCUMENT}`)
  .allowExcessArguments(false)

async function measure({ processes, slices, calls, depth, setups }: Options): Promise<readonly Pair[]> {
  const programs = await buildPrograms({ load: new URL('load.ts', import.meta.url) })
  const found: Pair[] = []
  const begun = performance.now()
  try {
    await using topology = await startTopology({ replicas: 1 })
    const { name, sentinelAddresses: sentinels } = topology
    for (let pair = 1; pair <= processes; pair++) {
      for (const setup of setups) {
        const task = { name, sentinels, parents: TRACING.includes(setup), calls, depth }
        found.push(...(await besideEachOther(programs.path('load'), { ...task, setup }, slices, pair % 2 === 0)))
      }
      console.error(`${Math.round((performance.now() - begun) / 1000)} s  ${pair}/${processes} pairs of processes`)
    }
  } finally {
    programs.remove()
  }
  return found
}

/** Only one of them is at work at a time. The first slice of each does not count: what it runs is compiled in it. */
async function besideEachOther(program: string, task: Task, slices: number, onFirst: boolean): Promise<Pair[]> {
  await using on = await Measured.start(program, task)
  await using off = await Measured.start(program, { ...task, setup: 'nothing' })
  const found: Pair[] = []
  for (const workload of WORKLOADS) {
    const turns: Pair['slices'][number][] = []
    for (let turn = 0; turn <= slices; turn++) {
      if (onFirst) turns.push({ on: await on.slice(workload), off: await off.slice(workload) })
      else turns.push({ off: await off.slice(workload), on: await on.slice(workload) })
    }
    found.push({ setup: task.setup, workload, slices: turns.slice(1), readingMs: await on.read() })
  }
  return found
}

const HEAD = [
  'what is on',
  'call',
  'calls a second, ratio',
  'CPU a call, ratio',
  'CPU µs a call, without',
  'with',
  'CPU ms to read it once'
]

function rows(pairs: readonly Pair[], setups: readonly SetupName[]): string[][] {
  return setups.flatMap((setup) =>
    WORKLOADS.map((workload) => {
      const own = pairs.filter((pair) => pair.setup === setup && pair.workload === workload)
      const eachPair = (value: (slice: Pair['slices'][number]) => number): number[] =>
        own.map(({ slices }) => median(slices.map(value)))
      return [
        SETUPS[setup].what,
        workload,
        ratio(eachPair(({ on, off }) => on.perSecond / off.perSecond)),
        ratio(eachPair(({ on, off }) => on.cpuUs / off.cpuUs)),
        median(eachPair(({ off }) => off.cpuUs)).toFixed(2),
        median(eachPair(({ on }) => on.cpuUs)).toFixed(2),
        median(own.map(({ readingMs }) => readingMs)).toFixed(1)
      ]
    })
  )
}

/** The median, and where it lies with 95 % certainty. */
function ratio(values: readonly number[]): string {
  const [low, high] = medianInterval(values)
  return `${median(values).toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`
}

function commandLine({ processes, slices, calls, depth, setups }: Options): string {
  const flags = Object.entries({ processes, slices, calls, depth })
    .filter(([name, value]) => DEFAULTS[name as keyof typeof DEFAULTS] !== value)
    .map(([name, value]) => ` --${name} ${value}`)
  if (setups.length < NAMES.length) flags.unshift(` --setups ${setups.join(',')}`)
  return `npm run bench:observability${flags.length === 0 ? '' : ` --${flags.join('')}`}`
}

const exitCode = readArguments(command, process.argv.slice(2), undefined)
if (exitCode !== undefined) process.exitCode = exitCode
else {
  const options = command.opts<Options>()
  const where = stayOnOneProcessor()
  console.error(where)
  const figures = rows(await measure(options), options.setups)
  const table = new Table({ head: HEAD, style: { head: [], border: [] } })
  table.push(...figures)
  console.log(table.toString())
  if (options.document === true) {
    const { date, node, processors, server } = describeEnvironment('')
    const made = `\`${commandLine(options)}\`, ${options.depth} calls in flight, ${options.processes} pairs of processes, ${options.slices === 1 ? 'one pair' : `${options.slices} pairs`} of slices of ${options.calls} calls each, ${where}; ${server}, Node ${node}, ${processors}; ${date.slice(0, 10)}`
    const text = readFileSync(DOCUMENT, 'utf8')
    writeFileSync(DOCUMENT, fillPlaces(text, { observability: `${made}:\n\n${markdownTable(HEAD, figures)}` }))
    console.log(`${DOCUMENT} has these figures`)
  }
}
