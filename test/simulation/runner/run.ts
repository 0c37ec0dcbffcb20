import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Outcome } from '../schedule.js'
import { bundle } from './bundle.js'
import type { ClientKind, Job, Tally } from './job.js'
import { addAll, emptyTally } from './job.js'
import type { Mutation } from './mutations.js'

export interface RunOptions {
  readonly client: ClientKind
  readonly from: number
  readonly seeds: number
  readonly mutation?: Mutation | undefined
  readonly stopAtFirst?: boolean | undefined
  /** Worker threads; as many as there are cores by default. */
  readonly threads?: number | undefined
}

/** Runs many schedules on all cores. The same options give the same tally, save with `stopAtFirst`. */
export async function simulate(options: RunOptions): Promise<Tally> {
  const threads = Math.min(options.threads ?? availableParallelism(), options.seeds)
  const made = await bundle(options.mutation)
  try {
    const jobs = Array.from({ length: threads }, (_, index) => ({
      client: options.client,
      from: options.from + index,
      step: threads,
      count: Math.floor((options.seeds - index + threads - 1) / threads),
      wholeStory: false,
      stopAtFirst: options.stopAtFirst === true
    }))
    const tallies = await Promise.all(jobs.map((job) => work(made.file, job)))
    const total = emptyTally()
    for (const { tally } of tallies) addAll(total, tally)
    total.failures.sort((a, b) => a.seed - b.seed)
    return total
  } finally {
    made.remove()
  }
}

/** One schedule again, with all that happened in it. */
export async function replay(client: ClientKind, seed: number, mutation?: Mutation): Promise<Outcome> {
  const made = await bundle(mutation)
  try {
    const { story } = await work(made.file, {
      client,
      from: seed,
      step: 1,
      count: 1,
      wholeStory: true,
      stopAtFirst: false
    })
    if (story === undefined) throw new Error(`seed ${seed} told nothing`)
    return story
  } finally {
    made.remove()
  }
}

function work(file: string, job: Job): Promise<{ tally: Tally; story: Outcome | undefined }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: job })
    let story: Outcome | undefined
    let tally: Tally | undefined
    worker.on('message', (message: { story?: Outcome; tally?: Tally }) => {
      story = message.story ?? story
      tally = message.tally ?? tally
    })
    worker.on('error', reject)
    worker.on('exit', (code) => {
      if (tally === undefined) reject(new Error(`the worker ended with exit code ${code} and no result`))
      else resolve({ tally, story })
    })
  })
}

/** A failing schedule in words: its number, what broke, and the last that happened. */
export function describeFailure(
  { seed, hash, violations, lastLines }: Outcome,
  client: ClientKind,
  mutation?: Mutation
): string {
  const bug = mutation === undefined ? '' : ` --mutate ${mutation.name}`
  return [
    `seed ${seed} (${client}, trace ${hash}) breaks ${[...new Set(violations.map(({ rule }) => rule))].join(', ')}:`,
    ...violations.slice(0, 5).map(({ at, rule, what }) => `  at ${at.toFixed(2)} ms ${rule}: ${what}`),
    'the last that happened:',
    ...lastLines.slice(-40).map((line) => `  ${line}`),
    `again: npm run simulate -- --client ${client} --seed ${seed}${bug}`
  ].join('\n')
}
