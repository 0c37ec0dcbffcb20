import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Environment } from '../../bench/environment.js'
import { LIBRARY_NAMES, type LibraryName } from './catalogue.js'

/** As scripts/lib/vitest-results-reporter.mjs writes it. */
export interface Result {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly note?: string
  /** What the test injected, in order. */
  readonly faults?: readonly string[]
  /** In the test itself, without the start of its servers. */
  readonly ms?: number
}

/** A test file, once. */
export interface Run {
  readonly passed: boolean
  readonly faults: readonly string[]
  readonly ms: number
  /** What failed or was skipped, by its name, and why. */
  readonly notPassed: readonly Pick<Result, 'name' | 'state' | 'note'>[]
}

export interface LibraryRuns {
  /** In the order of the catalogue's packages. */
  readonly versions: readonly string[]
  readonly runs: readonly Run[]
}

export interface Results {
  readonly environment: Environment
  readonly libraries: Partial<Readonly<Record<LibraryName, LibraryRuns>>>
}

/** A run passed when nothing in it failed, and something passed: that nothing was left behind is not enough. */
export function runOf(ofTests: readonly Result[], leftBehind: Result): Run {
  const results = [...ofTests, leftBehind]
  return {
    passed: results.every(({ state }) => state !== 'failed') && ofTests.some(({ state }) => state === 'passed'),
    faults: results.flatMap(({ faults = [] }) => faults),
    ms: Math.round(results.reduce((sum, { ms = 0 }) => sum + ms, 0)),
    notPassed: results
      .filter(({ state }) => state !== 'passed')
      .map(({ name, state, note }) => ({ name, state, ...(note === undefined ? {} : { note }) }))
  }
}

/** New results, and what there was of other libraries; in the order of the catalogue. */
export function merged(before: Results | undefined, now: Results): Results {
  const all = { ...before?.libraries, ...now.libraries }
  const libraries = Object.fromEntries(
    LIBRARY_NAMES.flatMap((name) => {
      const runs = all[name]
      return runs === undefined ? [] : [[name, runs]]
    })
  )
  return { ...now, libraries }
}

/** One line for each run. */
export function writeResults(path: string, { libraries, ...rest }: Results): void {
  const lists = Object.entries(libraries).map(([name, { versions, runs }]) => {
    const lines = runs.map((run) => `        ${JSON.stringify(run)}`).join(',\n')
    return `    "${name}": {\n      "versions": ${JSON.stringify(versions)},\n      "runs": [\n${lines}\n      ]\n    }`
  })
  const head = JSON.stringify(rest, undefined, 2).replace(/\n\}$/, '')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${head},\n  "libraries": {\n${lists.join(',\n')}\n  }\n}\n`)
}

/** @throws Error naming the file when it cannot be read or holds no results. */
export function readResults(path: string): Results {
  let results: Partial<Results>
  try {
    results = JSON.parse(readFileSync(path, 'utf8')) as Partial<Results>
  } catch (error) {
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
  const { environment, libraries } = results
  if (environment === undefined || libraries === undefined)
    throw new Error(`${path} holds no results of test:libraries: environment and libraries are expected`)
  return { environment, libraries }
}
