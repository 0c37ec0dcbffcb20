import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { watchForInterruption } from './interruption.mjs'
import { checkNothingLeftBehind } from './left-behind.mjs'
import { say } from './say.mjs'
import { makeSuiteFolder } from './suite-folder.mjs'
import { printSummary } from './summary.mjs'
import { runCheck, runProject } from './test-parts.mjs'

/** How many parts run at the same time: most of them keep one core busy. */
const LANES = 2
/** Its tests are about what happens in milliseconds: nothing else may keep a core from them. */
const ALONE = 'live'
/** It waits most of the time, and what it runs has priority over all else: it needs no lane. */
const WAITS = 'kubernetes'
/** It keeps one processor busy for as long as most of the rest together, so it begins first. */
const LONGEST = 'simulation'

/** Runs the selected checks and vitest projects, and resolves to the exit code. */
export async function runTests({ checks, projects, vitestArgs }) {
  const folder = makeSuiteFolder()
  const interruption = watchForInterruption()
  const parts = []
  const run = async ({ name, job }, output) => {
    const startedAt = performance.now()
    const results = await job(output)
    parts.push({ name, results, seconds: (performance.now() - startedAt) / 1000 })
  }
  const aloud = async (part) => {
    say(`\n${part.name}`)
    await run(part)
  }
  // What it says is heard when it is over, and does not mix with what is said beside it.
  const quietly = async (part) => {
    if (interruption.signal !== undefined) return
    const file = join(folder, `${part.name}-output`)
    const output = openSync(file, 'w')
    await run(part, output)
    closeSync(output)
    say(`\n${part.name}\n${readFileSync(file, 'utf8')}`.trimEnd())
  }
  const project = (name) => ({ name, job: (output) => runProject(name, vitestArgs, folder, output) })
  const others = projects.filter((name) => name !== ALONE && name !== WAITS).map(project)
  const together = [...others.filter(({ name }) => name === LONGEST), ...others.filter(({ name }) => name !== LONGEST)]
  const checked = checks.map((name) => ({ name, job: (output) => runCheck(name, output) }))

  try {
    // At the lowest priority: they fill the time in which tests wait for something.
    const beside =
      checked.length + projects.length === 1 ? inTurn(checked, aloud) : inLanes(checked, quietly, ' beside all else')
    const waits = projects.filter((name) => name === WAITS).map(project)
    const first = [...waits, ...together]
    if (first.length === 1) await aloud(first[0])
    else await Promise.all([inTurn(waits, quietly), inLanes(together, quietly)])
    if (projects.includes(ALONE) && interruption.signal === undefined) await aloud(project(ALONE))
    await beside
    parts.push({ name: 'suite', results: await suiteResults(parts, folder, interruption.signal), seconds: 0 })
  } finally {
    interruption.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  printSummary(parts)
  return parts.some(({ results }) => results.some(({ state }) => state === 'failed')) ? 1 : 0
}

async function inTurn(parts, act) {
  for (const part of parts) await act(part)
}

async function inLanes(parts, act, where = '') {
  if (parts.length === 0) return
  say(`${parts.map(({ name }) => name).join(', ')}: ${LANES} at a time${where}, each told when it is over`)
  const next = parts.values()
  const lane = async () => {
    for (const part of next) await act(part)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/** What is true of the whole run only: it was not cut short, it ran something, it left nothing behind. */
async function suiteResults(parts, folder, signal) {
  const leftBehind = await checkNothingLeftBehind(folder)
  const ran = parts.some(({ results }) => results.some(({ state }) => state !== 'skipped'))
  return [
    leftBehind,
    ...(signal === undefined ? [] : [{ name: 'the run', state: 'failed', note: `it was cut short by ${signal}` }]),
    ...(ran ? [] : [{ name: 'the run', state: 'failed', note: 'no test ran' }])
  ]
}
