import { type LocalTopology, partitionSupport, startTopology } from 'ioredis-sentinel/testkit'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PACKET_FAULTS } from '../faults.js'
import { CONNECTION_NAME } from './fleet.js'
import type { SoakOptions } from './options.js'
import { planSteps } from './plan.js'
import { FEWEST_SAMPLES, judgeFlatness, type Trend } from './resources/flatness.js'
import { hasten, runStep, type StepResult } from './step.js'
import { WorkerLink } from './worker-link.js'

export interface SoakReport {
  readonly options: SoakOptions
  /** When it ended: milliseconds since 1970. */
  readonly endedAt: number
  readonly tookMs: number
  readonly failovers: number
  readonly steps: readonly StepResult[]
  /** Empty when there were too few steps to say anything of slopes. */
  readonly trends: readonly Trend[]
  /** Why it failed, with the step it happened in; empty when it passed. */
  readonly failures: readonly SoakFailure[]
}

export interface SoakFailure {
  /** 0: at the end, or of the run as a whole. */
  readonly step: number
  readonly what: string
}

/** Failovers follow each other quickly when a failed one is tried again after twice this. */
const FAILOVER_TIMEOUT_MS = 3_000

/**
 * One topology, one process of clients, and faults one after the other until the primary has moved often enough. `onStep` is
 * told each step when it is over.
 */
export async function runSoak(
  options: SoakOptions,
  onStep: (step: StepResult, failovers: number) => void = () => undefined
): Promise<SoakReport> {
  const startedAt = Date.now()
  const faults = await possible(options.faults)
  const steps: StepResult[] = []
  const failures: SoakFailure[] = []
  const objectsEvery = Math.max(2, Math.ceil(options.failovers / 20))
  let failovers = 0
  await using topology = await startTopology({
    replicas: 2,
    sentinels: 3,
    downAfterMs: options.downAfterMs,
    failoverTimeoutMs: FAILOVER_TIMEOUT_MS
  })
  await hasten(topology)
  await using worker = new WorkerLink()
  await worker.ask('start', { name: topology.name, sentinels: topology.sentinelAddresses, plant: options.plant })
  const fail = (step: number, what: string): void => {
    failures.push({ step, what })
  }
  for (const planned of planSteps(options.seed, faults)) {
    if (failovers >= options.failovers || (options.bail && failures.length > 0)) break
    if (Date.now() - startedAt > options.minutes * 60_000) break
    try {
      const objects = planned.step % objectsEvery === 0
      const result = await runStep(topology, worker, planned, objects)
      failovers += result.promotions.length
      steps.push(result)
      for (const violation of result.violations) fail(planned.step, `${planned.fault}: ${violation}`)
      onStep(result, failovers)
      if (result.violations.length > 0) await keepLogs(topology, planned.step, options.out)
    } catch (error) {
      await keepLogs(topology, planned.step, options.out)
      fail(planned.step, `${planned.fault}: ${error instanceof Error ? error.message : String(error)}`)
      break
    }
  }
  await endWorker(topology, worker, (what) => {
    fail(0, what)
  })
  const trends = flatness(steps)
  for (const { resource, perFailover, mostPerFailover, values, flat } of trends) {
    if (!flat)
      fail(
        0,
        `${resource} grows by ${perFailover.toFixed(2)} a failover; at most ${mostPerFailover.toFixed(2)} is allowed (${someOf(values)})`
      )
  }
  return { options, endedAt: Date.now(), tookMs: Date.now() - startedAt, failovers, steps, trends, failures }
}

const MOST_TOLD = 12

function someOf(values: readonly number[]): string {
  return values.length <= MOST_TOLD ? values.join(', ') : `…, ${values.slice(-MOST_TOLD).join(', ')}`
}

/** What the servers said up to a step that went wrong. */
async function keepLogs(topology: LocalTopology, step: number, out: string | undefined): Promise<void> {
  if (out === undefined) return
  const folder = join(out, `step-${step}`)
  await mkdir(folder, { recursive: true })
  for (const server of [...topology.nodes, ...topology.sentinels]) {
    await writeFile(join(folder, `${String(server).replace(/[ :]/g, '-')}.log`), server.logs())
  }
}

/** Without root there are no partitions: they are left out, unless nothing is left then. */
async function possible(faults: SoakOptions['faults']): Promise<SoakOptions['faults']> {
  const wanted = faults.filter((fault) => PACKET_FAULTS.has(fault))
  if (wanted.length === 0) return faults
  const support = await partitionSupport()
  if (support.available) return faults
  const rest = faults.filter((fault) => !PACKET_FAULTS.has(fault))
  if (rest.length === 0) throw new Error(`none of these faults can be made on this machine: ${support.reason}`)
  return rest
}

function flatness(steps: readonly StepResult[]): readonly Trend[] {
  let failovers = 0
  const samples = steps.map(({ promotions, resources }) => ({ failovers: (failovers += promotions.length), resources }))
  return samples.length < FEWEST_SAMPLES ? [] : judgeFlatness(samples)
}

/** The process must end by itself, say nothing on its error output, and leave no connection behind. */
async function endWorker(topology: LocalTopology, worker: WorkerLink, fail: (what: string) => void): Promise<void> {
  try {
    const code = await worker.end()
    if (code === undefined) fail('the process did not end by itself after its clients were closed')
    else if (code !== 0) fail(`the process with the clients ended with exit code ${code}`)
    if (worker.stderr !== '') fail(`the process with the clients said: ${worker.stderr.trim()}`)
    const left = await connectionsLeft(topology)
    if (left > 0) fail(`${left} connections are left at the servers`)
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  }
}

async function connectionsLeft(topology: LocalTopology): Promise<number> {
  const servers = [...topology.nodes, ...topology.sentinels].filter((server) => server.healthy)
  const lists = await Promise.all(servers.map((server) => server.command('CLIENT', 'LIST')))
  const ours = new RegExp(` name=(${CONNECTION_NAME}|ioredis-sentinel) `)
  return lists.flatMap((list) => String(list).split('\n')).filter((line) => ours.test(line)).length
}
