import { parentPort, workerData } from 'node:worker_threads'
import { runReal } from '../real/run-real.js'
import type { Outcome } from '../schedule.js'
import { runThin } from '../thin/run-thin.js'
import type { Job } from './job.js'
import { add, emptyTally } from './job.js'

const { client, from, step, count, wholeStory, stopAtFirst } = workerData as Job

/** A promotion is confirmed, and a claim verified, within this in the thin client; the real one has a constant. */
const CONFIRM_WITHIN_MS = 800
const LAST_LINES = 40
/** After these there is enough to look at. */
const MOST_FAILURES = 20

const options = {
  keepLines: wholeStory ? Infinity : LAST_LINES,
  confirmWithinMs: CONFIRM_WITHIN_MS,
  flowWithinMs: client === 'real' ? 9_000 : 5_000
}

const tally = emptyTally()
for (let i = 0; i < count; i++) {
  const seed = from + i * step
  const outcome: Outcome = client === 'real' ? await runReal(seed, options) : runThin(seed, options)
  add(tally, outcome)
  if (wholeStory) parentPort?.postMessage({ story: outcome })
  if (stopAtFirst && outcome.violations.length > 0) break
  if (tally.failures.length >= MOST_FAILURES) break
}
parentPort?.postMessage({ tally })
