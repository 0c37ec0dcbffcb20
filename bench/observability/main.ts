/**
 * `npm run bench:observability`: what metrics, channels and spans cost a client, as the ratio of slices with and without beside each
 * other. `--help` tells the flags; docs/metrics.md what came of it.
 */
import Table from 'cli-table3'
import { Command } from 'commander'
import { startTopology } from 'ioredis-sentinel/testkit'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { listOf, readArguments, wholeFrom } from '../arguments.js'
import { describeEnvironment } from '../environment.js'
import { fillPlaces, markdownTable } from '../markdown.js'
import { median, medianInterval } from '../median.js'
import { buildPrograms } from '../programs.js'
import type { Pair, Task } from './load.js'
import { type SetupName, SETUPS, TRACING } from './setups.js'

const DOCUMENT = 'docs/metrics.md'
const NAMES = Object.keys(SETUPS) as SetupName[]
const DEFAULTS = { pairs: 60, calls: 50_000, depth: 64 }

interface Options {
  readonly pairs: number
  readonly calls: number
  readonly depth: number
  readonly setups: readonly SetupName[]
  readonly document?: boolean
}

const command = new Command('bench:observability')
  .description(
    'Measures what observing a client costs it: slices with and without take turns in one process. A quarter of an hour as it is.'
  )
  .option('--pairs <n>', 'pairs of slices for each figure', wholeFrom(2, 1000), DEFAULTS.pairs)
  .option('--calls <n>', 'calls in a slice', wholeFrom(100, 10_000_000), DEFAULTS.calls)
  .option('--depth <n>', 'calls in flight', wholeFrom(1, 4096), DEFAULTS.depth)
  .option('--setups <list>', `what is switched on, comma-separated: ${NAMES.join(', ')}`, listOf(NAMES), NAMES)
  .option('--document', `put the figures into ${DOCUMENT}`)
  .allowExcessArguments(false)

async function measure({ pairs, calls, depth, setups }: Options): Promise<readonly Pair[]> {
  const programs = await buildPrograms({ load: new URL('load.ts', import.meta.url) })
  const found: Pair[] = []
  const total = pairs * setups.length * 2
  const begun = performance.now()
  const took = (pair: Pair): void => {
    found.push(pair)
    if (Math.floor((found.length * 20) / total) === Math.floor(((found.length - 1) * 20) / total)) return
    console.error(`${Math.round((performance.now() - begun) / 1000)} s  ${found.length}/${total} pairs of slices`)
  }
  try {
    await using topology = await startTopology({ replicas: 1 })
    const { name, sentinelAddresses: sentinels } = topology
    const groups = [setups.filter((one) => !TRACING.includes(one)), setups.filter((one) => TRACING.includes(one))]
    for (const group of groups.filter((one) => one.length > 0)) {
      const child = fork(programs.path('load'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      child.on('message', took)
      child.send({ name, sentinels, setups: group, pairs, calls, depth } satisfies Task)
      const [exitCode] = (await once(child, 'exit')) as [number | null]
      if (exitCode !== 0) throw new Error(`the measured process ended with ${exitCode}`)
    }
  } finally {
    programs.remove()
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
    ['SET', 'GET'].map((workload) => {
      const own = pairs.filter((pair) => pair.setup === setup && pair.workload === workload)
      const us = (side: 'on' | 'off'): string => median(own.map((pair) => pair[side].cpuUs)).toFixed(2)
      return [
        SETUPS[setup].what,
        workload,
        ratio(own.map(({ on, off }) => on.perSecond / off.perSecond)),
        ratio(own.map(({ on, off }) => on.cpuUs / off.cpuUs)),
        us('off'),
        us('on'),
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

function commandLine({ pairs, calls, depth, setups }: Options): string {
  const flags = Object.entries({ pairs, calls, depth })
    .filter(([name, value]) => DEFAULTS[name as keyof typeof DEFAULTS] !== value)
    .map(([name, value]) => ` --${name} ${value}`)
  if (setups.length < NAMES.length) flags.unshift(` --setups ${setups.join(',')}`)
  return `npm run bench:observability${flags.length === 0 ? '' : ` --${flags.join('')}`}`
}

const exitCode = readArguments(command, process.argv.slice(2), undefined)
if (exitCode !== undefined) process.exitCode = exitCode
else {
  const options = command.opts<Options>()
  const figures = rows(await measure(options), options.setups)
  const table = new Table({ head: HEAD, style: { head: [], border: [] } })
  table.push(...figures)
  console.log(table.toString())
  if (options.document === true) {
    const { date, node, processors, server } = describeEnvironment('')
    const made = `\`${commandLine(options)}\`, ${options.depth} calls in flight, ${options.pairs} pairs of slices of ${options.calls} calls; ${server}, Node ${node}, ${processors}; ${date.slice(0, 10)}`
    const text = readFileSync(DOCUMENT, 'utf8')
    writeFileSync(DOCUMENT, fillPlaces(text, { observability: `${made}:\n\n${markdownTable(HEAD, figures)}` }))
    console.log(`${DOCUMENT} has these figures`)
  }
}
