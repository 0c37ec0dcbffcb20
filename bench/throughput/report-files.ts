import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../environment.js'
import type { ThroughputOptions } from './options.js'
import { reportPage } from './page.js'
import type { Runs } from './results.js'

/** Everything that tables, page and documents are made from. */
export interface Report {
  readonly environment: Environment & {
    /** Which processors the servers and the client ran on, in words. */
    readonly placement: string
  }
  readonly settings: Settings
  readonly runs: Runs
}

export interface Settings extends Pick<ThroughputOptions, 'rounds' | 'ms' | 'clients' | 'workloads'> {
  readonly command: string
}

/** The results as JSON, a line for each run, and as a page with plots. */
export function writeReport(report: Report, directory: string): void {
  mkdirSync(directory, { recursive: true })
  const { runs, ...rest } = report
  const head = JSON.stringify(rest, undefined, 2).replace(/\n\}$/, '')
  const lists = Object.entries(runs).map(([name, list]: [string, readonly object[]]) => {
    return `    "${name}": [\n${list.map((run) => `      ${JSON.stringify(run)}`).join(',\n')}\n    ]`
  })
  writeFileSync(join(directory, 'throughput.json'), `${head},\n  "runs": {\n${lists.join(',\n')}\n  }\n}\n`)
  writeFileSync(join(directory, 'throughput.html'), reportPage(report))
}

/** @throws Error naming the file when it cannot be read or holds no results. */
export function readReport(path: string): Report {
  let report: Partial<Report>
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as Partial<Report>
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
  const { environment, settings, runs } = report
  if (environment === undefined || settings === undefined || runs === undefined)
    throw new Error(`${path} holds no results of bench:throughput: environment, settings and runs are expected`)
  return { environment, settings, runs }
}
