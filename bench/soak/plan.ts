import type { Fault } from 'ioredis-sentinel/testkit'

/** How often each fault comes, in shares. Those that are over soonest come most, so that many fit into few minutes. */
export const FAULT_SHARES: Readonly<Record<Fault, number>> = {
  manual: 38,
  kill: 32,
  freeze: 7,
  partition: 4,
  peers: 4,
  'primary-and-sentinel': 3,
  restart: 3,
  'replica-kill': 2,
  'replica-freeze': 2,
  'replica-partition': 2,
  'sentinel-kill': 2,
  'all-sentinels': 2
}

export interface PlannedStep {
  /** Counted from 1. */
  readonly step: number
  readonly fault: Fault
  /** How long the load runs before the fault, in milliseconds. */
  readonly leadMs: number
}

/** The same seed and faults give the same steps, for ever. */
export function* planSteps(seed: number, faults: readonly Fault[]): Generator<PlannedStep, never> {
  const random = mulberry32(seed)
  const total = faults.reduce((sum, fault) => sum + FAULT_SHARES[fault], 0)
  for (let step = 1; ; step += 1) {
    let ticket = random() * total
    const fault = faults.find((one) => (ticket -= FAULT_SHARES[one]) < 0) ?? faults[0]
    if (fault === undefined) throw new RangeError('planSteps: there is no fault to choose from')
    yield { step, fault, leadMs: Math.round(200 + random() * 400) }
  }
}

/** Mulberry32, a generator of 32 bits of state by Tommy Ettinger: good enough to mix faults, and the same everywhere. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
