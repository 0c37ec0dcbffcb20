/**
 * `npm run bench:throughput`: calls a second, CPU time, latency and garbage of this client and its peers, side by side. `--help`
 * tells the flags; docs/performance.md what came of it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { startTopology } from 'ioredis-sentinel/testkit'
import { describeEnvironment } from '../environment.js'
import { buildPrograms } from '../programs.js'
import { fillDocument } from './document.js'
import { fill } from './load-clients.js'
import { measureAll } from './measure.js'
import { commandOf, parseOptions, type ThroughputOptions } from './options.js'
import { describePlacement, place, placement } from './placement.js'
import { readReport, writeReport } from './report-files.js'
import { terminalTable } from './tables.js'

const DOCUMENT = 'docs/performance.md'
const DOCUMENTED_IN = 'docs/performance'
const TOPOLOGY = '1 primary, 2 replicas, 3 sentinels, each a process of its own on this machine'

async function measure(options: ThroughputOptions): Promise<void> {
  const programs = await buildPrograms({ load: new URL('load-main.ts', import.meta.url) })
  const placed = placement()
  try {
    await using topology = await startTopology({ replicas: 2, sentinels: 3 })
    const primary = await topology.primary()
    const others = [...topology.nodes, ...topology.sentinels].filter((server) => server !== primary)
    if (placed !== undefined) move([primary], placed.primary)
    await fill(primary.address)
    const begun = performance.now()
    const runs = await measureAll(topology, programs, options, {
      processors: placed?.client,
      beforeLoad: (atEase) => {
        if (placed !== undefined) move(others, atEase ? placed.othersAtEase : placed.othersAtWork)
      },
      tell: (text) => {
        console.error(`${Math.round((performance.now() - begun) / 1000)} s  ${text}`)
      }
    })
    const { rounds, ms, clients, workloads } = options
    const settings = { command: commandOf(options), rounds, ms, clients, workloads }
    const report = {
      environment: { ...describeEnvironment(TOPOLOGY), placement: describePlacement(placed) },
      settings,
      runs
    }
    writeReport(report, options.out)
    console.log(terminalTable(report))
  } finally {
    programs.remove()
  }
}

function move(servers: readonly { readonly pid: number | undefined }[], processors: string): void {
  for (const { pid } of servers) if (pid !== undefined) place(pid, processors)
}

function render(path: string): void {
  const report = readReport(path)
  writeReport(report, DOCUMENTED_IN)
  writeFileSync(DOCUMENT, fillDocument(readFileSync(DOCUMENT, 'utf8'), report))
  console.log(`${DOCUMENT} and ${DOCUMENTED_IN} are made from ${path}`)
}

const parsed = parseOptions(process.argv.slice(2))
if (!parsed.ok) process.exitCode = parsed.exitCode
else if (parsed.options.render === undefined) await measure(parsed.options)
else render(parsed.options.render)
