/**
 * `npm run bench:failover`: this client and its peers through every fault, side by side. `--help` tells the flags;
 * docs/failover.md what came of it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { partitionSupport } from 'ioredis-sentinel/testkit'
import { troubleOf } from './catalogue.js'
import { fillDocument } from './document.js'
import { describeEnvironment } from '../environment.js'
import { Lane } from './lane.js'
import { type BenchOptions, parseOptions } from './options.js'
import { buildPrograms } from '../programs.js'
import { makeReport } from './report.js'
import { readReport, writeReport } from './report-files.js'
import { ResultsFile } from './results-file.js'
import type { Job } from './run-once.js'
import { remaining, schedule } from './schedule.js'
import { terminalTable } from './tables.js'

const DOCUMENTS = ['docs/failover.md', 'README.md'] as const
const DOCUMENTED_IN = 'docs/failover'
const TOPOLOGY =
  '1 primary, 2 replicas, 3 sentinels, each a process of its own on this machine; down-after-milliseconds 1000, failover-timeout 10000'
const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const
/** How often a run is tried that fails, or in which something else happens than was asked for. */
const MOST_TRIES = { disturbed: 20, failed: 2 } as const

async function measureAll(options: BenchOptions): Promise<number> {
  const support = await partitionSupport()
  const impossible = support.available ? [] : options.faults.filter((fault) => troubleOf(fault).dropsPackets)
  if (impossible.length > 0 && !support.available) {
    console.error(`error: ${impossible.join(', ')} cannot be done here: ${support.reason}`)
    return EXIT.usage
  }
  const results = new ResultsFile(options.out, options.resume)
  const jobs = remaining(schedule(options), results.measurements)
  const programs = await buildPrograms({
    lane: new URL('lane-main.ts', import.meta.url),
    client: new URL('client-main.ts', import.meta.url)
  })
  const lanes = Array.from({ length: Math.min(options.lanes, jobs.length) }, () => new Lane(programs))
  const stop = new AbortController()
  const interrupted = (): void => {
    stop.abort()
    for (const lane of lanes) void lane.end()
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)

  const total = jobs.length
  const begun = performance.now()
  let [done, failed] = [0, 0]
  const tell = (job: Job, text: string): void => {
    const seconds = Math.round((performance.now() - begun) / 1000)
    console.error(`${seconds} s  ${done}/${total}  round ${job.round + 1}  ${job.fault}  ${job.client}: ${text}`)
  }
  const work = async (lane: Lane): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined && !stop.signal.aborted; job = jobs.shift()) {
      const again = (message: string): void => {
        tell(job, `made again: ${message}`)
      }
      const words = await measure(lane, job, results, again).catch((error: unknown) => {
        if (!stop.signal.aborted) throw error
      })
      if (words === undefined || stop.signal.aborted) return
      done += 1
      if (words.failed) failed += 1
      tell(job, words.text)
    }
  }
  await Promise.all(lanes.map(work))
  await Promise.all(lanes.map((lane) => lane.end()))
  programs.remove()
  if (stop.signal.aborted) {
    console.error(`interrupted: what was measured stands in ${results.path}; --resume goes on with it`)
    return EXIT.interrupted
  }
  const report = makeReport(results.measurements, options, describeEnvironment(TOPOLOGY))
  writeReport(report, options.out)
  console.log(terminalTable(report))
  return failed > 0 ? EXIT.failed : EXIT.ok
}

interface Words {
  readonly failed: boolean
  readonly text: string
}

async function measure(lane: Lane, job: Job, results: ResultsFile, onAgain: (message: string) => void): Promise<Words> {
  const tries = { disturbed: 0, failed: 0 }
  for (;;) {
    const answer = await lane.measure(job)
    if (answer.kind === 'measured') {
      results.append(answer.measurement)
      const { afterPromotionMs, writeGapMs, longestReadMs, readsBackMs, lost, tookMs } = answer.measurement
      const first = afterPromotionMs === undefined ? '' : `first ack ${afterPromotionMs ?? 'never'} ms, `
      const back = readsBackMs === undefined ? '' : `, reads back after ${readsBackMs ?? 'never'} ms`
      const reads = `longest read ${longestReadMs ?? 'never'} ms${back}`
      return { failed: false, text: `${first}gap ${writeGapMs} ms, ${reads}, lost ${lost}; took ${tookMs} ms` }
    }
    tries[answer.kind] += 1
    if (tries[answer.kind] >= MOST_TRIES[answer.kind]) {
      return { failed: true, text: `given up after ${tries[answer.kind]} tries: ${answer.message}` }
    }
    onAgain(answer.message)
  }
}

function render(path: string): number {
  const report = readReport(path)
  writeReport(report, DOCUMENTED_IN)
  const unexplained = new Set<string>()
  for (const document of DOCUMENTS) {
    const filled = fillDocument(readFileSync(document, 'utf8'), report)
    writeFileSync(document, filled.text)
    for (const line of filled.unexplained) unexplained.add(line)
  }
  console.log(`${[...DOCUMENTS, DOCUMENTED_IN].join(', ')} are made from ${path}`)
  for (const line of unexplained) console.error(`not explained in bench/failover/explanations.ts: ${line}`)
  return unexplained.size > 0 ? EXIT.failed : EXIT.ok
}

const parsed = parseOptions(process.argv.slice(2))
if (!parsed.ok) process.exitCode = parsed.exitCode
else if (parsed.options.render === undefined) process.exitCode = await measureAll(parsed.options)
else process.exitCode = render(parsed.options.render)
