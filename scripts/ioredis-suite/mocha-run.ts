import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export type State = 'passing' | 'pending' | 'failing'

export interface Case {
  /** Relative to the suite's folder. */
  readonly file: string
  /** Of all its suites and its own; the second of the same name has ` (2)` behind it. */
  readonly title: string
  readonly state: State
  readonly error: string
}

export interface MochaRun {
  readonly suite: string
  /** Below the suite's folder. */
  readonly files: readonly string[]
  readonly reportFile: string
  readonly required: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly grep: string | undefined
  /** Undefined: the suite's own. */
  readonly timeoutMs: number | undefined
}

interface Report {
  readonly passes: readonly Reported[]
  readonly pending: readonly Reported[]
  readonly failures: readonly Reported[]
}

interface Reported {
  readonly file?: string
  readonly fullTitle: string
  readonly err: { readonly message?: string }
}

/** As the suite's own script `test:js`, but for the reporter. Rejects when mocha gave no report. */
export async function runMocha(run: MochaRun): Promise<readonly Case[]> {
  const { suite, files, reportFile, required, environment, grep, timeoutMs } = run
  const words = [
    join(suite, 'node_modules/mocha/bin/mocha.js'),
    '--no-experimental-strip-types',
    ...required.flatMap((file) => ['--require', file]),
    ...['--reporter', 'json', '--reporter-option', `output=${reportFile}`],
    ...(grep === undefined ? [] : ['--grep', grep]),
    ...(timeoutMs === undefined ? [] : ['--timeout', String(timeoutMs)]),
    'test/helpers/*.ts',
    ...files
  ]
  const env = { ...process.env, TS_NODE_TRANSPILE_ONLY: 'true', NODE_ENV: 'test', ...environment }
  const output: string[] = []
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, words, { cwd: suite, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(String(chunk)))
    child.once('error', reject)
    child.once('close', resolve)
  })
  let report: Report
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report
  } catch {
    throw new Error(`mocha ended with exit code ${code} and no report:\n${output.join('').slice(-4_000)}`)
  }
  return casesIn(report, suite)
}

function casesIn({ passes, pending, failures }: Report, suite: string): Case[] {
  const seen = new Map<string, number>()
  const asCases = (reported: readonly Reported[], state: State): Case[] =>
    reported.map(({ file, fullTitle, err }) => {
      const key = `${file} ${fullTitle}`
      const count = (seen.get(key) ?? 0) + 1
      seen.set(key, count)
      const title = count === 1 ? fullTitle : `${fullTitle} (${count})`
      return { file: file === undefined ? '(a hook)' : relative(suite, file), title, state, error: err.message ?? '' }
    })
  return [...asCases(passes, 'passing'), ...asCases(pending, 'pending'), ...asCases(failures, 'failing')]
}
