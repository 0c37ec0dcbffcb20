import { setTimeout as sleep } from 'node:timers/promises'
import type { FailoverTimeline } from '../../index.js'
import { formatAddress } from '../address.js'
import type { Moment } from '../report/moments.js'
import { waitFor } from '../wait-for.js'
import { type Budgets, judgeBudgets } from './budgets.js'
import type { DrillFault, FaultProfile } from './faults.js'
import { readFigures, writeFigures } from './figures.js'
import { type Inflicted, inflict, type Scene } from './inflict.js'
import { drillMoments } from './moments.js'
import { DrillError } from './problem.js'
import type { DrillResult } from './result.js'
import type { Traffic } from './traffic.js'

export interface DrillPlan {
  readonly scene: Scene
  readonly profile: FaultProfile
  readonly budgets: Budgets
  readonly traffic: Traffic
  readonly keyTtlMs: number
  readonly hasReads: boolean
  /** How long traffic flows at least, all in all. */
  readonly durationMs: number
  readonly environment: DrillResult['environment']
  readonly onPhase: (phase: string) => void
  readonly onMoment: (moment: Moment) => void
}

/** Undisturbed traffic before the fault, and after all that it led to. */
const STEADY_MS = 1_500
/** What an interrupted drill, and its end, wait for answers. */
const HURRIED_MS = 1_000
/** A call settles by its deadline: down-after + 20 s. */
const DEADLINE_MS = 20_000
const MARGIN_MS = 5_000
const CALL_OFF_MS = 5_000

/** Traffic, the fault, what it leads to, and the verdict. The traffic is stopped when it resolves, and its key is gone. */
export async function runDrill(plan: DrillPlan): Promise<DrillResult> {
  const { scene, traffic, onPhase } = plan
  const { signal, client } = scene
  const startedAt = Date.now()
  const course = new Course(plan)
  let problem: string | undefined
  traffic.start()
  try {
    await course.run()
  } catch (error) {
    if (!signal.aborted) problem = problemOf(error)
  }
  onPhase('stopping')
  const downAfterMs = client.topology.settings?.downAfterMs ?? 0
  await stopTraffic(traffic, downAfterMs + DEADLINE_MS + MARGIN_MS, signal)
  const { report, isComplete } = await traffic.compare(signal.aborted ? HURRIED_MS : scene.target.timeoutMs)
  if (!isComplete && !signal.aborted)
    problem ??= `the primary did not give the list "${traffic.key.name}" back, so nobody knows what is lost`
  const removed = await traffic.remove(signal.aborted ? HURRIED_MS : scene.target.timeoutMs)
  const entries = traffic.writes
  const writes = writeFigures(report, entries, isComplete)
  const reads = plan.hasReads ? readFigures(traffic.reads) : undefined
  const budgets = judgeBudgets(plan.budgets, writes, reads)
  // Calls that an interrupt gave up have not hung.
  const judged = signal.aborted ? budgets.filter(({ budget, was }) => budget !== 'hung' && was !== null) : budgets
  const { inflicted } = course
  const faultAt = faultAtOf(scene.fault, inflicted, traffic.timelines)
  const moments = drillMoments({ course: course.moments, timelines: traffic.timelines, report })
  return {
    name: client.topology.name,
    fault: scene.fault,
    outcome: outcomeOf(
      signal.aborted,
      problem,
      judged.every(({ kept }) => kept)
    ),
    ...(problem !== undefined && { problem }),
    startedAt,
    ...(faultAt !== undefined && { faultAt }),
    ...(inflicted !== undefined && { description: inflicted.description }),
    endedAt: Date.now(),
    budgets: judged,
    writes,
    ...(reads !== undefined && { reads }),
    failovers: traffic.timelines,
    moments,
    key: { name: traffic.key.name, removed, ttlMs: plan.keyTtlMs },
    environment: plan.environment
  }
}

/** An interrupt leaves the calls that wait to the end of their clients. */
async function stopTraffic(traffic: Traffic, limitMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return traffic.stop(HURRIED_MS)
  let hurry = (): void => undefined
  const hurried = new Promise<void>((resolve) => {
    hurry = () => void traffic.stop(HURRIED_MS).then(resolve)
  })
  signal.addEventListener('abort', hurry, { once: true })
  await Promise.race([traffic.stop(limitMs), hurried])
  signal.removeEventListener('abort', hurry)
}

