import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkNothingLeftBehind } from './left-behind.mjs'
import { say } from './say.mjs'
import { printSummary } from './summary.mjs'
import { runCheck, runProject } from './test-parts.mjs'

/** Runs the selected checks and vitest projects one after the other, and resolves to the exit code. */
export async function runTests({ checks, projects, vitestArgs }) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ioredis-sentinel-suite-')))
  const interruption = watchForInterruption()
  const parts = []
  const run = async (name, job) => {
    if (interruption.signal !== undefined) return
    say(`\n${name}`)
    const startedAt = performance.now()
    const results = await job()
    parts.push({ name, results, seconds: (performance.now() - startedAt) / 1000 })
  }

  try {
    // Each keeps one core busy, and says nothing while all is well.
    await Promise.all(checks.map((name) => run(name, () => runCheck(name))))
    for (const name of projects) await run(name, () => runProject(name, vitestArgs, folder))
    parts.push({ name: 'suite', results: await suiteResults(parts, folder, interruption.signal), seconds: 0 })
  } finally {
    interruption.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  printSummary(parts)
  return parts.some(({ results }) => results.some(({ state }) => state === 'failed')) ? 1 : 0
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

/** Ctrl-C ends the part that runs; this makes it end the rest too, with the summary still printed. */
function watchForInterruption() {
  const watch = { signal: undefined, stop: () => signals.forEach((signal) => process.off(signal, note)) }
  const note = (signal) => (watch.signal = signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, note)
  return watch
}
