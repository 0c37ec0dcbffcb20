import type { LocalNode, LocalTopology } from 'ioredis-sentinel/testkit'
import { injectFault } from 'ioredis-sentinel/testkit'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../../src/testkit/wait-until.js'
import { MOVING_FAULTS } from '../faults.js'
import { announcedIn, unseenPromotions } from './oracle/announced.js'
import { readFinalState, sweep } from './oracle/final-state.js'
import { type Judgement, judge } from './oracle/judge.js'
import type { PlannedStep } from './plan.js'
import type { ResourceSample } from './resources/census.js'
import type { WorkerLink } from './worker-link.js'

export interface StepResult extends PlannedStep, Judgement {
  /** Milliseconds from the fault to each promotion: one, or more when a busy machine lets sentinels believe that the new one is down. */
  readonly promotions: readonly number[]
  readonly tookMs: number
  readonly resources: ResourceSample
}

/**
 * How often sentinels do what they do, in milliseconds; by themselves they take 1 to 10 s for each. A replica whose last INFO is
 * older than 5 ping-periods is not promoted, and INFO comes every second then (`sentinelSelectSlave()`). One whose machine is too busy to
 * let it run for 2 s would distrust its clock for 30 s (TILT): too busy is what this machine is.
 */
const PERIODS = {
  'info-period': 500,
  // A sentinel that has not heard of a promotion for four of these undoes it.
  'publish-period': 1_000,
  'ping-period': 500,
  'ask-period': 200,
  'tilt-trigger': 10_000,
  'tilt-period': 2_000
}

/** Acks that each ledger must have before the fault, after it, and after what was broken is whole again. */
const ACKS = 3
const FLOW_WITHIN_MS = 90_000
const SETTLED_WITHIN_MS = 90_000
/** How long a fault that moves nothing lasts. */
const LASTS_MS = 700

/**
 * One fault under load: load, fault, recovery, repair, calm, judgement, census (of objects too, when `objects`).
 *
 * @throws Error when writes do not flow again, or the topology does not settle.
 */
export async function runStep(
  topology: LocalTopology,
  worker: WorkerLink,
  { step, fault, leadMs }: PlannedStep,
  objects: boolean
): Promise<StepResult> {
  const startedAt = Date.now()
  const before = await topology.primary()
  const watch = topology.watchPromotions()
  const flow = (): Promise<null> => worker.ask('flow', { acks: ACKS, withinMs: FLOW_WITHIN_MS })
  await worker.ask('begin', { step })
  await flow()
  await sleep(leadMs)
  const { at: faultAt, heal } = await injectFault(topology, fault)
  if (MOVING_FAULTS.has(fault)) await another(topology, before)
  else await sleep(LASTS_MS)
  await flow()
  await heal()
  await hasten(topology)
  await topology.settled(SETTLED_WITHIN_MS)
  await flow()
  const record = await worker.ask('finish', null)
  watch.stop()
  const state = await readFinalState(await topology.primary())
  const consumed = await worker.ask('consumed', { left: state.left })
  const seen = watch.promotions
  const announced = topology.sentinels.flatMap((sentinel) => announcedIn(sentinel.logs(), startedAt))
  const unseen = unseenPromotions(
    announced,
    seen.map(({ node }) => node.address)
  )
  const promotions = [...seen.map(({ at }) => at), ...unseen].sort((one, other) => one - other)
  const judgement = judge({ promotions, record, state, consumed })
  await sweep(topology)
  const resources = await worker.ask('sample', { objects })
  return {
    step,
    fault,
    leadMs,
    ...judgement,
    promotions: promotions.map((at) => Math.round(at - faultAt)),
    tookMs: Date.now() - startedAt,
    resources
  }
}

async function another(topology: LocalTopology, before: LocalNode): Promise<void> {
  await waitUntil('another primary', FLOW_WITHIN_MS, async () => {
    const now = await topology.primary()
    return now === before ? { notYet: `the primary is still ${String(before)}` } : { done: now }
  })
}

/** A sentinel that was started anew asks for INFO every 10 s and says hello every 2 s: too seldom for many failovers in a row. */
export async function hasten(topology: LocalTopology): Promise<void> {
  const words = ['SENTINEL', 'DEBUG', ...Object.entries(PERIODS).flat()]
  // Before Redis 7 there is no such command, and it takes longer.
  await Promise.allSettled(topology.sentinels.map((sentinel) => sentinel.command(...words)))
}