/** Of what somebody else did, only the first sign is known. */
function faultAtOf(
  fault: DrillFault,
  inflicted: Inflicted | undefined,
  timelines: readonly FailoverTimeline[]
): number | undefined {
  return fault === 'wait' ? timelines.find(isMoved)?.startedAt : inflicted?.at
}

function isMoved(timeline: FailoverTimeline): boolean {
  return timeline.outcome === 'moved'
}

function outcomeOf(interrupted: boolean, problem: string | undefined, kept: boolean): DrillResult['outcome'] {
  if (interrupted) return 'interrupted'
  if (problem !== undefined) return 'not-done'
  return kept ? 'kept' : 'exceeded'
}

/** Whatever went wrong on the way is told with what was measured. */
function problemOf(error: unknown): string {
  return error instanceof DrillError ? error.message : String((error as Error).message)
}

/** What runs in another process ends there, called off or carried on. */
async function calledOff({ over }: Inflicted): Promise<void> {
  const late = new AbortController()
  await Promise.race([
    over.catch(() => undefined),
    sleep(CALL_OFF_MS, undefined, { signal: late.signal }).catch(() => undefined)
  ])
  late.abort()
}

/** From the first call to the last. */
class Course {
  readonly moments: Moment[] = []
  inflicted: Inflicted | undefined
  readonly #plan: DrillPlan
  readonly #startedAt = performance.now()

  constructor(plan: DrillPlan) {
    this.#plan = plan
  }

  async run(): Promise<void> {
    const { scene, profile, onPhase, durationMs } = this.#plan
    onPhase('steady traffic')
    await this.#steady(STEADY_MS)
    onPhase(scene.fault === 'wait' ? 'waiting for a failover' : `fault: ${scene.fault}`)
    const inflicted = await inflict(scene)
    this.inflicted = inflicted
    inflicted.over.catch(() => undefined)
    if (scene.fault !== 'wait')
      this.#note({
        at: inflicted.at,
        who: 'drill',
        what: `fault: ${scene.fault}`,
        detail: inflicted.description,
        kind: 'fault'
      })
    try {
      await this.#consequences(inflicted, profile)
    } finally {
      if (scene.signal.aborted) await calledOff(inflicted)
      else await this.#heal(inflicted)
    }
    onPhase('steady traffic')
    await this.#steady(Math.max(STEADY_MS, durationMs - (performance.now() - this.#startedAt)))
  }

  async #consequences({ over, heal }: Inflicted, { leadsTo }: FaultProfile): Promise<void> {
    const { traffic, scene } = this.#plan
    const { withinMs, signal, client } = scene
    const { downAfterMs = 0 } = client.topology.settings ?? {}
    // Its refusal ends the wait.
    const ended = over.then(() => new Promise<never>(() => undefined))
    ended.catch(() => undefined)
    if (leadsTo === 'failover') {
      const failover = `a failover of "${client.topology.name}"`
      await Promise.race([this.#until(failover, () => traffic.timelines.some(isMoved)), ended])
    }
    await over
    await traffic.flows(withinMs, signal)
    await this.#until('the sentinels to agree', () => client.topology.phase.kind === 'stable')
    // What is healed has to be felt before.
    if (heal !== undefined) await this.#steady(leadsTo === 'failover' ? STEADY_MS : downAfterMs + STEADY_MS)
  }

  async #heal({ heal }: Inflicted): Promise<void> {
    const { scene, onPhase } = this.#plan
    if (heal === undefined || scene.local === undefined) return
    onPhase('healing')
    await heal()
    await scene.local.settled(scene.withinMs)
    const primary = formatAddress((await scene.local.primary()).address)
    this.#note({ at: Date.now(), who: 'drill', what: 'healed', detail: `all follow ${primary}`, kind: 'healed' })
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    const { withinMs, signal } = this.#plan.scene
    await waitFor(what, withinMs, signal, condition)
  }

  /** So long, and until calls made after that are answered. */
  async #steady(ms: number): Promise<void> {
    const { signal, withinMs } = this.#plan.scene
    await sleep(ms, undefined, { signal })
    await this.#plan.traffic.flows(withinMs, signal)
  }

  #note(moment: Moment): void {
    this.moments.push(moment)
    this.#plan.onMoment(moment)
  }
}
