import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watchForInterruption } from '../lib/interruption.mjs'
import { checkNothingLeftBehind } from '../lib/left-behind.mjs'
import { ROOT } from '../lib/root.mjs'
import { say } from '../lib/say.mjs'
import { runProject } from '../lib/test-parts.mjs'
import { LIBRARIES, type LibraryName, testFileOf } from './catalogue.js'
import { type LibraryRuns, type Result, type Run, runOf } from './results.js'
import { runLine } from './report.js'

type AllRuns = Readonly<Partial<Record<LibraryName, LibraryRuns>>>

/**
 * Tests each library, then each again, whatever fails. What there is so far is told after each run. A signal ends it, and the run
 * that it cut short does not count.
 */
export async function runLibraries(
  names: readonly LibraryName[],
  repeat: number,
  soFar: (runs: AllRuns) => void
): Promise<{ readonly runs: AllRuns; readonly cutShortBy: string | undefined }> {
  const interruption = watchForInterruption()
  let runs: AllRuns = {}
  try {
    for (let round = 1; round <= repeat; round += 1) {
      for (const name of names) {
        const run = await runOnce(name)
        const { signal } = interruption
        if (signal !== undefined) return { runs, cutShortBy: signal }
        say(runLine(name, round, repeat, run))
        const before = runs[name] ?? { versions: LIBRARIES[name].packages.map(versionOf), runs: [] }
        runs = { ...runs, [name]: { ...before, runs: [...before.runs, run] } }
        soFar(runs)
      }
    }
    return { runs, cutShortBy: undefined }
  } finally {
    interruption.stop()
  }
}

async function runOnce(name: LibraryName): Promise<Run> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ioredis-sentinel-libraries-')))
  try {
    const ofTests = (await runProject('live', [testFileOf(name)], folder)) as Result[]
    return runOf(ofTests, (await checkNothingLeftBehind(folder)) as Result)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function versionOf(name: string): string {
  const path = join(ROOT, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version.replace(/^v/, '')
}
